"""The list of sample pictures : what is written, how, on what paper, in what light."""

from dataclasses import dataclass

from digitlib.handwriting import camera, paper

PENS = {
    "blue": (44, 60, 140),
    "black": (42, 42, 48),
    "red": (176, 42, 48),
    "green": (34, 110, 70),
    "grey": (104, 104, 108),
    "white": (240, 240, 236),
    "yellow": (244, 218, 96),
}
PAPERS = {
    "warm": (226, 219, 206),
    "grey": (202, 200, 198),
    "bright": (240, 240, 238),
    "screen": (255, 255, 255),
    "yellow": (244, 226, 120),
    "pink": (240, 190, 196),
    "enamel": (218, 222, 226),
    "board": (44, 78, 62),
    "slate": (58, 60, 64),
    "night": (8, 8, 10),
}
# What every photo has a little of.
PHONE = (
    (paper.paper_texture, 0.3),
    (camera.shading, 0.35),
    (camera.vignette, 0.3),
    (camera.noise, 0.07),
    (camera.blur, 0.05),
)
FORM = ((paper.form_box, 0.9),)
TABLE = ((paper.table_lines, 0.9),)


@dataclass(frozen=True)
class Scene:
    """A kind of picture.

    `written` lists the digits: ``7`` is from MNIST's test set, ``7:crossed`` is drawn in strokes. `height` is
    a share of the picture's shorter side and `width`, of a drawn stroke, a share of the ink's height. `finer`
    says how much finer than MNIST's broad pen an MNIST digit is written. `under` are conditions of the blank
    paper, `over` those of the finished picture. `saved` names a way of saving in `samples`.
    """

    kind: str
    written: str
    words: str
    pens: tuple[str, ...] = ("blue", "black")
    papers: tuple[str, ...] = ("warm", "bright", "grey")
    shape: tuple[int, int] = (480, 640)
    height: float = 0.5
    width: float = 0.045
    finer: float = 0.5
    rough: float = 0.15
    under: tuple = ()
    over: tuple = PHONE
    place: tuple[float, float] = (0.5, 0.5)
    saved: str = "jpg"


