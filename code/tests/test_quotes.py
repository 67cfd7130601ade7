"""What a page quotes is there: a section by its heading, a statement or an exercise by its title,
a correction by its number, and in the boxes of the algorithms lines of code and equations."""

import inspect
import json
import re
from functools import cache

import pytest
from course import PAGES, ROOT

from descent import RULES

SOURCES = {
    page: next(path for path in (ROOT / f"{page}.md", ROOT / f"{page}.ipynb") if path.is_file())
    for page in PAGES
}


@cache
def prose(page):
    """The Markdown of a page that a reader sees, of a notebook that of its cells of text."""
    source = SOURCES[page].read_text(encoding="utf-8")
    if SOURCES[page].suffix == ".ipynb":
        cells = json.loads(source)["cells"]
        source = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return re.sub(r"<!--.*?-->", "", source, flags=re.S)


def headings(page):
    return {title.strip() for title in re.findall(r"^#+ (.+)$", prose(page), re.M)}


@cache
def titles():
    """The titles of what has a label: statements, algorithms and exercises."""
    directive = r"^[:`]{3,}\{[\w:-]+\} *(.*)\n(?:^:[\w-]+:.*\n)*?^:label: (\S+)$"
    return {
        label: title for page in PAGES for title, label in re.findall(directive, prose(page), re.M)
    }


@cache
def equations():
    """The left sides of the labelled equations, and the pages that they are on."""
    found = {}
    for page in PAGES:
        for tex, label in re.findall(r"^\$\$\n([^$]+)^\$\$ \((\S+)\)$", prose(page), re.M):
            lines = re.sub(r"\\(begin|end)\{\w+\}|\\\\", "\n", tex).split("\n")
            found[label] = (page, [spaceless(line) for line in lines])
    return found


def spaceless(tex):
    return re.sub(r"\\[,;!]|[&\s]", "", tex)


# Quoted headings and titles ---------------------------------------------------------------------

SECTION = r"""\b[Ss]ections?,? (?:"([^"]+)"|“([^”]+)”|\[([^]]+)\]\()"""
LINK = r"\[([^]]+)\]\(([^)\s]*)\)"


def wrong_sections(page, text):
    """The quoted sections of which no heading is on the page, its pair, or a page linked nearby."""
    wrong = []
    for paragraph in re.split(r"\n\s*\n", text):
        folder = SOURCES[page].parent
        linked = [(folder / path).resolve() for _, path in re.findall(LINK, paragraph)]
        near = [
            other
            for other, path in SOURCES.items()
            if other == page or path.parent == folder or path in linked
        ]
        known = {title for other in near for title in headings(other)}
        for quoted in re.findall(SECTION, paragraph):
            if (title := "".join(quoted)) not in known:
                wrong.append(title)
    return wrong


def wrong_titles(text):
    """The links and references that quote another title, or another number, than their target's."""
    links = re.findall(r"\[([^]]+)\]\([^)\s]*#([\w-]+)\)", text)
    links += re.findall(r"\{ref\}`([^<`]+) <([\w-]+)>`", text)
    wrong = []
    for quoting, label in links:
        title = re.search(r'["“](.+)["”]', quoting)
        exercises = {title for of, title in titles().items() if of.startswith("ex-")}
        if quoting in exercises and quoting != titles().get(label):
            wrong.append((quoting, label))
        number = re.search(r"correction ([A-Z]\d+)", quoting)
        if title and title[1] != titles().get(label):
            wrong.append((title[1], label))
        if number and label != f"correction-{number[1].lower()}":
            wrong.append((number[0], label))
    return wrong


