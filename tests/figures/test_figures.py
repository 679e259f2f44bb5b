"""Figures, judged by their pixels and their alt texts."""

import base64
import io

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

import digitlib
from digitlib import figures
from digitlib.figures import style
from digitlib.handwriting.paper import CONDITIONS
from digitlib.measuring.proportions import proportion
from digitlib.measuring.robustness import Curve
from digitlib.reading.normalize import STEP_NAMES, Step, trace

GENERATOR = np.random.default_rng(0)
DIGIT = np.zeros((28, 28), np.uint8)
DIGIT[4:24, 12:16] = 255


def page():
    page = np.full((90, 120), 220, np.uint8)
    page[20:70, 55:62] = 30
    return page


def history(epochs):
    falling = [1 / (epoch + 1) for epoch in range(epochs)]
    rising = [1 - value / 2 for value in falling]
    return {"loss": falling, "validation_loss": falling, "accuracy": rising, "validation_accuracy": rising}


CURVES = {"training": ([1, 2, 3], [0.5, 0.2, 0.1]), "validation": (np.arange(1, 50), np.arange(1, 50) / 50)}
RELIABILITY = (np.array([np.nan, 0.4, 0.9]), np.array([np.nan, 0.5, 0.9]), np.array([0, 10, 90]))
HALF = proportion([True, False] * 8)


def robustness(count):
    """Curves of two readers under some conditions, and pictures of the strengths."""
    names = list(CONDITIONS)[:count]
    curves = [
        Curve(name, reader, (0, 1), [proportion([True] * 4), HALF]) for name in names for reader in "ab"
    ]
    return curves, {name: np.zeros((2, 8, 8, 3), np.uint8) for name in names}


FIGURES = {
    "lesson_map": figures.lesson_map,
    "photo_to_answer": lambda: figures.photo_to_answer(page(), digitlib.read_digit(page())),
    "picture_grid": lambda: figures.picture_grid([DIGIT] * 3, titles="abc"),
    "pixel_numbers": lambda: figures.pixel_numbers(DIGIT, slice(2, 8), slice(10, 18)),
    "bar_chart": lambda: figures.bar_chart(np.array([3, 1, 2]), "digit", "pictures"),
    "gray_histogram": lambda: figures.gray_histogram({"a page": page(), "a digit": DIGIT}, threshold=120),
    "steps_strip": lambda: figures.steps_strip(trace(page())),
    "probability_bars": lambda: figures.probability_bars(np.full(10, 0.1), DIGIT / 255),
    "kernel_on_patch": lambda: figures.kernel_on_patch(np.eye(5), np.ones((5, 5)) - 2 * np.eye(5)),
    "network_shapes": lambda: figures.network_shapes(
        {
            "picture": DIGIT[..., None] / 255,
            "strokes": GENERATOR.random((24, 24, 24)),
            "scores": np.eye(10)[1],
        }
    ),
    "learning_curves": lambda: figures.learning_curves(history(3)),
    "training_progress": lambda: figures.training_progress(
        {"epoch": [0.5, 1, 1.5], "loss": [2, 1, 0.5], "accuracy": [0.2, 0.7, 0.9]},
        {"epoch": [1], "loss": [0.8], "accuracy": [0.8]},
        epochs=2,
    ),
    "confusion": lambda: figures.confusion(np.diag(np.arange(10)) + np.eye(10, k=1, dtype=int)),
    "confidence_histogram": lambda: figures.confidence_histogram(
        {"digits": GENERATOR.random(50), "letters": GENERATOR.random(50)}, 0.9
    ),
    "line_chart": lambda: figures.line_chart(CURVES, "epoch", "loss", "Two curves.", logarithmic=True),
    "reliability_diagram": lambda: figures.reliability_diagram({"ours": RELIABILITY, "theirs": RELIABILITY}),
    "robustness_curves": lambda: figures.robustness_curves(*robustness(4)),
    "row_pictures": lambda: figures.row_pictures({"plain": page()[20:60], "long": page()[10:40, :100]}),
    "row_steps": lambda: figures.row_steps(page(), np.eye(4)[[0, 2, 2, 0, 3]], ["blank", *"abc"]),
    "sweep_points": lambda: figures.sweep_points(
        {"width 4": (2, [0.9, 0.92])}, "seconds", "accuracy", "seed"
    ),
    "proportion_points": lambda: figures.proportion_points({4: HALF, 7: proportion([True] * 20)}, "digit"),
    "channel_grid": lambda: figures.channel_grid(GENERATOR.normal(size=(5, 5, 24)), "Kernels"),
    "explanations": lambda: figures.explanations(DIGIT / 255, {"saliency": GENERATOR.normal(size=(28, 28))}),
    "map_rows": lambda: figures.map_rows(
        {"epoch 0": GENERATOR.random((9, 9, 8)), "later": np.ones((4, 4, 6))}
    ),
    "digit_map": lambda: figures.digit_map(
        {name: GENERATOR.normal(size=(50, 2)) for name in ("PCA", "t-SNE")}, np.arange(50) % 10, marked=3
    ),
}