SINGLES = (
    Scene(
        "phone_pen",
        "0 1:european 2 3:flat_top 4 5 6 7:crossed_hooked 8 9:curled_tail",
        "{pen} ballpoint on plain paper in uneven light",
        width=0.03,
    ),
    Scene(
        "phone_pencil",
        "2:looped 3 5:one_stroke 9",
        "pencil on plain paper in uneven light",
        ("grey",),
        rough=0.5,
    ),
    Scene("thin_pen", "0:loop 1 4:open 6:curled 8", "very fine {pen} pen on paper", width=0.02, finer=0.9),
    Scene(
        "marker",
        "1:flag_foot 3 7",
        "thick black marker on paper",
        ("black",),
        width=0.11,
        finer=0,
        rough=0.03,
    ),
    Scene(
        "squared_paper",
        "1:european_foot 2 4:lightning 5 7:crossed 9",
        "{pen} ballpoint on squared paper",
        under=((paper.squared_lines, 0.75),),
    ),
    Scene(
        "ruled_paper",
        "0 3:small_loop 6 8:two_circles",
        "{pen} ballpoint on ruled paper",
        under=((paper.ruled_lines, 0.8),),
    ),
    Scene(
        "form_box",
        "0:open 2 5 6:small_bowl 8",
        "{pen} ballpoint in the box of a form",
        under=FORM,
        height=0.42,
    ),
    Scene(
        "form_box_touching",
        "4 7:hooked",
        "{pen} ballpoint, touching the box of a form",
        under=FORM,
        height=0.69,
    ),
    Scene(
        "table_cell",
        "1 9:straight_stem",
        "{pen} ballpoint in a cell of a table",
        under=TABLE,
    ),
    Scene(
        "chalkboard",
        "2:swan_neck 4 7 9",
        "chalk on a board with traces of the sponge",
        ("white",),
        ("board", "slate"),
        width=0.07,
        finer=0.3,
        rough=0.6,
        under=((paper.chalk_dust, 0.7),),
    ),
    Scene(
        "whiteboard",
        "3 6 8:one_stroke",
        "{pen} marker on a whiteboard that reflects a lamp",
        ("red", "green", "blue"),
        ("enamel",),
        width=0.07,
        finer=0.3,
        rough=0.03,
        over=((camera.glare, 0.8), *PHONE),
    ),
    Scene(
        "light_on_dark",
        "0 1:short_flag 5:floating_bar 9:hooked",
        "{pen} line on a dark screen",
        ("white", "yellow"),
        ("night",),
        rough=0,
        over=(),
    ),
    Scene(
        "tablet",
        "3:open_middle 7:curved",
        "black line on a white screen",
        ("black",),
        ("screen",),
        rough=0,
        over=(),
    ),
    Scene("coloured_paper", "2 6", "{pen} ballpoint on a coloured note", papers=("yellow", "pink")),
    Scene(
        "shadow",
        "1:european 4:rounded 8",
        "{pen} ballpoint, the shadow of a hand across the paper",
        over=((camera.shadow_edge, 0.8), *PHONE),
    ),
    Scene(
        "colour_cast",
        "0:round 5 9",
        "{pen} ballpoint under a lamp of the wrong colour",
        over=((camera.color_cast, 0.6), *PHONE),
    ),
    Scene(
        "perspective",
        "2:angular 6 7",
        "{pen} ballpoint on ruled paper, camera held askew",
        height=0.42,
        under=((paper.ruled_lines, 0.5),),
        over=((camera.perspective, 0.9), *PHONE),
    ),
    Scene(
        "rotated",
        "4:closed 5",
        "{pen} ballpoint, page turned by 14 degrees",
        over=((camera.rotation, 0.31), *PHONE),
    ),
    Scene(
        "page_edge",
        "1 3",
        "{pen} ballpoint, the table seen beyond the page",
        over=((camera.page_edge, 0.9), *PHONE),
    ),
    Scene(
        "finger",
        "0 8",
        "{pen} ballpoint, a finger holds the page",
        height=0.4,
        over=((camera.finger, 0.9), *PHONE),
    ),
    Scene(
        "exif_rotated",
        "2 4 6:straight_stem 7:plain 9",
        "{pen} ballpoint, pixels saved lying, EXIF says which way is up",
        saved="turned",
    ),
    Scene(
        "transparent_png",
        "1:european_long 3 8",
        "{pen} ink alone on a transparent ground",
        shape=(420, 420),
        rough=0,
        saved="transparent",
    ),
    Scene(
        "low_resolution", "0 4 7:wavy_crossed", "{pen} pen, 80 pixels wide", width=0.08, saved="few_pixels"
    ),
    Scene(
        "mnist_size",
        "2 5:angular 9",
        "black on white, 28 pixels high",
        ("black",),
        ("screen",),
        shape=(280, 280),
        height=0.7,
        width=0.1,
        finer=0,
        rough=0,
        over=(),
        saved="mnist_size",
    ),
    Scene(
        "blurred",
        "1:foot 6 8",
        "{pen} marker, out of focus",
        width=0.09,
        finer=0.2,
        over=(*PHONE[:-1], (camera.blur, 0.4)),
    ),
    Scene(
        "noisy",
        "3 5 7",
        "{pen} marker, photographed in a dark room",
        shape=(360, 480),
        width=0.09,
        finer=0.2,
        over=((camera.shading, 0.5), (camera.noise, 0.4)),
    ),
    Scene("strong_compression", "0 9:closed", "{pen} pen, JPEG quality 12", saved="poor_jpeg"),
    Scene(
        "small_in_picture",
        "4 6:spiral",
        "{pen} pen, a twelfth of a large picture",
        shape=(960, 1280),
        height=0.09,
        width=0.07,
    ),
    Scene(
        "twelve_megapixels",
        "3",
        "{pen} pen in one corner of 12 million pixels",
        shape=(3000, 4000),
        height=0.08,
        width=0.06,
        rough=0,
        over=((camera.shading, 0.3),),
        place=(0.82, 0.88),
    ),
    Scene("gif", "8", "black line on white, saved as GIF", ("black",), ("screen",), over=(), saved="gif"),
    Scene("webp", "5:one_stroke", "{pen} ballpoint, saved as WebP", saved="webp"),
    Scene("bmp", "2", "{pen} pen, saved as BMP", shape=(120, 160), width=0.08, saved="bmp"),
    Scene("tiff", "0:crossing", "{pen} pen, saved as TIFF", shape=(120, 160), width=0.08, saved="tif"),
)


@dataclass(frozen=True)
class Number:
    """Several digits in one picture.

    `text` holds the rows; a hyphen, a full stop and a space are written as such, ``_`` alone in a row is a
    line drawn by hand. `hand` is ``mnist`` (digits of many people) or ``strokes`` (one writer). `gap` and
    `wobble` are shares of the digits' height; `cells` prints a box around every digit.
    """

    name: str
    text: str
    scene: Scene
    hand: str = "strokes"
    gap: float = 0.25
    wobble: float = 0.04
    cells: bool = False


