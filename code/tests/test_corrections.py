"""The page of corrections is complete, and everything on it can be linked to."""

import json
import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"

# Every error found in the source tutorials, by its identifier.
IDS = """
    T1 T2 T4 T5 T6 T7 T8 T9 T10
    G1 G3 G4 G5 G6 G7 G8 G9
    R1 R2 R4 R5 R6 R8
    X1 X2 X3 X4 X5 X6
    M1 M2 M3 M4 M5 M6
    A1 A2 A3 A4 A5 A6 A7
    S1 S2 S3 S4 S5 S6 S7 S8 S9 S10
    N1 N2 N3 N4 N5 N6
""".split()
GROUPS = ["transcripts", "claims", "formulas", "names", "listings", "bitrot", "edges", "elsewhere"]


@pytest.fixture(scope="module")
def page():
    """The text of the notebook's Markdown cells."""
    notebook = json.loads((BOOK / "appendix" / "corrections.ipynb").read_text(encoding="utf-8"))
    texts = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"]
    return "\n\n".join(texts)


@pytest.mark.parametrize("id", IDS)
def test_every_correction_has_its_entry_and_its_target(page, id):
    # <a id="correction-t1"></a>
    # **What is printed (T1; where).** What is so.
    anchor = f'<a id="correction-{id.lower()}"></a>'
    entry = re.search(rf"^{anchor}\n\*\*(.+?)\*\* \S", page, re.M)
    assert entry, f"no entry with a target for {id}"
    assert re.search(rf"\({id}[;)]", entry[1]), f"the entry of {id} does not name it: {entry[1]}"


def test_there_are_58_and_no_entry_that_is_not_listed(page):
    assert len(IDS) == len(set(IDS)) == 58
    targets = re.findall(r'^<a id="correction-(.+)"></a>$', page, re.M)
    assert sorted(targets) == sorted(id.lower() for id in IDS)


def test_every_group_has_a_target_and_a_heading(page):
    groups = re.findall(r'^<a id="sec-corrections-(.+)"></a>\n\n## ', page, re.M)
    assert sorted(groups) == sorted(GROUPS)


def test_every_work_is_in_the_annotated_bibliography():
    works = re.findall(r"^@\w+\{(\w+),", (BOOK / "references.bib").read_text("utf-8"), re.M)
    annotated = re.findall(
        r"\{cite(?::t)?\}`(\w+)`", (BOOK / "appendix" / "bibliography.md").read_text("utf-8")
    )
    assert sorted(annotated) == sorted(works)