def pixels(figure):
    return np.asarray(Image.open(io.BytesIO(figure.png())).convert("RGB")).astype(int)


def has_color(image, color):
    """Whether a colour covers a noticeable part of a picture."""
    wanted = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)])
    return (np.abs(image - wanted).max(axis=2) < 4).sum() > 50


def test_every_figure_is_tried_here():
    assert set(figures.__all__) == set(FIGURES)


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_figure_fits_a_page_and_says_what_it_shows(make):
    figure = make()
    image = pixels(figure)
    assert 100 <= image.shape[1] <= 960, "as wide as a notebook cell at most"
    assert image.shape[0] <= 1200
    assert (image != 255).any()
    assert (figure.alt.endswith(".") and figure.alt[0].isupper()) or figure.alt[0].isdigit()
    assert "  " not in figure.alt and "\n" not in figure.alt


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_letters_can_be_read_from_the_last_row(make):
    figure = make()
    figure.png()
    texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text().strip()]
    assert min((text.get_fontsize() for text in texts), default=12) >= 12


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_letters_stay_inside_the_figure(make):
    figure = make()
    figure.png()
    for axes in figure.axes:
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts):
            if text.get_text():
                box = text.get_window_extent()
                assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
                assert box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1, text.get_text()


def test_same_figure_same_bytes_without_date_or_version():
    first, second = (figures.bar_chart(np.array([3, 1, 2]), "digit", "pictures").png() for _ in range(2))
    assert first == second
    assert b"tEXt" not in first and b"tIME" not in first


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((2, 3), np.uint8), "2 by 3 pixels, all black"),
        (np.full((2, 3, 3), 255, np.uint8), "2 by 3 pixels, all white"),
        (np.full((2, 3), 0.5), "2 by 3 pixels, all gray"),
        (255 - DIGIT, "28 by 28 pixels, dark on light"),
        (DIGIT / 255 - 0.5, "28 by 28 pixels, red above zero and blue below"),
    ],
)
def test_alt_text_says_how_pictures_look(image, words):
    assert figures.picture_grid([image]).alt == f"1 picture: {words}."
    assert (
        figures.picture_grid([image, image], titles=["a", "b\nc"]).alt
        == f"2 pictures, titled a and b c: {words}."
    )


def test_alt_text_of_curves_says_where_they_lead():
    curves = {"ours": ([1, 2, 4], [0.5, 0.9, 0.25]), "theirs": ([1, 2], [1, 2])}
    alt = figures.line_chart(curves, "epoch", "loss").alt
    assert alt == "Line chart of loss against epoch: ours from 0.5 to 0.25 and theirs from 1 to 2."


def test_figure_shows_itself_once_with_its_alt_text():
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            shell.run_cell("from digitlib import figures\nimport numpy\nfigures.picture_grid([numpy.eye(3)])")
    finally:
        InteractiveShell.clear_instance()
    (shown,) = captured.outputs
    assert set(shown.data) == {"image/png", "text/plain"}
    alt = "1 picture: 3 by 3 pixels, light on dark."
    assert shown.metadata == {"image/png": {"alt": alt}}
    assert shown.data["text/plain"] == alt
    assert base64.b64decode(shown.data["image/png"]).startswith(b"\x89PNG")


def test_drawing_leaves_the_readers_settings_alone():
    before = dict(matplotlib.rcParams)
    pixels(FIGURES["learning_curves"]())
    assert dict(matplotlib.rcParams) == before


