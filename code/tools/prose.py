r"""Hold the numbers of the book's prose to their evidence.

    python code/tools/prose.py [PAGE ...]            a line for each number without evidence
    python code/tools/prose.py --drill [PAGE ...]    change each number: which goes unnoticed?

A page is named as in _toc.yml (book/adam/derivation). `make quick` and `make test` check all.

A number in the text of a page (tables, captions, alt texts and solutions included) is measured,
unless a rule of KINDS says otherwise. A measured number must be found in its evidence:

- in a notebook: what the code cells of the same section print, and the numbers in their code;
- in a solution and its exercise: the numbers in the solution's code, which the tests run;
- anywhere: what a comment names that comes after it in the same section:

    <!-- numbers: from "Steps that do not shrink"; 57.6 = log(10) / log(51 / 49) -->

  `from "HEADING"` adds a section of the page's own notebook, `from adam "HEADING"` one of another
  chapter's. `N = EXPRESSION` holds every N before it to a Python expression, in which the names of
  math, `np`, all of `descent`, `default(rule, name)`, `library("torch.optim.SGD", "lr")` for the
  default of a library, and `printed("HEADING", r"a regex (\S+)", "adam/notebook")` are known, the
  last without its last argument for the page's own notebook. `given 0.8, 50` are settings, which
  the text chooses for itself; one named twice must stand there twice. `only` takes the surroundings
  away: nothing counts but this comment. `held by test_x.py::test_y` says that another test holds
  these numbers. A comment reaches back to the comment or heading before it, or to the edge of its
  box; two with nothing between them reach as far. The site drops it.

Found means: what was printed with more digits, rounded as the number is printed, is that number.
Whole numbers and numbers in code are not rounded. After a hyperparameter's symbol and = only the
values that the code gives to it count, or else the defaults of the package.

What a page tells its readers to try in a figure, what the figure then shows, and the numbers in the
figure's call are evidence in the same way; see tries.py.

EXCEPTIONS lists the few numbers that nothing can prove.
"""

import argparse
import io
import json
import math
import re
import sys
import textwrap
import tokenize
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from inspect import signature
from itertools import pairwise
from pathlib import Path

import numpy as np
import tries

import descent

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = {
    "index": "first_look",
    "notation": "appendix/variants_notebook",
    "appendix/variants": "appendix/variants_notebook",
    "variants": "appendix/variants_notebook",
    "corrections": "appendix/corrections",
    "first_look": "first_look",
}
PUBLIC = {name: getattr(descent, name) for name in descent.__all__}

# (page, number as printed): why nothing can prove it.
EXCEPTIONS = {}

SETTING = "a setting"  # stands for the expression that would hold a number

# ---- Reading a page ----------------------------------------------------------------------------


@dataclass
class Number:
    """One number of a page's text: where it stands, how it is printed, and what kind it is."""

    page: str
    line: int
    start: int  # in the text of the page
    text: str
    kind: str
    symbol: str = ""  # of the hyperparameter whose value it is
    evidence: list = field(default_factory=list)  # of Evidence
    expressions: set = field(default_factory=set)  # the numbers that an expression holds

    def __str__(self):
        return f"{self.page}:{self.line}: {self.text}"


HEADING = re.compile(r"^(#+) +(.+?) *$", re.M)
NUMBER = re.compile(
    r"(?<![\w.\\])"
    r"(?:(?P<mantissa>\d+(?:(?:,|\{,\})\d{3}(?!\d))*(?:\.\d+)?)"
    r"(?:\s*(?:\\times|\\cdot|×)\s*10\^\{?(?P<power>-?\d+)\}?|e(?P<e>[-+]?\d+))?)"
)
TEN = re.compile(r"(?<![\w.\\])10\^\{?(?P<power>-?\d+)\}?")


def parse(text):
    """(value, unit of the last digit) of a printed number; a bare power of ten has no unit."""
    if ten := TEN.fullmatch(text):
        return Decimal(10) ** int(ten["power"]), None
    found = NUMBER.fullmatch(text)
    mantissa = Decimal(found["mantissa"].replace("{,}", "").replace(",", ""))
    exponent = int(found["power"] or found["e"] or 0)
    unit = Decimal(10) ** (mantissa.as_tuple().exponent + exponent)
    return mantissa.scaleb(exponent), unit


