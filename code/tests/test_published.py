"""The four published runs, to the last printed digit, through the package.

published_runs.json holds the lines that the source tutorials print, with their provenance. Two of
them print what their own listing does not compute (AdaMax: other settings; AMSGrad: without eps),
so each has the settings that print the lines and the settings of the listing.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from course import ROOT

from descent import RULES, bowl, minimize

PUBLISHED = json.loads(Path(__file__).with_name("published_runs.json").read_text())
RUNS = PUBLISHED["runs"]


def run(name, settings):
    """The tutorial's run in the package's words."""
    settings = dict(settings)
    n_iter = settings.pop("n_iter")
    if name == "nadam":
        settings["beta1"], settings["beta2"] = settings.pop("mu"), settings.pop("nu")
        settings["correction"] = "constant"
    if name == "amsgrad":
        decay = settings["beta1"]
        settings["beta1"] = lambda t: decay**t
    return minimize(bowl, bowl.start(1), RULES[name], n_iter, **settings)


def printed(x, score, decimals):
    """The numbers as a list of strings, as ``print(x)`` and ``%.5f`` write them."""
    with np.printoptions(precision=8, suppress=False, floatmode="maxprec"):  # the defaults
        return str(x)[1:-1].split(), f"{score:.{decimals}f}"


def test_the_start_is_the_published_draw():
    assert bowl.start(1).tolist() == PUBLISHED["x0"] == [-0.165955990594852, 0.4406489868843162]


@pytest.mark.parametrize("name", RUNS)
def test_every_printed_line(name):
    published = RUNS[name]
    trace = run(name, published["prints"])
    for t, x, score in published["lines"]:
        expected = x.strip("[]").split(), score
        assert printed(trace.x[t + 1], trace.score[t + 1], 5) == expected, f"line {t}"
    x, score = published["done"]
    assert printed(trace.x[-1], trace.score[-1], 6) == (x.strip("[]").split(), score)


@pytest.mark.parametrize("name", RUNS)
def test_where_the_listing_ends(name):
    trace = run(name, RUNS[name]["listing"])
    end = RUNS[name]["listing_ends_at"]
    # The tutorials' loop rounds in another order here and there: hence not the last bit.
    np.testing.assert_allclose(trace.x[-1], end["x"], rtol=1e-12, atol=0)
    np.testing.assert_allclose(trace.score[-1], end["score"], rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", ["adamax", "amsgrad"])
def test_these_listings_do_not_print_their_transcript(name):
    published = RUNS[name]
    trace = run(name, published["listing"])
    agree = [
        printed(trace.x[t + 1], trace.score[t + 1], 5) == (x.strip("[]").split(), score)
        for t, x, score in published["lines"]
    ]
    assert not any(agree)


def test_the_published_lines_are_all_there():
    assert {name: len(published["lines"]) for name, published in RUNS.items()} == {
        "adam": 10,
        "adamax": 17,
        "amsgrad": 10,
        "nadam": 10,
    }


@pytest.mark.parametrize("name", RUNS)
def test_the_notebook_prints_the_published_lines_and_that_all_agree(name):
    cells = json.loads((ROOT / "book" / name / "notebook.ipynb").read_text())["cells"]
    outputs = ["".join(o.get("text", ())) for cell in cells for o in cell.get("outputs", ())]
    lines = [f">{t} f({x}) = {score}".replace(" ", "") for t, x, score in RUNS[name]["lines"]]
    (said,) = [text for text in outputs if lines[0] in text.replace(" ", "").splitlines()]
    assert set(lines) <= set(said.replace(" ", "").splitlines())
    assert f"{len(lines)} of {len(lines)} lines agree" in said
