"""How fast is an answer? ``python benchmarks/answering.py``.

Five ways to run the network that digitlib ships, each in processes of its own: Keras `predict`, a call of the
Keras model, LiteRT (TensorFlow Lite's interpreter), OpenCV, and digitlib, whose layers NumPy runs. Then the
whole path from a picture to an answer, and the network on one core.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tables import table
from timing import median_seconds

RUNS = 5
"""Processes a way; the figures are medians over them."""
FILES = Path(os.environ.get("NETWORK_FILES", "."))
"""Folder of the network in the other programs' formats."""


def write_files(folder):
    """Write the shipped network as digits.keras and, for one image at a time, as digits.tflite."""
    from digitlib.backend import keras, quiet, tensorflow
    from digitlib.reading.network import load_recognizer
    from digitlib.training import to_keras

    model = to_keras(load_recognizer().layers)
    model.save(folder / "digits.keras")
    image = keras.layers.Input(batch_shape=(1, 28, 28, 1))
    with quiet():
        converter = tensorflow.lite.TFLiteConverter.from_keras_model(keras.Sequential([image, *model.layers]))
        (folder / "digits.tflite").write_bytes(converter.convert())


def keras_predict():
    """Return a function from (N, 28, 28) float32 images to probabilities: Keras `predict`."""
    import keras

    model = keras.saving.load_model(FILES / "digits.keras")
    return lambda images: model.predict(images[..., None], batch_size=500, verbose=0)


def keras_call():
    """The same, calling the model."""
    import keras

    model = keras.saving.load_model(FILES / "digits.keras")
    return lambda images: model(images[..., None], training=False).numpy()


def litert():
    """The same with TensorFlow Lite's interpreter: the file takes one image at a time."""
    import numpy as np
    import tensorflow

    interpreter = tensorflow.lite.Interpreter(str(FILES / "digits.tflite"), num_threads=os.cpu_count())
    interpreter.allocate_tensors()
    index_in = interpreter.get_input_details()[0]["index"]
    index_out = interpreter.get_output_details()[0]["index"]

    def probabilities(images):
        answers = np.empty((len(images), 10), np.float32)
        for answer, image in zip(answers, images, strict=True):
            interpreter.set_tensor(index_in, image[None, :, :, None])
            interpreter.invoke()
            answer[:] = interpreter.get_tensor(index_out)[0]
        return answers

    return probabilities


def opencv():
    """The same with OpenCV, 32 images at a time."""
    import cv2
    import numpy as np

    network = cv2.dnn.readNetFromTFLite(str(FILES / "digits.tflite"))

    def probabilities(images):
        answers = np.empty((len(images), 10), np.float32)
        for start in range(0, len(images), 32):
            network.setInput(images[start : start + 32, None])
            answers[start : start + 32] = network.forward()
        return answers

    return probabilities


def numpy_layers():
    """The same with digitlib."""
    from digitlib.reading.network import load_recognizer

    return load_recognizer().probabilities


WAYS = {
    "Keras predict": keras_predict,
    "Keras call": keras_call,
    "LiteRT": litert,
    "OpenCV": opencv,
    "digitlib": numpy_layers,
}


def measure(way):
    """Measure one way in this process, and print the figures as JSON.

    Parameters
    ----------
    way : str
        One of `WAYS`, or "whole path".
    """
    import numpy as np

    started = float(os.environ["STARTED"])
    if way == "whole path":
        return print(json.dumps(whole_path()))
    answer = WAYS[way]()
    images = np.random.default_rng(0).random((10_000, 28, 28), np.float32)
    answer(images[:1])
    figures = {"cold start": time.time() - started}
    for _ in range(5):
        answer(images[:1])
    figures["one image"] = median_seconds(lambda: answer(images[:1]))
    figures["1,000 images"] = median_seconds(lambda: answer(images[:1_000]))
    figures["10,000 images"] = median_seconds(lambda: answer(images))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures["peak memory"] = peak / 1e6 if sys.platform == "darwin" else peak / 1e3
    return print(json.dumps(figures))


def whole_path():
    """Time the path from pixels to an answer, and the network on one core: seconds by name."""
    import cv2
    import numpy as np

    import digitlib
    from digitlib.handwriting import camera, paper

    rng = np.random.default_rng(0)
    digit = digitlib.load_mnist()[1][0][0]
    page = paper.paper_texture(paper.sheet(paper.enlarge(digit, 500), 1000), rng, 0.3)
    page = camera.shading(page, rng, 0.4)
    gray = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    images = rng.random((10_000, 28, 28), np.float32)
    answer = digitlib.load_recognizer().probabilities
    figures = {
        "read_digit, 1,000 x 1,000 pixels, grey": median_seconds(lambda: digitlib.read_digit(gray)),
        "read_digit, 1,000 x 1,000 pixels, colour": median_seconds(lambda: digitlib.read_digit(page)),
        "read_digit, 28 x 28 pixels": median_seconds(lambda: digitlib.read_digit(digit)),
        "the network, one picture": median_seconds(lambda: answer(images[:1])),
    }
    cv2.setNumThreads(1)
    figures["the network, 10,000 pictures on one core"] = median_seconds(lambda: answer(images))
    return figures


def fraction(ratio):
    """Write a ratio as people say it: 0.05 is 1 / 20."""
    return f"1 / {1 / ratio:.1f}" if ratio < 1 else f"{ratio:.1f}"


def in_new_process(way, folder):
    """Measure one way in a fresh process, with the files in a folder; returns its figures."""
    command = [sys.executable, __file__, "--way", way]
    environment = {
        **os.environ,
        "STARTED": str(time.time()),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "NETWORK_FILES": folder,
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{way} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments=None):
    """Measure every way and print the tables."""
    parser = argparse.ArgumentParser(description="Measure how fast digits are answered.")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"processes a way ({RUNS})")
    parser.add_argument("--way", choices=[*WAYS, "whole path"], help="measure one way in this process")
    options = parser.parse_args(arguments)
    if options.way:
        return measure(options.way)
    runs = {way: [] for way in (*WAYS, "whole path")}
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder))
        for number in range(options.runs):
            for way, figures in runs.items():
                figures.append(in_new_process(way, folder))
                print(f"run {number + 1} of {options.runs}: {way}", flush=True)
    medians = {
        way: {name: statistics.median(run[name] for run in figures) for name in figures[0]}
        for way, figures in runs.items()
    }
    whole = medians.pop("whole path")
    rows = [
        (
            way,
            f"{figures['cold start']:.2f} s",
            f"{1e3 * figures['one image']:.3f} ms",
            f"{10_000 / figures['10,000 images']:,.0f}",
            f"{figures['peak memory']:,.0f} MB",
        )
        for way, figures in medians.items()
    ]
    head = (
        "way",
        "cold start to first answer",
        "one picture",
        "pictures a second, 10,000 at once",
        "peak memory",
    )
    table(f"Answering, medians of {options.runs} processes", head, rows)
    ours = medians["digitlib"]
    names = ("cold start", "one image", "1,000 images", "10,000 images", "peak memory")
    ratios = [
        (way, *(fraction(ours[name] / figures[name]) for name in names))
        for way, figures in medians.items()
        if way != "digitlib"
    ]
    table("digitlib against the others: ratio of", ("way", *names), ratios)
    rows = [(name, f"{1e3 * seconds:.2f} ms") for name, seconds in whole.items()]
    return table("From the pixels to the answer", ("what", "median"), rows)


if __name__ == "__main__":
    main()