def blank(text, pattern, flags=0, keep=""):
    """The text with what matches made blank, line breaks and the group `keep` left as they are."""

    def spaces(match):
        out = re.sub(r"[^\n]", " ", match[0])
        if keep:
            a, b = (i - match.start() for i in match.span(keep))
            out = out[:a] + match[keep] + out[b:]
        return out

    return re.sub(pattern, spaces, text, flags=flags)


def boxes(text):
    """(start, end, info) of each fenced block, inner ones after outer ones."""
    stack, found = [], []
    for line in re.finditer(r"^[ >]*(`{3,}|:{3,})(.*)$", text, re.M):
        fence, info = line[1], line[2].strip()
        in_code = stack and stack[-1][1] and not stack[-1][1].startswith("{")
        if stack and not info and fence == stack[-1][2]:
            start, opened, _ = stack.pop()
            found.append((start, line.end(), opened))
        elif not in_code:
            stack.append((line.start(), info or "text", fence))
    return sorted(found)


CODE = ("{explorer}", "{write}", "{code-block}")


def without_code(text):
    """The text with its blocks of code made blank, line breaks left as they are."""
    for start, end, info in boxes(text):
        if not info.startswith("{") or info.startswith(CODE):
            text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text


def prose(text):
    """The text of a page with all that is no prose made blank."""
    text = without_code(text)
    text = blank(text, r"<!--.*?-->", re.S)
    text = blank(text, r"^[ >]*(?:`{3,}|:{3,})\{[\w:-]+\}(?P<title>[^\n]*)$", re.M, "title")
    text = blank(text, r"^[ >]*:(?!alt:)[\w-]+:.*$", re.M)
    text = blank(text, r"\{[\w:-]+\}`[^`]*`")  # roles
    text = blank(text, r"(?<!`)`[^`\n]+`(?!`)")  # code
    text = blank(
        text, r"(?<=\])\([^)\s]*\)|https?://\S+|</?[a-z][^>\n]*>"
    )  # where links lead, tags
    text = blank(text, r"(?<=^\$\$) *\([\w-]+\)|^\([\w-]+\)= *$", re.M)  # labels
    text = blank(text, r"^[ >]*\d+\. ", re.M)  # numbers of a list
    text = blank(text, r"\\[td]?frac\d\d|\\\\\[[\w.]+\]|\b\d+\.\d+\.\d+")  # halves, gaps, versions
    return blank(text, r"\*\*Time\*\*.*")  # held by test_front_pages.py


WORDS = (
    "Algorithms?|Theorems?|Sections?|Lemma|[Qq]uestions?|lecture|Python|PyTorch|Optax|Keras|"
    "Chapter|chapters?|Matplotlib|NumPy|BSD|CC BY|version|issue|request"
)
# What is no measurement: (kind, in mathematics?, what stands before, the number, what follows).
KINDS = [
    ("index", True, r"[_^]\{?-?$", r".*", r""),
    ("algebra", True, r"", r"\d", r"(?!\s*\\?%)"),
    ("counting", False, r"", r"[012]", r"(?!\s*%)"),
    ("year", False, r"(?:\(|, |of |in |since |\w )$", r"(?:18|19|20)\d\d", r"[a-e]?[)\];:]"),
    ("year", False, r"(?:of|in|since|\w+ber) $", r"(?:19|20)\d\d", r"[,.;)]| \(| are"),
    ("reference", False, rf"(?:{WORDS}) (?:\d+(?:, | and | to ))*$", r".*", r""),
]


# The symbols of the hyperparameters, and their names in code.
HYPERPARAMETERS = {
    r"\alpha": "alpha",
    r"\beta": "beta",
    r"\beta_1": "beta1",
    r"\beta_2": "beta2",
    r"\mu": "beta1",
    r"\nu": "beta2",
    r"\varepsilon": "eps",
}


