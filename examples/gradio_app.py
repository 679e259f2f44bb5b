"""digitlib as a Gradio app: `python examples/gradio_app.py --network runs/lesson`."""

import argparse

import gradio
import numpy as np

import digitlib

parser = argparse.ArgumentParser()
parser.add_argument("--network", help="a network of your own; by default digitlib's")
network = parser.parse_args().network


def read(drawing, photo):
    """Return the probabilities of each digit, and the pictures of all steps."""
    source = photo if photo is not None else drawing["composite"]
    if source is None:
        raise gradio.Error("Draw a digit, or choose a photo.")
    try:
        reading = digitlib.read_digit(np.asarray(source, np.uint8), network=network)
    except digitlib.ImageError as error:
        raise gradio.Error(str(error)) from error
    chances = dict(zip(reading.classes, reading.probabilities.tolist(), strict=True))
    return chances, [(step.image, f"{step.name}: {step.note}") for step in reading.steps]


asked = [gradio.Sketchpad(label="draw a digit"), gradio.Image(label="or a photo")]
shown = [gradio.Label(label="the digit", num_top_classes=3), gradio.Gallery(label="the steps")]
gradio.Interface(read, asked, shown, title="Which digit is this?", flagging_mode="never").launch()
