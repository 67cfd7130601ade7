"""The race: the tables of its text are those that its notebook prints."""

import json
import re

from course import ROOT

from descent import OBJECTIVES, RULES

FOLDER = ROOT / "book" / "race"


def output():
    cells = json.loads((FOLDER / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return "".join("".join(output.get("text", ())) for output in outputs)


def printed(heading):
    """The rows, one for each rule, below the first line of the notebook's output with a heading."""
    lines = re.search(rf"^ *{heading}.*\n((?:.+\n){{{len(RULES)}}})", output(), re.M)[1]
    return [line.split() for line in lines.splitlines()]


def shown(heading):
    """The cells of the head and of the rows of the text's table with a heading, without marks."""
    text = (FOLDER / "derivation.md").read_text(encoding="utf-8")
    lines = re.search(rf"^\| *{heading}.*\n(?:\|.*\n)+", text, re.M)[0].splitlines()
    head, _, *rows = [re.sub(r"[`*$]", "", line).strip("| ").split(" | ") for line in lines]
    return head, rows


def test_the_table_of_results():
    head, rows = shown("rule \\| bowl")
    assert head == ["rule", *OBJECTIVES]
    assert rows == printed("bowl +ravine")
    assert [row[0] for row in rows] == list(RULES)


def test_the_table_of_what_is_tuned():
    assert shown("tuned:")[1] == printed("tuned:")


def test_the_table_of_tries():
    everywhere, without = printed("all surfaces"), printed("without the egg box")
    rows = [[*a, b[3]] for a, b in zip(everywhere, without, strict=True)]
    assert shown("tries:")[1] == rows


def test_the_curse_of_the_winner():
    counts = re.findall(r"^(\w+) +(\d+) worse +(\d+) better", output(), re.M)
    assert [surface for surface, *_ in counts] == list(OBJECTIVES)
    ratio = {surface: int(worse) / int(better) for surface, worse, better in counts}
    assert min(ratio.values()) > 1
    assert round(ratio["beale"]) == 4