@pytest.mark.parametrize("page", PAGES)
def test_a_quoted_section_is_there(page):
    assert wrong_sections(page, prose(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_link_quotes_the_title_it_leads_to(page):
    assert wrong_titles(prose(page)) == []


def test_sections_and_titles_are_quoted_at_all():
    text = "\n\n".join(map(prose, PAGES))
    assert len(re.findall(SECTION, text)) >= 2
    assert len(re.findall(r"correction [A-Z]\d+", text)) >= 20
    assert len(titles()) >= 30


# The boxes of the algorithms --------------------------------------------------------------------

BOX = r"^:::\{prf:algorithm\} .+\n:label: (\S+)\n(.+?)^:::$"
BOXES = {
    label: (page, box) for page in PAGES for label, box in re.findall(BOX, prose(page), re.M | re.S)
}
CHAPTERS = [page for page in PAGES if page.endswith("/derivation")]


def quoted_source(page, box):
    """The code that a box quotes: that of a rule, or that of the page's notebook."""
    if "the line of the notebook" in box:
        cells = json.loads((ROOT / f"{page}.md").with_name("notebook.ipynb").read_text("utf-8"))
        return "\n".join("".join(c["source"]) for c in cells["cells"] if c["cell_type"] == "code")
    (name,) = re.findall(r"line of `(\w+)` in `descent\.rules`", box)
    return inspect.getsource(RULES[name])


def wrong_code(page, box):
    """The quoted lines that are not in the code; dots stand for a part left out."""
    lines = [line.strip() for line in quoted_source(page, box).splitlines()]
    steps = re.findall(r"^ *\d+\. .*$", box, re.M)
    wrong = []
    for quoted in re.findall(
        r"`([^`]+)`", " ".join(re.sub(r"\{\w+\}`[^`]+`", "", s) for s in steps)
    ):
        pattern = ".+".join(map(re.escape, quoted.split("...")))
        # A whole line, or, of a formula, a part that stands by itself.
        whole = rf"{pattern}" if "=" in quoted else rf".*(?<![\w.]){pattern}(?![\w.]).*"
        if not any(re.fullmatch(whole, line) for line in lines):
            wrong.append(quoted)
    return wrong


def wrong_equations(page, box):
    """The equations quoted at a step that set another symbol, or come in a later chapter."""
    wrong = []
    for step in re.findall(r"^ *\d+\. .*$", box, re.M):
        symbols = re.findall(r"\$([^$]+?)\\leftarrow", step)
        for label in re.findall(r"\{eq\}`([^`]+)`", step):
            at, lines = equations()[label]
            begins = [f"{spaceless(symbol)}=" for symbol in symbols]
            if CHAPTERS.index(at) > CHAPTERS.index(page):
                wrong.append(label)
            elif not any(line.startswith(tuple(begins)) for line in lines):
                wrong.append(label)
    return wrong


def test_every_chapter_has_its_algorithm():
    assert {page for page, _ in BOXES.values()} == set(CHAPTERS)


@pytest.mark.parametrize("label", BOXES)
def test_the_code_of_a_step_is_in_the_rule(label):
    assert wrong_code(*BOXES[label]) == []


@pytest.mark.parametrize("label", BOXES)
def test_the_equation_of_a_step_sets_what_the_step_sets(label):
    assert wrong_equations(*BOXES[label]) == []


# The checks themselves --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quoting", "wrong"),
    [
        ('see the section "Steps that do not shrink"', []),
        ('see the section "Steps that never shrink"', ["Steps that never shrink"]),
        ("see section [Summary](derivation.md#summary)", []),
        ("see section [Sum](derivation.md#summary)", ["Sum"]),
        ('see the section "Symbols"', ["Symbols"]),
        ('see the section "Symbols" of [the notation](../notation.md)', []),
    ],
)
def test_a_wrong_section_is_found(quoting, wrong):
    assert wrong_sections("book/adam/derivation", quoting) == wrong


@pytest.mark.parametrize(
    ("quoting", "wrong"),
    [
        ('[the theorem "Step bound"](derivation.md#thm-adam-step-bound)', []),
        ('[the theorem "A bound"](derivation.md#thm-adam-step-bound)', ["A bound"]),
        ("({ref}`correction G4 <correction-g4>`)", []),
        ("({ref}`correction G4 <correction-g5>`)", ["correction G4"]),
    ],
)
def test_a_wrong_title_is_found(quoting, wrong):
    assert [title for title, _ in wrong_titles(quoting)] == wrong


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("`g = gradient(x)`", "`g = gradient(y)`"),
        ("`v_hat = v / (1 - beta2_power)`", "`v_hat = v / (1 - beta1_power)`"),
        ("`m, v = zero(x), zero(x)`", "`v, m = ...`"),
        ("`g = gradient(x)`", "`radient(x)`"),
        ("`g = gradient(x)`", "`g = ... - ...`"),
    ],
)
def test_a_wrong_line_of_code_is_found(right, wrong):
    page, box = BOXES["alg-adam"]
    assert right in box
    assert wrong_code(page, box.replace(right, wrong)) == [wrong.strip("`")]


@pytest.mark.parametrize("wrong", ["eq-adam-v", "eq-adam-m-hat", "eq-nadam-m"])
def test_a_wrong_equation_is_found(wrong):
    page, box = BOXES["alg-adam"]
    assert wrong_equations(page, box.replace("`eq-adam-m`", f"`{wrong}`")) == [wrong]
