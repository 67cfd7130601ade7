"""The numbers of the book's text are those of its evidence; code/tools/prose.py says how."""

import importlib.util
import sys
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load():
    spec = importlib.util.spec_from_file_location("prose", ROOT / "code/tools/prose.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["prose"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


prose = load()
PAGES = prose.pages()


@pytest.mark.parametrize("page", PAGES)
def test_every_measured_number_has_its_evidence(page):
    assert prose.check(page) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_wrong_last_digit_is_noticed(page):
    """Each measured number of the page, changed by one in its last digit, one at a time."""
    total, survivors = prose.drill(page)
    assert len(survivors) <= 0.05 * total, survivors


def test_exceptions_are_few_and_used():
    used = {
        (page.removeprefix("book/"), number.text)
        for page in PAGES
        for text, line, known in prose.texts(page)
        for number in prose.numbers(page, text, line)
    }
    assert set(prose.EXCEPTIONS) <= used
    assert len(prose.EXCEPTIONS) <= 30
    assert all(len(reason.split()) >= 3 for reason in prose.EXCEPTIONS.values())


# The check itself -------------------------------------------------------------------------------


def kinds(text):
    return {number.text: number.kind for number in prose.numbers("page", text)}


def test_which_numbers_are_measured():
    text = "In 346 steps $x_{51}$ and $2 x^{12}$ fall to "
    text += r"$1.3 \times 10^{-24}$, 24 % of 10,000 (2018)."
    assert kinds(text) == {
        "346": "measured",
        "51": "index",
        "2": "algebra",
        "12": "index",
        r"1.3 \times 10^{-24}": "measured",
        "24": "measured",
        "10,000": "measured",
        "2018": "year",
    }


@pytest.mark.parametrize(
    "text",
    [
        "`a = 15`",
        "```python\nx = 15\n```",
        "````{solution} ex\n```python\nx = 15\n```\n````",
        "[a](b15.md#c-15)",
        "{eq}`eq-15`",
        "15. first",
        "<!-- numbers: 15 = 15 -->",
        "```{figure} a15.svg\n:width: 15\n```",
        "$$\na\n$$ (eq-15)",
    ],
)
def test_what_is_no_text(text):
    assert kinds(text) == {}


@pytest.mark.parametrize(
    "text, number", [("```{figure} a.svg\n:alt: It has 15.\n```", "15"), ("> it has 15", "15")]
)
def test_what_is_text(text, number):
    assert kinds(text) == {number: "measured"}


@pytest.mark.parametrize(
    "printed, candidate, is_it",
    [
        ("0.29", "0.289", True),
        ("0.28", "0.289", False),
        ("0.289", "0.29", False),  # fewer digits than the text claims
        ("0.1", "0.100", True),
        ("19", "18.6", False),  # whole numbers are not rounded
        ("19", "19", True),
        (r"1.3 \times 10^{-24}", "1.27e-24", True),
        (r"1.3 \times 10^{-23}", "1.27e-24", False),
        ("10^{-24}", "1.27e-24", True),
        ("10^{-23}", "1.27e-24", False),
        ("10,000", "10000", True),
        ("10{,}000", "10000", True),
    ],
)
def test_rounded_alike(printed, candidate, is_it):
    assert prose.agree(printed, Decimal(candidate)) is is_it


def read(text, code="", printed=""):
    found, problems = prose.read("page", text, 1, [prose.of_code(code, printed)])
    return problems + [prose.missing(n) for n in found if not prose.is_held(n)]


def test_a_problem_names_page_line_and_the_number_expected():
    assert read("One line.\n\nIt takes 347 steps.", printed="after 346 steps") == [
        "page:3: 347 has no evidence (expected 346)"
    ]
    (problem,) = read("It is 0.5.\n\n<!-- numbers: 0.5 = 1 / 3 -->")
    assert problem == "page:3: 0.5 = 1 / 3, but that is 0.333333333"
    (problem,) = [
        p for p in read("It is 0.4.\n\n<!-- numbers: 0.3 = 1 / 3 -->") if "no number" in p
    ]
    assert problem.startswith("page:3: 0.3 = 1 / 3 is held to no number before it")


def test_a_hyperparameter_has_the_value_of_the_code():
    code = 'run(alpha=0.02, beta1=0.8)\nsettings = {"beta2": 0.99}'
    right = r"With $\alpha = 0.02$, $\beta_1 = 0.8$, $\beta_2 = 0.99$ and $\varepsilon = 10^{-8}$."
    assert read(right, code) == []
    for wrong in ("0.03", "0.9"):
        assert read(right.replace("0.8", wrong), code) != []
    assert read(right.replace("-8", "-7"), code) != []  # the package's default


def test_a_comment_reaches_back_to_its_heading_only():
    text = "# A\n\nIt is 0.33.\n\n# B\n\nIt is 0.33.\n\n<!-- numbers: 0.33 = 1 / 3 -->"
    assert read(text) == ["page:3: 0.33 has no evidence (no evidence is named)"]


def test_only_takes_the_surroundings_away():
    text = "It is 53.\n\n<!-- numbers: only; 53 = 52 + 1 -->"
    assert read(text, printed="53 54") == []
    assert read(text.replace("is 53", "is 53, not 54"), printed="53 54") != []


def test_changes_are_of_the_last_digit():
    numbers = ["346", "0.289", "10,000", r"1.3 \times 10^{-24}", "10^{-8}", "1.5e-07"]
    assert [prose.changed(n) for n in numbers] == [
        *("347", "0.288", "10,001", r"1.4 \times 10^{-24}", "10^{-9}", "1.6e-07")
    ]