def kind(text, start, end, in_math):
    before, number, after = text[max(0, start - 60) : start], text[start:end], text[end : end + 20]
    for name, mathematics, left, itself, right in KINDS:
        if mathematics == in_math and re.fullmatch(itself, number):
            if re.search(left + r"\Z" if left else "", before) and re.match(right, after):
                return name
    return "measured"


def numbers(page, text, first_line=1):
    """The numbers of a page's text, in order."""
    text = prose(text)
    spans = [m.span() for m in re.finditer(r"\$\$.*?\$\$|(?<!\$)\$[^$\n]+\$(?!\$)", text, re.S)]
    found, end = [], 0
    for match in re.finditer(rf"{TEN.pattern}|{NUMBER.pattern}".replace("?P<power>", "?:"), text):
        if match.start() < end:
            continue
        end = match.end()
        in_math = any(a <= match.start() < b for a, b in spans)
        line = first_line + text.count("\n", 0, match.start())
        which = kind(text, match.start(), match.end(), in_math)
        symbol = re.search(r"(\\[a-z]+(?:_\d)?) *= *$", text[: match.start()])
        name = HYPERPARAMETERS.get(symbol and symbol[1], "")
        found.append(Number(page, line, match.start(), match[0], which, name))
    return found


# ---- Evidence ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """What a program prints and what its code says."""

    printed: tuple = ()
    code: tuple = ()
    settings: tuple = ()  # of (name of a hyperparameter, value)

    def values(self, number):
        """(candidate, whether it may be rounded)."""
        if number.symbol:
            given = [value for name, value in self.settings if name == number.symbol]
            return [(value, False) for value in given]
        return [(v, True) for v in self.printed] + [(v, False) for v in self.code]


