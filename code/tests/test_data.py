"""The images of digits that ship with the package."""

import gzip
import hashlib

import numpy as np
from course import ROOT

from descent import digits

FOLDER = ROOT / "code/descent/data"
CHECKSUM = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"  # of the text in it
COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # UCI's table of its test set


def test_the_file_is_the_one_that_was_made():
    """By vectors/make_digits.py from scikit-learn's copy; how it is packed may vary."""
    packed = (FOLDER / "digits.csv.gz").read_bytes()
    assert hashlib.sha256(gzip.decompress(packed)).hexdigest() == CHECKSUM
    assert len(packed) < 60_000


def test_images_and_labels():
    images, labels = digits()
    assert images.shape == (1797, 8, 8) and images.dtype == np.uint8
    assert labels.shape == (1797,) and labels.dtype == np.int64
    assert (images.min(), images.max()) == (0, 16)
    assert np.bincount(labels).tolist() == COUNTS


def test_an_image_shows_its_label():
    """The first image, as it looks: a zero has nothing in its middle."""
    images, labels = digits()
    assert labels[0] == 0
    drawn = ["".join(" .#"[(ink > 3) + int(ink > 11)] for ink in row).rstrip() for row in images[0]]
    assert drawn == [
        "  .#.",
        "  ##.#.",
        "  #  ..",
        " .#  ..",
        " ..  ..",
        " ..  #.",
        "  #..#",
        "  .#.",
    ], "\n".join(drawn)


def test_each_call_gives_arrays_of_its_own():
    first, second = digits(), digits()
    first[0][:], first[1][:] = 0, 0
    assert second[0].any() and second[1].any()


def test_source_and_licence_are_named():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for needed in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0", "scikit-learn"):
        assert needed in readme
    licence = (FOLDER / "CC-BY-4.0.txt").read_text(encoding="utf-8")
    assert licence.startswith("Creative Commons Attribution 4.0 International Public License")
    assert "Section 8 -- Interpretation." in licence
    assert "code/descent/data/digits.csv.gz" in (ROOT / "LICENSE").read_text(encoding="utf-8")