def test_gray_pictures_keep_their_gray_values():
    image = pixels(figures.picture_grid([np.full((8, 8), 90, np.uint8)]))
    middle = image[image.shape[0] // 2, image.shape[1] // 2]
    assert np.abs(middle - 90).max() <= 1, "90 of 255, not stretched to black or white"


def test_signed_pictures_are_red_above_zero_and_blue_below():
    signed = np.zeros((9, 9))
    signed[:3], signed[6:] = 1, -0.5
    image = pixels(figures.picture_grid([signed]))
    column = image[:, image.shape[1] // 2].astype(int)
    redder = column[:, 0] - column[:, 2]
    red, blue = int(redder.argmax()), int(redder.argmin())
    assert red < blue and redder[red] > 50 and redder[blue] < -50
    assert column[(red + blue) // 2].min() > 230, (
        "zero is white, though the numbers reach further up than down"
    )


def test_pixel_numbers_writes_the_numbers_of_the_frame():
    image = np.arange(100, dtype=np.uint8).reshape(10, 10)
    figure = figures.pixel_numbers(image, slice(2, 4), slice(5, 8))
    written = [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text().isdigit()]
    assert written == ["25", "26", "27", "35", "36", "37"]
    (frame,) = figure.axes[0].patches
    assert frame.get_bbox().bounds == (4.5, 1.5, 3, 2), "around columns 5 to 7 and rows 2 to 3"


def test_bars_are_as_tall_as_their_values():
    values = np.array([30, 10, 20])
    axes = figures.bar_chart(values, "digit", "pictures").axes[0]
    assert [bar.get_height() for bar in axes.patches] == values.tolist()


def test_bars_with_names_are_named_in_the_sentence():
    alt = figures.bar_chart(np.array([30, 10]), "network", "answers", names=["yours", "ours"]).alt
    assert alt == "Bar chart of answers by network: from 10 (network ours) to 30 (network yours)."


def test_probability_bars_mark_the_answer():
    probabilities = np.array([0.05, 0, 0, 0, 0.6, 0, 0, 0, 0, 0.35])
    figure = figures.probability_bars(probabilities)
    assert "4 is first with 60 %, then 9 with 35 %" in figure.alt
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == [5, 0, 0, 0, 60, 0, 0, 0, 0, 35]
    colors = [matplotlib.colors.to_hex(bar.get_facecolor()).upper() for bar in figure.axes[0].patches]
    assert [digit for digit, color in enumerate(colors) if color == style.VERMILLION] == [4]


def test_a_sure_answer_names_no_second_digit():
    probabilities = np.eye(10)[3] * 0.99 + 0.001
    assert figures.probability_bars(probabilities).alt.endswith(
        "3 is first with 99 %, all others are below 5 %."
    )


def test_histogram_counts_like_numpy_and_marks_the_threshold():
    figure = figures.gray_histogram({"page": page()}, threshold=99)
    counts = np.histogram(page(), bins=32, range=(0, 256))[0]
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    np.testing.assert_allclose(heights, 100 * counts / counts.sum())
    share = round(100 * np.mean(page() == 220))
    assert f"page: the tallest bar, 216 to 223, holds {share} % of the pixels." in figure.alt
    assert "A line marks the threshold 99." in figure.alt
    assert has_color(pixels(figure), style.VERMILLION)


def test_steps_are_shown_in_order_with_name_and_note():
    figure = figures.steps_strip(trace(page()))
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == list(STEP_NAMES)
    for axes, step in zip(figure.axes, trace(page()), strict=False):
        assert axes.get_xlabel().replace("\n", " ") == step.note
        np.testing.assert_array_equal(axes.images[0].get_array(), step.image)


def test_learning_curves_tell_when_the_loss_rises():
    worse = {name: values[::-1] for name, values in history(4).items()}
    assert "the loss falls" in figures.learning_curves(history(4)).alt
    assert "the loss does not fall" in figures.learning_curves(worse).alt


def test_learning_curves_of_one_epoch_can_be_drawn():
    assert "over 1 epoch:" in figures.learning_curves(history(1)).alt


def test_confusion_without_errors_names_none():
    figure = figures.confusion(np.eye(10, dtype=int))
    assert figure.alt == "Table of true against read digits: 10 of 10 on the diagonal."
    pixels(figure)


def test_share_points_stand_at_their_values_within_their_intervals():
    figure = figures.proportion_points({"a": HALF, "b": proportion([True] * 20)}, "style")
    axes = figure.axes[0]
    intervals, points = axes.lines[::2], axes.lines[1::2]
    assert [point.get_xdata()[0] for point in points] == [50, 100]
    assert [point.get_ydata()[0] for point in points] == [0, 1]
    np.testing.assert_allclose(intervals[0].get_xdata(), [100 * HALF.low, 100 * HALF.high])
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the first row on top"
    assert figure.alt.endswith("from 50.0 % (style a) to 100.0 % (style b).")


def test_curves_of_few_values_have_markers():
    few, many = figures.line_chart(CURVES, "epoch", "loss", "Two curves.").axes[0].lines
    assert (few.get_marker(), many.get_marker()) == ("o", "None")
    np.testing.assert_array_equal(few.get_ydata(), CURVES["training"][1])


def test_reliability_diagram_leaves_empty_classes_out_and_tells_the_mean_distance():
    figure = figures.reliability_diagram({"ours": RELIABILITY})
    _, *intervals, points = figure.axes[0].lines
    assert len(intervals) == 2
    np.testing.assert_allclose(points.get_ydata()[1:], [50, 90])
    low, high = intervals[0].get_ydata()
    assert low < 50 < high
    assert "ours: on average 1 point above the diagonal" in figure.alt


def test_confidence_histogram_counts_in_per_cent_and_marks_the_limit():
    figure = figures.confidence_histogram({"digits": np.array([0.97, 0.99, 1.0, 0.2])}, 0.95)
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights[-1] == 75 and heights[4] == 25 and sum(heights) == 100
    assert figure.alt.endswith("a line marks 95 %. digits: 75 % reach it.")


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_robustness_curves_show_every_condition_and_reader(count):
    curves, examples = robustness(count)
    figure = figures.robustness_curves(curves, examples)
    charts = [axes for axes in figure.axes if axes.lines]
    assert [axes.get_title() for axes in charts] == [name.replace("_", " ") for name in examples]
    assert all([list(line.get_ydata()) for line in axes.lines] == [[100, 50]] * 2 for axes in charts)
    assert sum(len(axes.images) for axes in figure.axes) == 2 * count
    assert figure.alt.count("a from about 100 % to about 50 % and b from") == count
    assert pixels(figure).shape[1] <= 960


def test_explanations_name_the_place_of_the_strongest_pixel():
    heats = {name: np.zeros((28, 28)) for name in ("first", "second")}
    heats["first"][27, 0], heats["second"][14, 14] = 1, -1
    alt = figures.explanations(DIGIT / 255, heats).alt
    assert "first: strongest at the bottom left (1); second: strongest at the middle centre (-1)" in alt


def shown_limits(figure):
    return [axes.images[0].get_clim()[1] for axes in figure.axes if axes.images]


def test_map_rows_share_the_scale_that_they_say():
    rows = {"before": np.ones((5, 5, 2)) * [1, 2], "after": np.ones((5, 5, 2)) * [4, 8]}
    assert shown_limits(figures.map_rows(rows, "all")) == [8, 8, 8, 8]
    assert shown_limits(figures.map_rows(rows, "row")) == [2, 2, 8, 8]
    assert shown_limits(figures.map_rows(rows, "map")) == [1, 2, 4, 8]
    figure = figures.map_rows(rows, "all")
    assert "white stands for 8.0 in all of them" in figure.get_supxlabel()
    assert figure.alt == "Feature maps in 2 rows, before and after; one scale for all."
    with pytest.raises(ValueError, match="allowed are all, row and map"):
        figures.map_rows(rows, "rainbow")


def test_digit_map_puts_every_digit_where_it_belongs():
    places = np.random.default_rng(0).normal(size=(30, 2))
    figure = figures.digit_map({"PCA": places}, np.arange(30) % 10, marked=7)
    heaps = [np.asarray(heap.get_offsets()) for heap in figure.axes[0].collections]
    for digit in range(10):
        np.testing.assert_allclose(heaps[digit], places[digit::10])
    np.testing.assert_allclose(heaps[10], places[[7]])


def test_explanation_without_any_heat_can_be_drawn():
    pixels(figures.explanations(np.zeros((28, 28)), {"occlusion": np.zeros((28, 28))}))


shapes = st.tuples(st.integers(1, 40), st.integers(1, 40))
gray = shapes.flatmap(lambda shape: arrays(np.uint8, shape))
colored = shapes.flatmap(lambda shape: arrays(np.uint8, (*shape, 3)))
numbers = shapes.flatmap(lambda shape: arrays(np.float32, shape, elements=st.floats(-9, 9, width=32)))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(gray, colored, numbers), min_size=1, max_size=12), st.integers(1, 10))
def test_any_pictures_make_a_grid(images, columns):
    figure = figures.picture_grid(images, columns=columns)
    assert sum(bool(axes.images) for axes in figure.axes) == len(images)
    pixels(figure)


any_steps = st.lists(
    st.builds(Step, st.sampled_from(STEP_NAMES), gray, st.text("abc .", max_size=200)), min_size=1, max_size=7
)


@settings(max_examples=25, deadline=None)
@given(any_steps)
def test_any_steps_make_a_strip(steps):
    pixels(figures.steps_strip(steps))