def decimals(text):
    """All numbers of a text, with the digits that are there."""
    found = re.findall(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?", text)
    return [Decimal(number.replace(",", "")) for number in found]


def literals(code):
    """The numbers in Python code, those in its strings included."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.NUMBER and not token.string.lower().endswith("j"):
                found.append(Decimal(token.string.replace("_", "")))
            elif token.type == tokenize.STRING:
                found += decimals(token.string)
    except tokenize.TokenError:  # a listing that is cut short
        pass
    return found


def settings(code):
    """(name, value) of what code gives to a hyperparameter: a number, or several in brackets."""
    found = []
    number = r"\d[\d_]*(?:\.\d+)?(?:e-?\d+)?"
    names = r"\b(alpha|beta1?|beta2|mu|nu|eps)(?:s|es)?"
    numbers = rf"(?:np\.array)?[\[(]*({number}(?:, *{number})*)"
    for name, values in re.findall(rf"{names}\"? *(?:=|:|in) *{numbers}", code):
        name = {"mu": "beta1", "nu": "beta2"}.get(name, name)
        found += [(name, Decimal(value.replace("_", ""))) for value in re.findall(number, values)]
    return found


@cache
def of_code(code, printed=""):
    return Evidence(tuple(decimals(printed)), tuple(literals(code)), tuple(settings(code)))


@cache
def cells(notebook):
    """[(path of headings, cell)] of a notebook; a cell of text is cut at its headings."""
    path = ROOT / "book" / f"{notebook}.ipynb"
    headings, result = [], []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source, start = "".join(cell["source"]), 0
        if cell["cell_type"] == "markdown":
            for heading in HEADING.finditer(without_code(source)):
                part = source[start : heading.start()]
                result.append((tuple(headings), {"cell_type": "markdown", "source": part}))
                start, level = heading.start(), len(heading[1]) - 1
                headings = [*headings[:level], *[""] * (level - len(headings)), heading[2]]
        result.append((tuple(headings), cell | {"source": source[start:]}))
    return result


def printed_text(cell):
    parts = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        parts += ["".join(output.get("text", "")), "".join(data.get("text/plain", ""))]
    return "\n".join(parts)


def section(notebook, heading):
    """The code cells of the section of a notebook with this heading, subsections included."""
    found = [cell for path, cell in cells(notebook) if heading in path]
    if not found:
        titles = sorted({title for path, _ in cells(notebook) for title in path})
        raise ValueError(f'no section "{heading}" in {notebook}.ipynb; it has: {"; ".join(titles)}')
    return [cell for cell in found if cell["cell_type"] == "code"]


@cache
def evidence(notebook, heading):
    cells_there = section(notebook, heading)
    code = "\n".join("".join(cell["source"]) for cell in cells_there)
    return of_code(code, "\n".join(map(printed_text, cells_there)))


def default(rule, name):
    """The default of a hyperparameter of a rule."""
    return signature(rule).parameters[name].default


def library(optimizer, argument, index=None):
    """The default of an argument of a library's optimizer; of one of its numbers, if several."""
    file = ROOT / "code/tests/vectors/defaults.json"
    default = json.loads(file.read_text(encoding="utf-8"))[optimizer][argument]
    return default if index is None else default[index]


@cache
def value(expression, notebook):
    def printed(heading, pattern, of=notebook):
        text = "\n".join(map(printed_text, section(NOTEBOOKS.get(of, of), heading)))
        return float(re.search(pattern, text)[1].replace(",", ""))

    names = {
        **vars(math),
        **PUBLIC,
        "np": np,
        "default": default,
        "printed": printed,
        "library": library,
    }
    names |= {f.__name__: f for f in (abs, all, any, float, int, len, list, max, min, next)}
    names |= {f.__name__: f for f in (range, round, sorted, sum, zip)}
    with np.errstate(all="ignore"):
        return Decimal(repr(float(eval(expression, {"__builtins__": {}} | names))))


def agree(text, candidate, may_round=True, exact=False):
    """Whether a candidate, rounded as the number is printed, is that number.

    What was itself printed must have more digits to be rounded; an exact value has them all.
    """
    number, unit = parse(text)
    candidate = abs(candidate)
    if candidate == number:
        return True
    if not (may_round and candidate.is_finite()):
        return False
    if unit is None:
        return bool(candidate) and round(float(candidate.log10())) == int(number.log10())
    whole = re.fullmatch(r"[\d,{}]+", text)
    finer = exact or (not whole and Decimal(10) ** candidate.as_tuple().exponent < unit)
    return finer and abs(candidate - number) <= unit / 2


# ---- The check ---------------------------------------------------------------------------------


def own_notebook(page):
    name = page.removeprefix("book/")
    return NOTEBOOKS.get(name, name.replace("derivation", "notebook"))


def named_notebook(page, name):
    return own_notebook(page) if not name else NOTEBOOKS.get(name, f"{name}/notebook")


def call(page, figure):
    """The code of a figure in a page of text; "" where a notebook's cell has it."""
    box = rf"^`{{3,}}{{explorer}}\n:name: {figure}\n(.*?)^`{{3,}}$"
    found = re.search(box, whole_text(page), re.M | re.S)
    return found[1] if found else ""


def comments(page, text):
    """(start, end, sections, expressions, only, elsewhere) of each comment of a text."""
    for match in tries.COMMENT.finditer(text):
        found = tries.of_comment(match)
        promised = [number for one in found for _, _, number in one.promises]
        done = [value.lstrip("-") for one in found for _, value in one.actions]
        done += re.findall(r"(?<=[=:\[ ])\d[\d.]*", call(page, match[1]))
        numbers = [(number.lstrip("-"), None) for number in dict.fromkeys(promised)]
        numbers += [(number, SETTING) for number in done if NUMBER.fullmatch(number)]
        yield match.start(), match.end(), [], numbers, False, False
    for match in re.finditer(r"<!-- *numbers:(.*?)-->", text, re.S):
        sections, expressions, only, elsewhere = [], [], False, False
        for item in re.split(r";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", match[1]):
            item = " ".join(item.split())
            if origin := re.fullmatch(r'from (?:(\w+) )?"(.+)"', item):
                sections.append((named_notebook(page, origin[1]), origin[2]))
            elif held := re.fullmatch(r"(.+?) = (.+)", item):
                expressions.append((held[1], held[2]))
            elif item == "only":
                only = True
            elif item.startswith("given "):
                expressions += [(number, None) for number in re.split(r",\s+", item[6:])]
            elif test := re.fullmatch(r"held by (test_\w+\.py)::(\w+)", item):
                source = (ROOT / "code/tests" / test[1]).read_text(encoding="utf-8")
                if f"def {test[2]}(" not in source:
                    raise ValueError(f"{page}: there is no {test[1]}::{test[2]}")
                elsewhere = True
            elif item:
                raise ValueError(f'{page}: "{item}" is not known; see code/tools/prose.py')
        yield match.start(), match.end(), sections, expressions, only, elsewhere


def codes(text):
    """(start, end, evidence) of the boxes of a page: the numbers of a box's own code count.

    An exercise is given the numbers of its solution's code.
    """
    all_boxes = boxes(text)
    solutions = {info.split()[1]: (a, b) for a, b, info in all_boxes if "{solution} " in info}
    for start, end, info in all_boxes:
        if info.startswith("{"):
            label = re.search(r"^:label: (\S+)$", text[start:end], re.M)
            first, last = solutions.get(label and label[1], (start, end))
            inner = [text[a:b] for a, b, i in all_boxes if first < a < last and i == "python"]
            code = [re.sub(r"^[ >]*`{3,}.*", "", part, flags=re.M) for part in inner]
            yield start, end, of_code("\n".join(map(textwrap.dedent, code)))


def bounds(text):
    """Where the reach of a comment ends at the latest: headings and the edges of boxes."""
    edges = [match.start() for match in HEADING.finditer(without_code(text))]
    for start, end, info in boxes(text):
        if info.startswith("{") and not info.startswith("{figure}"):
            edges += [start, end]
    return edges


def read(page, text, first_line=1, surroundings=()):
    """The numbers of a text with their evidence, and what is wrong with its comments."""
    found, problems = numbers(page, text, first_line), []
    edges, reached, before = bounds(text), 0, 0
    try:
        named = sorted(comments(page, text), key=lambda comment: comment[0])
    except ValueError as error:
        return found, [str(error)]
    boxed = list(codes(text))
    for number in found:
        number.evidence += surroundings
        for start, end, code in boxed:
            if start <= number.start < end:
                number.evidence.append(code)
    for start, end, sections, expressions, only, elsewhere in named:
        line = first_line + text.count("\n", 0, start)
        if text[reached:start].strip():
            before = max([reached, *(edge for edge in edges if edge < start)])
        begin, reached = before, end
        scope = [n for n in found if begin <= n.start < start]
        for number in scope:
            if elsewhere and number.kind == "measured":
                number.kind = "held by a test"
            if only:
                number.evidence.clear()
                number.symbol = ""  # nor do the package's defaults count
        for notebook, heading in sections:
            try:
                known = evidence(notebook, heading)
            except ValueError as error:
                problems.append(f"{page}:{line}: {error}")
                continue
            for number in scope:
                number.evidence.append(known)
        for printed, expression in expressions:
            if expression is SETTING:  # of a figure: the text may name it or not
                for number in scope:
                    number.expressions.add(printed)
                continue
            what = f"{printed} = {expression}" if expression else f"given {printed}"
            try:
                result = value(expression, own_notebook(page)) if expression else parse(printed)[0]
            except Exception as error:  # whatever an expression raises
                problems.append(f"{page}:{line}: {what}: {error!r}")
                continue
            if not agree(printed, result, exact=True):
                problems.append(f"{page}:{line}: {what}, but that is {float(result):.9g}")
            times = expressions.count((printed, None))
            if times > 1 and times != sum(n.text == printed for n in scope):
                problems.append(f"{page}:{line}: {what} is not there {times} times")
            if not any(n.text == printed for n in scope):
                near = ", ".join(n.text for n in scope if n.kind == "measured") or "none"
                problems.append(
                    f"{page}:{line}: {what} is held to no number before it; "
                    f"there are: {near}; expected {printed}"
                )
            for number in scope:
                number.expressions.add(printed)
    return found, problems


def is_held(number):
    if number.kind != "measured" or number.text in number.expressions:
        return True
    if (number.page.removeprefix("book/"), number.text) in EXCEPTIONS:
        return True
    return any(agree(number.text, *value) for value in candidates(number))


def candidates(number):
    """[(value, whether it may be rounded)] of what may stand behind a number."""
    values = [value for evidence in number.evidence for value in evidence.values(number)]
    if number.symbol and not values and number.text not in number.expressions:
        rules = [signature(rule).parameters.get(number.symbol) for rule in descent.RULES.values()]
        values = [(Decimal(repr(rule.default)), False) for rule in rules if rule]
    return values


def missing(number):
    """What is wrong with a number without evidence, and which number was expected."""
    target, _ = parse(number.text)
    known = [value for value, _ in candidates(number)]
    known += [parse(text)[0] for text in number.expressions]
    nearest = min(known, key=lambda value: abs(abs(value) - target), default=None)
    expected = "no evidence is named" if nearest is None else f"expected {nearest}"
    return f"{number} has no evidence ({expected})"


def texts(page):
    """(text, first line, evidence) of each section of a page, or of each cell of a notebook."""
    source = ROOT / f"{page}.md"
    if source.is_file():
        text = source.read_text(encoding="utf-8")
        headings = [found.start() for found in HEADING.finditer(without_code(text))]
        for start, end in pairwise([0, *headings, len(text)]):
            yield text[start:end], 1 + text.count("\n", 0, start), ()
        return
    line, name = 1, page.removeprefix("book/")
    for path, cell in cells(name):
        known = [evidence(name, path[-1])] if path else []
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            yield text, line, known
            line += text.count("\n") + (0 if text.endswith("\n") else 2)
        else:
            alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
            yield alt, line, known


def whole_text(page):
    """The text of a page, or of a notebook's cells of text, comments included."""
    source = ROOT / f"{page}.md"
    if source.is_file():
        return source.read_text(encoding="utf-8")
    of_page = cells(page.removeprefix("book/"))
    return "\n".join(
        "".join(cell["source"]) for _, cell in of_page if cell["cell_type"] == "markdown"
    )


def check(page):
    """All problems of a page, a line each."""
    problems = []
    for text, line, known in texts(page):
        found, wrong = read(page, text, line, known)
        problems += wrong + [missing(number) for number in found if not is_held(number)]
    return problems


def pages():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    return re.findall(r"^\s*(?:- file|root): (\S+)$", toc, re.M)


# ---- The check of the check --------------------------------------------------------------------


def changed(text):
    """The number with its last digit changed by one."""
    at = max(i for i, c in enumerate(text) if c.isdigit())
    if re.fullmatch(r".*10\^\{?-?\d+\}?", text) and not TEN.fullmatch(text):
        at = re.match(r"[\d.,{}]*\d", text).end() - 1  # of the mantissa
    elif "e" in text:
        at = text.index("e") - 1
    digit = int(text[at])
    return text[:at] + str(digit + 1 if digit < 9 else digit - 1) + text[at + 1 :]


def drill(page):
    """(how many numbers were changed, those whose change nothing noticed)."""
    total, survivors = 0, []
    for text, line, known in texts(page):
        found, wrong = read(page, text, line, known)
        for i, number in enumerate(found):
            if number.kind != "measured":
                continue
            total += 1
            new = changed(number.text)
            other = text[: number.start] + new + text[number.start + len(number.text) :]
            again, problems = read(page, other, line, known)
            same = len(again) == len(found) and again[i].text == new
            failed = len(problems) > len(wrong) or not same or not is_held(again[i])
            if not failed:
                survivors.append(f"{number} -> {new}")
    return total, survivors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drill", action="store_true", help="change each number, one at a time")
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    arguments = parser.parse_args()
    names = [name.removesuffix(".md").removesuffix(".ipynb") for name in arguments.pages]
    unknown = set(names) - set(pages())
    if unknown:
        parser.error(f"no such page: {', '.join(unknown)}; there are: {', '.join(pages())}")
    if arguments.drill:
        total, survivors = 0, []
        for page in names or pages():
            n, left = drill(page)
            total, survivors = total + n, survivors + left
            print(f"{page}: {n - len(left)} of {n} changes noticed", flush=True)
        print(*survivors, sep="\n")
        print(f"{total - len(survivors)} of {total} changes noticed")
        return
    problems = [problem for page in names or pages() for problem in check(page)]
    print(*problems, sep="\n")
    sys.exit(f"{len(problems)} numbers without evidence" if problems else 0)


if __name__ == "__main__":
    main()
