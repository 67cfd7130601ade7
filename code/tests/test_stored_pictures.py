"""That stored_pictures.py finds a picture that is not what the code draws."""

import base64
import io
import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
import stored_pictures
from course import ROOT
from PIL import Image
from stored_pictures import FAINT, FEW, difference, differences

NOTEBOOKS = sorted(ROOT.glob("book/**/*.ipynb"))
RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.integers(0, 255 - FAINT, (3, 20, 30, 3)).astype(np.uint8)


def png(*frames, **options):
    """Frames as one PNG in base64."""
    first, *rest = map(Image.fromarray, frames)
    file = io.BytesIO()
    first.save(file, "PNG", save_all=bool(rest), append_images=rest, **options)
    return base64.b64encode(file.getvalue()).decode()


def changed(n, by):
    """PIXELS with n pixels of the second frame changed in one channel."""
    pixels = PIXELS.copy()
    pixels[1].reshape(-1, 3)[:n, 2] += np.uint8(by)
    return pixels


def test_equal_pixels_pass_however_they_are_packed():
    packed, loose = png(*PIXELS), png(*PIXELS, compress_level=0)
    assert packed != loose
    assert difference(packed, loose) is difference(packed, packed) is None


@pytest.mark.parametrize(("n", "by"), [(1, 1), (1, 40), (600, FAINT)])
def test_where_pictures_are_drawn_no_pixel_may_differ(n, by):
    said = difference(png(*PIXELS), png(*changed(n, by)), is_exact=True)
    assert said == f"{n} of 1800 pixels differ, the first in frame 1"


@pytest.mark.parametrize(
    ("n", "by", "passes"),
    [(600, FAINT, True), (FEW, 200, True), (FEW + 1, FAINT + 1, False)],
)
def test_elsewhere_faint_differences_and_a_few_others_pass(n, by, passes):
    pixels = PIXELS.copy() // 5
    off = pixels.copy()
    off[1].reshape(-1, 3)[:n, 2] += np.uint8(by)
    assert (difference(png(*pixels), png(*off), is_exact=False) is None) == passes


def test_size_number_of_frames_and_number_of_pictures_must_agree():
    assert difference(png(*PIXELS), png(*PIXELS[:2])) == (
        "stored 3 x 20 x 30, drawn 2 x 20 x 30 (frames x height x width)"
    )
    assert "drawn 1 x 20 x 29" in difference(png(PIXELS[0]), png(PIXELS[0, :, :29]))
    output = {"output_type": "display_data", "data": {"image/png": png(PIXELS[0])}}
    assert differences([output], [output]) == []
    assert differences([output], [output] * 2) == ["pictures stored: 1, drawn: 2"]


def test_no_cell_of_the_book_is_exempt():
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            marks = re.findall(r"NBVAL_(?!RAISES)\w+|PYTEST_VALIDATE\w+", cell.source)
            marks += [tag for tag in cell.metadata.get("tags", ()) if tag.startswith("nbval-")]
            assert not marks, f"{path}: {marks}"


# The whole way: a notebook with one fault in each of its cells ------------------------------------

DRAW = 'plt.figure(figsize=(3, 2))\nplt.plot([1, {}, 2], marker="o")\nplt.show()'
ANIMATE = """\
from descent import adam, animate_paths, bowl, minimize
animate_paths(minimize(bowl, [0.5, 0.5], adam, 9, alpha=0.05), n_frames=3)"""
EXPLORE = "from descent import Explorer\nExplorer(adam, bowl)"


def move_a_frame(picture):
    images = stored_pictures.frames(picture)[..., :3]
    return png(*images[[0, 2, 2]])


def mirror(picture):
    return png(stored_pictures.frames(picture)[0, :, ::-1])


@pytest.mark.slow
def test_each_planted_fault_fails_its_cell_and_no_other(tmp_path):
    sources = ["import matplotlib.pyplot as plt", *map(DRAW.format, range(5)), ANIMATE, EXPLORE]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    path = tmp_path / "planted.ipynb"
    nbformat.write(notebook, path)
    subprocess.run([sys.executable, ROOT / "code/tools/notebooks.py", path], check=True)

    notebook = nbformat.read(path, as_version=4)
    cells = notebook.cells
    data = [cell.outputs[-1].data if cell.outputs else None for cell in cells]
    data[2]["image/png"], data[3]["image/png"] = data[3]["image/png"], data[2]["image/png"]
    cells[4].source = cells[4].source.replace('"o"', '"s"')
    cells[5].outputs.append(cells[5].outputs[0])
    data[6]["image/png"] = move_a_frame(data[6]["image/png"])
    data[7]["image/png"] = mirror(data[7]["image/png"])
    nbformat.write(notebook, path)

    options = "--nbval --nbval-current-env --color=no -p no:cacheprovider"
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "code/pyproject.toml", *options.split()]
    outside = {k: v for k, v in os.environ.items() if k not in ("CI", "BUILD_NUMBER")}
    run = subprocess.run([*command, path], capture_output=True, text=True, cwd=ROOT, env=outside)
    said = run.stdout  # where pytest sees CI, its summary says each message a second time
    assert re.findall(r"^FAILED .*::Cell (\d)", said, flags=re.MULTILINE) == list("234567"), said
    assert said.count("A stored picture is not what the code draws") == 5  # of Cell 5 nbval speaks
    assert len(re.findall(r"picture 1: \d+ of \d+ pixels differ\n", said)) == 4
    assert len(re.findall(r"picture 1: \d+ of \d+ pixels differ, the first in frame 1", said)) == 1
    assert 'Run "make notebooks", look at "git diff"' in said
