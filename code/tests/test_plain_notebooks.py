"""Notebooks are read as plain Markdown in many places: their cells hold nothing else.

book/_ext/plain_notebooks.py says which plain forms the site makes more of. That every link of the
built site leads somewhere is tested with the site.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(ROOT.glob("book/**/*.ipynb"))
# Roles, directives, fences with colons, targets, comments, blocks and substitutions of MyST.
MYST = r"\{[\w:-]+\}`|^ *`{3,}\{|^ *:{3,}|^\([\w-]+\)= *$|^%|^\+\+\+|\{\{"
TAGS = r"<(?!a id=\"[\w-]+\"></a>|/a>|!--)/?[a-z!]"  # HTML, but for anchors and comments


def texts(path):
    """The Markdown cells without code, in which anything may stand."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            source = re.sub(r"^```\w*\n.*?^```$", "", "".join(cell["source"]), flags=re.M | re.S)
            yield re.sub(r"(?<![`}])`[^`\n]+`(?!`)", "", source)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_cells_are_plain_markdown(path):
    for text in texts(path):
        assert re.findall(f".*(?:{MYST}|{TAGS}).*", text, re.M) == []


@pytest.mark.parametrize(
    "raw",
    ["By {eq}`eq-a` it is.", ":::{admonition} Predict", "(sec-a)=", "% no", "```{figure} a.png"]
    + ["{cite:t}`a2020`", "<div>", "<span>", "+++", "{{ x }}", "> :::{note}"[2:]],
)
def test_myst_is_found(raw, tmp_path):
    cell = {"cell_type": "markdown", "source": ["A line.\n", raw]}
    (tmp_path / "x.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    with pytest.raises(AssertionError):
        test_cells_are_plain_markdown(tmp_path / "x.ipynb")


YEARS = dict(
    re.findall(
        r"^@\w+\{(\w+),.*?^ *year *= *\{(\d+)",
        (ROOT / "book/references.bib").read_text(encoding="utf-8"),
        re.M | re.S,
    )
)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_citations_name_the_year_of_the_work(path):
    for text in texts(path):
        for words, key in re.findall(r"\[([^\]]+)\]\([^)]*bibliography\.md#(\w+)\)", text):
            assert re.search(r"\d{4}", words)[0] == YEARS[key], f"[{words}] for {key}"