def _number(words, **options):
    return Scene("number", "", words, **{"shape": (420, 1000), "width": 0.07, "height": 0.22, **options})


NUMBERS = (
    Number("phone", "555-0142", _number("telephone number, {pen} ballpoint")),
    Number(
        "date",
        "24.12.1987",
        _number("date, {pen} ballpoint on ruled paper", under=((paper.ruled_lines, 0.6),)),
    ),
    Number(
        "postcode", "10117", _number("postcode in printed cells, {pen} ballpoint", height=0.3), cells=True
    ),
    Number("all_ten", "0123456789", _number("the ten digits, {pen} marker", finer=0.2), hand="mnist"),
    Number("two_rows", "3141\n5926", _number("two rows, {pen} ballpoint", shape=(600, 800)), hand="mnist"),
    Number("uneven", "27182", _number("uneven baseline, {pen} ballpoint"), hand="mnist", wobble=0.25),
    Number(
        "touching", "5083", _number("digits that touch, {pen} marker", height=0.35), hand="mnist", gap=-0.07
    ),
    Number(
        "sum", "128\n346\n_\n474", _number("a sum, pencil", pens=("grey",), shape=(800, 600), height=0.12)
    ),
    Number(
        "squared", "94716", _number("on squared paper, {pen} ballpoint", under=((paper.squared_lines, 0.6),))
    ),
    Number(
        "chalk", "365", _number("chalk on a board", pens=("white",), papers=("board",), height=0.4, rough=0.5)
    ),
    Number(
        "screen",
        "73",
        _number(
            "{pen} line on a dark screen",
            pens=("yellow",),
            papers=("night",),
            height=0.45,
            rough=0,
            over=(),
            saved="png",
        ),
    ),
    Number(
        "sticky", "608", _number("{pen} ballpoint on a note", papers=("yellow",), height=0.35), hand="mnist"
    ),
    Number(
        "shadow",
        "60437",
        _number("{pen} ballpoint, a shadow across the paper", over=((camera.shadow_edge, 0.8), *PHONE)),
        hand="mnist",
    ),
    Number(
        "slanted", "2490", _number("{pen} ballpoint, page turned", over=((camera.rotation, 0.15), *PHONE))
    ),
    Number("wide_apart", "1 8 5", _number("digits far apart, {pen} marker", width=0.1), gap=0.5),
    Number(
        "table",
        "52\n19\n80",
        _number("printed table, {pen} ballpoint", shape=(800, 600), height=0.14),
        cells=True,
    ),
)

# Name, what is drawn (None, letters, a scribble), scene.
NOTHING = (
    ("blank_page", None, Scene("no_digit", "", "blank paper", over=PHONE[3:])),
    (
        "shaded_page",
        None,
        Scene("no_digit", "", "blank paper in uneven light", over=((camera.shading, 0.8), *PHONE)),
    ),
    (
        "ruled_page",
        None,
        Scene("no_digit", "", "ruled paper without writing", under=((paper.ruled_lines, 0.8),)),
    ),
    (
        "wiped_board",
        None,
        Scene("no_digit", "", "wiped board", papers=("board",), under=((paper.chalk_dust, 0.7),)),
    ),
    ("letter", "K", Scene("no_digit", "", "the letter K, {pen} marker", width=0.08)),
    ("word", "NATURE", Scene("no_digit", "", "the word NATURE, {pen} ballpoint", height=0.2, width=0.06)),
    ("scribble", "zigzag", Scene("no_digit", "", "scribble, {pen} ballpoint", width=0.02)),
    ("crossed_out", "hatching", Scene("no_digit", "", "hatching, pencil", ("grey",), width=0.03)),
    ("blot", "blot", Scene("no_digit", "", "ink blot", ("blue",), height=0.3)),
    ("dice", "dice", Scene("no_digit", "", "the face of a die, {pen} marker", width=0.09)),
    ("cat", "cat", Scene("no_digit", "", "doodle of a cat, {pen} ballpoint", width=0.03)),
    (
        "heart",
        "heart",
        Scene(
            "no_digit",
            "",
            "heart, red marker on squared paper",
            ("red",),
            under=((paper.squared_lines, 0.7),),
            width=0.07,
        ),
    ),
    ("wall", None, Scene("no_digit", "", "rough wall", papers=("pink",), under=((paper.paper_texture, 1),))),
)
