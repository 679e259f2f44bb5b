"""digitlib as a Streamlit app: `streamlit run examples/streamlit_app.py -- --network runs/lesson`."""

import argparse

import streamlit as st

import digitlib

parser = argparse.ArgumentParser()
parser.add_argument("--network", help="a network of your own; by default digitlib's")
network = parser.parse_args().network

st.title("Which digit is this?")
photo = st.file_uploader("A photo of a handwritten digit", type=["jpg", "jpeg", "png", "webp", "heic"])
photo = photo or st.camera_input("Or take one")
if photo is not None:
    try:
        reading = digitlib.read_digit(photo.getvalue(), network=network)
    except digitlib.ImageError as error:
        st.error(str(error))
        st.stop()
    doubt = "" if reading.certain else "Not sure: perhaps "
    st.header(f"{doubt}{reading.label} ({reading.confidence:.0%})")
    st.bar_chart({"probability": reading.probabilities}, height=200)
    for step in reading.steps:
        st.image(step.image, caption=f"{step.name}: {step.note}", clamp=True, width=280)
