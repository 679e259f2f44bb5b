"""TensorFlow as the package sets it up."""

import subprocess
import sys

import pytest

TRAINING = """
import resource
import numpy as np
from digitlib.backend import keras, tensorflow

list(tensorflow.data.Dataset.from_generator(lambda: [0], "int32"))
layers = keras.layers
network = keras.Sequential([layers.Conv2D(16, 5, activation="relu"), layers.Flatten(), layers.Dense(10)])
network.compile("adam", "mse", jit_compile=False)
images, wanted = np.zeros((40 * 128, 28, 28, 1), np.float32), np.zeros((40 * 128, 10))
network.fit(images, wanted, batch_size=128, verbose=0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
network.fit(images, wanted, batch_size=128, verbose=0)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 40)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there does TensorFlow change how memory is kept")
def test_training_uses_its_memory_again_after_data_came_from_a_generator():
    """The convolution gives 4.7 MB, 1,152 pages: as new memory they cost half of the time of each step."""
    done = subprocess.run([sys.executable, "-c", TRAINING], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 1152
