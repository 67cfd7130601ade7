"""A pytest plugin: where nbval compares what a notebook prints, its pictures are compared too.

nbval skips pictures. It has just drawn them anew, though, so a stored picture that is not what
the code draws fails the cell, in the same run. All frames of an animation are compared, decoded:
how a file is packed does not matter.

On Linux on x86-64, where the stored pictures are drawn, every pixel must be the same. Elsewhere
another compiler rounds other sums, and a pixel counts as different if a channel is off by more
than FAINT; up to FEW of them may be.
"""

import base64
import io
import platform
import sys

import numpy as np
import pytest

# Measured between NumPy with and without AVX2 and AVX-512, on all pictures of the book: of those
# whose curves do not depend on rounding, up to 8 % of the pixels changed, none by more than 62.
FAINT, FEW = 64, 20
IS_EXACT = sys.platform == "linux" and platform.machine() == "x86_64"


def frames(png):
    """Every frame of a picture in base64, as one array: frame x row x column x channel."""
    from PIL import Image, ImageSequence

    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        return np.stack([np.asarray(f.convert("RGBA")) for f in ImageSequence.Iterator(image)])


def difference(stored, drawn, is_exact=IS_EXACT):
    """In words, in what two pictures in base64 differ; None if they do not."""
    if stored == drawn:
        return None
    stored, drawn = frames(stored), frames(drawn)
    if stored.shape != drawn.shape:
        sizes = ("{} x {} x {}".format(*picture.shape) for picture in (stored, drawn))
        return "stored {}, drawn {} (frames x height x width)".format(*sizes)
    off = np.abs(stored.astype(np.int16) - drawn).max(axis=-1)
    different = off > (0 if is_exact else FAINT)
    if different.sum() <= (0 if is_exact else FEW):
        return None
    first = int(np.argmax(different.any(axis=(1, 2))))
    where = f", the first in frame {first}" if len(different) > 1 else ""
    return f"{different.sum()} of {different.size} pixels differ{where}"


def pictures(outputs):
    """The pictures among a cell's outputs, in order."""
    data = [output.get("data", {}) for output in outputs]
    return [d[kind] for d in data for kind in ("image/png", "image/jpeg") if kind in d]


def differences(stored, drawn):
    """What is wrong with the stored outputs of a cell, a line each."""
    stored, drawn = pictures(stored), pictures(drawn)
    if len(stored) != len(drawn):
        return [f"pictures stored: {len(stored)}, drawn: {len(drawn)}"]
    found = [difference(*pair) for pair in zip(stored, drawn, strict=True)]
    return [f"picture {i}: {text}" for i, text in enumerate(found, start=1) if text]


def is_cell(item):
    """Whether a test is a cell of a notebook, which nbval runs."""
    return hasattr(item, "test_outputs")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    if not is_cell(item):
        return (yield)
    from notebooks import round_alike

    with pytest.MonkeyPatch.context() as patch:  # the first cell starts the kernel
        for name, value in round_alike().items():
            patch.setenv(name, value)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if is_cell(item):
        found = differences(item.cell.outputs, item.test_outputs or [])
        if found:
            advice = 'Run "make notebooks", look at "git diff" and commit what is right.'
            message = "A stored picture is not what the code draws"
            item.raise_cell_error(message, "\n".join([*found, advice]))
    return result
