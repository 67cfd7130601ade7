"""Data that come with the package: images of handwritten digits."""

from pathlib import Path

import numpy as np


def digits():
    """1,797 images of handwritten digits, and which digit each shows, as (images, labels).

    images   uint8, shape (1797, 8, 8): how many of the 16 dots of a 4 x 4 block are black
    labels   int64, shape (1797,): the digit, 0 to 9

    The images are of 13 writers, in the order of the source.

    Source: Alpaydin & Kaynak (1998), the test set, by way of scikit-learn; CC BY 4.0, see
    data/README.md.
    """
    rows = np.loadtxt(Path(__file__).with_name("digits.csv.gz"), dtype=np.uint8, delimiter=",")
    return rows[:, :64].reshape(-1, 8, 8), rows[:, 64].astype(np.int64)
