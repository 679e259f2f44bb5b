"""Put deliberate mistakes into a copy of the repository, and show that the checks notice each of them.

    python scripts/break_notebooks.py [WORD ...]

With words, only those whose description holds one. A mistake that a notebook shows must be noticed by the
gate of the notebooks (nbval and the comparison of pictures); one in what only a browser shows, or in a report
whose numbers depend on the processor, by the test that is named. Exit status 1 if one is missed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "runs", "student", "__pycache__", ".*cache")
GATE = ["-p", "tests.notebook_pictures", "--nbval", "--nbval-sanitize-with", "tests/sanitize.cfg"]
GATE += ["--nbval-current-env"]

FIGURES, WEB = "digitlib/figures/", "digitlib/web/"
STYLE, PREPROCESSING = f"{FIGURES}style.py", f"{FIGURES}preprocessing.py"
LESSON_1, LESSON_2 = "notebooks/01_explore_the_data.ipynb", "notebooks/02_preprocess_a_photo.ipynb"
LESSON_3 = "notebooks/03_train_a_cnn.ipynb"
LESSON_4, LESSON_5 = "notebooks/04_measure_what_it_knows.ipynb", "notebooks/05_look_inside.ipynb"
LESSON_6 = "notebooks/06_upload_and_predict.ipynb"
TEMPLATES = "notebooks/reports/"
EXERCISES = "tests/lessons/test_exercises.py::test_checks_tell_right_answers_from_each_mistake"

# what, the file, what stands there, what is put there, the check that must notice
BREAKS = [
    (
        "invert never inverts",
        "digitlib/reading/binarize.py",
        'if "invert" in skip else',
        "if True else",
        LESSON_2,
    ),
    (
        "accuracy 1 point too low",
        "digitlib/measuring/proportions.py",
        "right.mean()",
        "right.mean() - 0.01",
        LESSON_4,
    ),
    (
        "confusion matrix transposed",
        "digitlib/measuring/metrics.py",
        "reshape(classes, classes)",
        "reshape(classes, classes).T",
        LESSON_4,
    ),
    (
        "picture from Python not read",
        f"{WEB}widgets.py",
        'self.observe(self._take, "data")',
        "pass",
        LESSON_6,
    ),
    (
        "demo always reads one sample",
        f"{WEB}widgets.py",
        "asked = self.data, self.skip, self.network, self.what",
        "asked = sample_files()[0].read_bytes(), self.skip, self.network, self.what",
        LESSON_6,
    ),
    (
        "upload dropped",
        f"{WEB}widgets.py",
        "self.data = bytes(buffers[0])\n",
        "pass\n",
        "tests/web/test_widgets.py",
    ),
    (
        "unsure answer shows another digit",
        f"{WEB}answers.py",
        'f"{label}?", "unsure"',
        'f"{9 - int(label)}?", "unsure"',
        "tests/web/test_answers.py",
    ),
    (
        "where it looked is empty",
        f"{WEB}replies.py",
        "_colored(reading.image, heat)",
        "_colored(reading.image, 0 * heat)",
        "tests/web/test_replies.py",
    ),
    (
        "step switches dead",
        f"{WEB}widgets.py",
        'named = content.get("skip")',
        "named = []",
        "tests/web/test_widgets.py",
    ),
    (
        "bars missing on the page",
        f"{WEB}static/answer.js",
        "const share = digit ? digit.probabilities[place] : 0;",
        "const share = 0;",
        "tests/web/test_page.py::test_a_drawing_is_answered_while_it_is_drawn_and_in_full_when_the_pen_rests",
    ),
    (
        "demo ignores its network",
        f"{WEB}widgets.py",
        "asked = self.data, self.skip, self.network, self.what",
        "asked = self.data, self.skip, None, self.what",
        LESSON_6,
    ),
    (
        "demo always answers 7",
        f"{WEB}answers.py",
        "    return _make(_key(key, what), *in_words, picture,",
        '    return _make("welcome", {}, "7", "sure", picture,',
        LESSON_6,
    ),
    (
        "demo keeps an old answer",
        f"{WEB}widgets.py",
        "            self.answer = answer(",
        "            self.answer = self.answer if self.answer.reading else answer(",
        LESSON_6,
    ),
    (
        "page of the lesson ignores the network",
        LESSON_6,
        'bytes(upload.value[0][\\"content\\"]), network=mine)',
        'bytes(upload.value[0][\\"content\\"]))',
        LESSON_6,
    ),
    (
        "check 2 accepts no solution",
        LESSON_6,
        "3b5ecb5f",
        "00000000",
        EXERCISES,
    ),
    (
        "check 1 accepts wrong answers",
        LESSON_6,
        'v[:4] == [\\"nothing\\"] * 4 and',
        'v[0] == \\"nothing\\" and',
        EXERCISES,
    ),
    (
        "trained network keeps its noise",
        LESSON_3,
        "keras.optimizers.Adam(rate), loss",
        "keras.optimizers.Adam(0.0), loss",
        LESSON_3,
    ),
    (
        "overfitting that is none",
        LESSON_3,
        "keras.optimizers.Adam(0.01), epochs=20",
        "keras.optimizers.Adam(0.0003), epochs=20",
        LESSON_3,
    ),
    (
        "control with a learning rate",
        LESSON_5,
        "train(0.0)",
        "train(0.001)",
        LESSON_5,
    ),
    (
        "all pictures black",
        STYLE,
        "imshow(image, vmin=0, vmax=255",
        "imshow(0 * image, vmin=0, vmax=255",
        LESSON_1,
    ),
    (
        "saliency of the wrong sign",
        "digitlib/explaining/attribution.py",
        "return logit_gradients(model, np.asarray(image)[None], digit)[0]",
        "return -logit_gradients(model, np.asarray(image)[None], digit)[0]",
        LESSON_5,
    ),
    (
        "training report learns nothing",
        f"{TEMPLATES}training_report.ipynb",
        "Adam(learning_rate)",
        "Adam(0.0)",
        "tests/reports/test_templates.py::test_training_report_stores_what_it_gives_on_any_processor",
    ),
    (
        "model report ignores `model`",
        f"{TEMPLATES}model_report.ipynb",
        "load_model(model) if model else load_model()",
        "load_model()",
        "tests/reports/test_templates.py::test_any_network_is_judged_on_any_pictures",
    ),
    # and more of our own
    (
        "images upside down",
        STYLE,
        "ylim=(middle_row + reach, middle_row - reach)",
        "ylim=(middle_row - reach, middle_row + reach)",
        LESSON_1,
    ),
    (
        "images mirrored",
        STYLE,
        "xlim=(middle_column - reach, middle_column + reach)",
        "xlim=(middle_column + reach, middle_column - reach)",
        LESSON_1,
    ),
    (
        "answer's bar in no other colour",
        STYLE,
        "VERMILLION if digit == highlighted else BLUE",
        "BLUE",
        LESSON_6,
    ),
    ("signed maps grey", STYLE, "cmap=_SIGNED_MAP", 'cmap="gray"', LESSON_6),
    (
        "titles of a grid lost",
        f"{FIGURES}pictures.py",
        'axes.set_title(title or "", fontsize=12)',
        "pass",
        LESSON_1,
    ),
    (
        "frame of the zoomed pixels elsewhere",
        f"{FIGURES}pictures.py",
        "rows.start - 0.5)",
        "rows.start + 4.5)",
        LESSON_1,
    ),
    ("threshold line lost", f"{FIGURES}pictures.py", "axes.axvline(threshold,", "axes.axvline(0,", LESSON_2),
    (
        "every step shows the first picture",
        PREPROCESSING,
        "show_image(axes, step.image)\n        axes.set_title(step.name",
        "show_image(axes, steps[0].image)\n        axes.set_title(step.name",
        LESSON_2,
    ),
    (
        "digit not centred",
        "digitlib/reading/normalize.py",
        "_window(small, row, column), f",
        "_window(small, row - 1, column), f",
        LESSON_2,
    ),
    (
        "errors of the confusion matrix not coloured",
        f"{FIGURES}measures.py",
        'cmap="Oranges"',
        'cmap="Oranges_r"',
        LESSON_4,
    ),
    (
        "calibration drawn with its axes swapped",
        f"{FIGURES}measures.py",
        'axes.plot(100 * confidence, 100 * accuracy, "o"',
        'axes.plot(100 * accuracy, 100 * confidence, "o"',
        LESSON_4,
    ),
    (
        "photos of all strengths alike",
        f"{FIGURES}measures.py",
        "strip.imshow(picture,",
        "strip.imshow(examples[name][0],",
        LESSON_4,
    ),
    (
        "occlusion of the wrong sign",
        "digitlib/explaining/occlusion.py",
        "return occlusion_map(lambda images: network.logits",
        "return -occlusion_map(lambda images: network.logits",
        LESSON_6,
    ),
]


def notices(folder: Path, check: str) -> bool:
    """Tell whether a check fails in a copy of the repository."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider"]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    options = GATE if check.endswith(".ipynb") else []
    done = subprocess.run(
        [*command, *options, check], cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{check} cannot be run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 1


def main(words: list[str]) -> int:
    """Try the breaks, print a line for each, and return the exit status."""
    missed = 0
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, "digitlib")
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for what, name, old, new, check in BREAKS:
            if words and not any(word in what for word in words):
                continue
            path = copy / name
            whole = path.read_text(encoding="utf-8")
            if whole.count(old) != 1:
                raise RuntimeError(f"{what}: {name} holds it {whole.count(old)} times, not once: {old}")
            path.write_text(whole.replace(old, new), encoding="utf-8", newline="\n")
            noticed = notices(copy, check)
            path.write_text(whole, encoding="utf-8", newline="\n")
            missed += not noticed
            print(f"{'noticed' if noticed else 'MISSED '}  {what}  ({check})", flush=True)
    print(f"{missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
