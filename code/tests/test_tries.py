"""What the pages tell their readers to try: done in a browser, and the promised number found.

The notation is that of code/tools/tries.py.
"""

import re

import prose
import pytest
import tries
from course import PAGES, ROOT, SITE, serve
from figure import Figure, numbers_in

TEXTS = {page: prose.whole_text(page) for page in PAGES}
TRIES = {page: tries.of_page(text) for page, text in TEXTS.items()}


@pytest.fixture(scope="module")
def site_address():
    with serve(SITE) as address:
        yield address


def act(figure, name, value):
    """What a reader does with one control, in the figure's own terms."""
    if name in ("run", "remove"):
        figure.control(name).nth(int(value)).click()
    elif name in ("view", "panel", "inner"):
        figure.root.locator(f'[name="{name}"][value="{value}"]').check()
    elif name in ("objective", "stream", "add", "correction"):
        figure.choose(name, value)
    elif name == "t":
        figure.slide("t", value)
    elif name.startswith("x0-"):
        figure.type(name, value)
    else:
        figure.move_to(name, float(value))


def shown(figure, name, run):
    """The number that the figure shows under a name of code/tools/tries.py."""
    selected = int(figure.data["selected"]) if run is None else run
    name, _, coordinate = "x.y".partition(".") if name == "y" else name.partition(".")
    sentence = figure.sentence(selected)
    patterns = {
        "ends at": r"ends at (.*) with f",
        "diverges at": r"diverges: at step (\d+)",
        "leaves at": r"leaves the map at step (\d+)",
        "last": r"the last step is (\S+)",
        "longest": r"the longest (\S+)",
        "longest at": r"at t = (\d+)",
    }
    if name in patterns:
        found = re.search(patterns[name], sentence)
        assert found, f"{name} is not in the figure's sentence: {sentence}"
        text = found[1]
    else:
        values = figure.readout(selected)
        assert name in values, f"{name} is not in the readout: {', '.join(values)}"
        text = values[name]
    return numbers_in(text)[coordinate == "y"]


@pytest.mark.site
@pytest.mark.parametrize("page", [page for page, found in TRIES.items() if found])
def test_what_a_page_tells_to_try_comes_true(browser, site_address, page):
    names = list(dict.fromkeys(one.figure for one in TRIES[page]))
    for name in names:
        which = {"n": int(name) - 1} if name.isdigit() else {"name": name}
        with Figure(browser, f"{site_address}{page}.html", **which) as figure:
            figure.ready()
            for one in TRIES[page]:
                if one.figure != name:
                    continue
                figure.control("reset").click()
                for action in one.actions:
                    act(figure, *action)
                for what, run, number in one.promises:
                    value, unit = prose.parse(number.lstrip("-"))
                    promised = float(value) * (-1 if number.startswith("-") else 1)
                    found = shown(figure, what, run)
                    assert abs(found - promised) <= 0.5001 * float(unit), (
                        f"{page}.md:{one.line}: {one}: {what} = {number}, the figure shows {found}"
                    )


def test_every_figure_in_a_page_of_text_is_tried():
    for page, text in TEXTS.items():
        if (ROOT / f"{page}.md").is_file():
            figures = set(re.findall(r"^`{3,}\{explorer\}\n:name: (\S+)$", text, re.M))
            assert figures == {one.figure for one in TRIES[page]}, page
            assert text.count("{explorer}") == len(figures), f"{page}: a figure has no name"


def test_every_chapter_explains_with_figures():
    for chapter in ("gradient_descent", "adam", "adamax", "amsgrad", "nadam"):
        assert TEXTS[f"book/{chapter}/derivation"].count("```{explorer}") >= 2, chapter


@pytest.mark.site
def test_a_figure_begins_with_the_inner_value_that_its_page_names(browser, site_address):
    page = "book/adamax/derivation"
    name, inner = re.search(r"\n:name: (\S+)\n:inner: (\S+)", TEXTS[page]).groups()
    with Figure(browser, f"{site_address}{page}.html", name=name) as figure:
        figure.ready()
        assert figure.data["inner"] == inner
        assert figure.root.locator(f'[name="inner"][value="{inner}"]').is_checked()
        act(figure, "inner", "x")
        assert figure.data["inner"] == "x"
        figure.control("reset").click()
        assert figure.data["inner"] == inner


@pytest.mark.site
def test_a_link_sets_its_figure_again(browser, site_address):
    with Figure(
        browser, f"{site_address}book/nadam/derivation.html", name="fig-nadam-turn"
    ) as figure:
        figure.ready()
        link = figure.page.locator('a[href*="fig-nadam-turn&objective=rosenbrock"]')
        for _ in range(2):
            link.click()
            figure.wait("e.dataset.objective === 'rosenbrock'")
            figure.choose("objective", "beale")
            figure.wait("e.dataset.objective === 'beale'")
