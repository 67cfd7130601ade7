"""The built website: every page in a real browser with the network cut, and its files.

`make book` builds it; `make test` does so first.
"""

import os
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import live_figures
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from bs4 import BeautifulSoup
from course import PAGES as CONTENTS
from course import ROOT, SITE, serve
from layout import DESKTOP, PHONE, READY, SETTLED, TABLET, measure
from PIL import Image, ImageChops

pytestmark = pytest.mark.site
WIDE, PHONES = {"width": 1300, "height": 900}, (390, 320)
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}
STRUCTURE = {
    "rules": {
        "color-contrast": {"enabled": False},
        "label-content-name-mismatch": {"enabled": True},
    }
}
PAGES = [*CONTENTS, "search", "genindex", "prf-prf"]


@cache
def html(page):
    """The parsed file of a page; callers must not change it."""
    return BeautifulSoup((SITE / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


@cache
def ids(page):
    return {element["id"] for element in html(page).find_all(id=True)}


# The site as files ------------------------------------------------------------------------------


def test_the_site_is_built_from_these_sources():
    for page in PAGES:
        built = SITE / f"{page}.html"
        assert built.is_file(), f"{built} is missing: run `make book`"
        for source in ROOT.glob(f"{page}.*"):
            assert source.stat().st_mtime <= built.stat().st_mtime, (
                f"{built} is older than {source.relative_to(ROOT)}: run `make book`"
            )
    for source in ROOT.glob("book/_static/*.[cjsp]*[sg]"):
        built = SITE / "_static" / source.name
        assert built.read_bytes() == source.read_bytes(), f"{built}: run `make book`"
    for name, text in live_figures.scripts().items():
        built = SITE / "_static" / name
        assert built.read_text(encoding="utf-8") == text, f"{built}: run `make book`"


def test_an_animation_rests_for_readers_who_want_no_motion(context, address):
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{address}book/first_look.html")
    shown = page.locator("picture.animation img").evaluate("e => e.currentSrc")
    with Image.open(SITE / "_images" / shown.rsplit("/", 1)[1]) as still:
        assert not getattr(still, "is_animated", False)
        rest = still.convert("RGB")
    assert page.locator(".play-again").count() == 0
    page.emulate_media(reduced_motion="no-preference")
    page.reload()
    picture = page.locator("picture.animation img")
    with Image.open(SITE / "_images" / picture.get_attribute("src").rsplit("/", 1)[1]) as moving:
        moving.seek(moving.n_frames - 1)
        assert ImageChops.difference(moving.convert("RGB"), rest).getbbox() is None
    before = picture.get_attribute("src")
    page.locator(".play-again").click()
    assert picture.get_attribute("src") != before  # a new address starts it anew
    page.close()


def test_every_page_of_the_site_is_tested():
    built = {
        path.relative_to(SITE).with_suffix("").as_posix()
        for path in SITE.rglob("*.html")
        if "_static" not in path.parts
    }
    assert built == {*PAGES, "index"}, "remove left-over pages with `make clean`"
    assert "url=book/index.html" in (SITE / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_links_and_anchors_resolve(page):
    broken = []
    for tag, attribute in (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src")):
        for element in html(page).find_all(tag, **{attribute: True}):
            url = urlsplit(element[attribute])
            if url.scheme or url.netloc:
                # A link may lead out; what a page loads may not.
                if tag != "a" or url.scheme not in ("http", "https", "mailto"):
                    broken.append(element[attribute])
                continue
            path = (SITE / page).parent / unquote(url.path) if url.path else SITE / f"{page}.html"
            path = Path(os.path.normpath(path))
            if not path.is_file() or SITE not in path.parents:
                broken.append(element[attribute])
            elif url.fragment and path.suffix == ".html":
                target = path.relative_to(SITE).with_suffix("").as_posix()
                figure = re.match("figure=([^&]+)", url.fragment)  # a link that sets a figure
                if unquote(figure[1] if figure else url.fragment) not in ids(target):
                    broken.append(element[attribute])
    assert not broken


@pytest.mark.parametrize("page", PAGES)
def test_every_image_is_described(page):
    assert [
        img["src"] for img in html(page).find_all("img") if not img.get("alt", "").strip()
    ] == []


MARKERS = r"\{[a-z]+(?::[a-z]+)?\}`?|\$\$|\$[^$\n]+\$|^:{3,}|`{3,}|\]\(|\*\*|<<|\\\(|\\\["


@pytest.mark.parametrize("page", PAGES)
def test_no_source_shows_through(page):
    """No role, directive, dollar or fence is left where a reader sees text."""
    main = html(page).find("main")
    hidden = {id(e) for e in main.find_all(["pre", "code", "script", "style"])}
    hidden |= {id(e) for e in main.find_all(class_=["math", "descent-explorer"])}
    text = "".join(
        string
        for string in main.find_all(string=True)
        if not any(id(parent) in hidden for parent in string.parents)
    )
    assert re.findall(f".*(?:{MARKERS}).*", text, re.M) == []


# In the browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address():
    with serve(SITE) as address:
        yield address


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(viewport=WIDE, color_scheme="light")
    yield context
    context.close()


def listen(page, address):
    """Whatever goes wrong on a page from now on, as a list that grows."""
    problems = []
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on(
        "console",
        lambda message: (
            problems.append(f"console: {message.text}")
            if message.type in ("error", "warning")
            else None
        ),
    )
    page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else problems.append(f"third party: {request.url}")
        ),
    )
    page.on(
        "response",
        lambda response: (
            problems.append(f"{response.status}: {response.url}")
            if response.status >= 400
            else None
        ),
    )
    return problems


AXE = """async ([where, options]) => {
  const found = await axe.run(where, options);
  return found.violations.flatMap(v => v.nodes.map(n => ({
    rule: v.id,
    target: n.target.join(" "),
    why: [...n.any, ...n.all, ...n.none].map(check => check.message).join("; "),
  })));
}"""

# What would take axe minutes and tells it nothing: the thousand boxes of an equation, and the
# pieces of coloured code of which the page has shown the same kind before.
THIN_OUT = """() => {
  for (const equation of document.querySelectorAll("mjx-container")) equation.replaceWith("x");
  const seen = new Set();
  for (const piece of document.querySelectorAll(".highlight span")) {
    const kind = piece.closest("[class*=cell_], [class*=highlight-]")?.className + piece.className;
    if (seen.has(kind)) piece.replaceWith(...piece.childNodes);
    seen.add(kind);
  }
}"""

# The colours of a text follow from its kind: the names and classes of the elements around it.
# Marks the texts of each kind that is not in the list yet, and returns these kinds.
MARK_NEW = """(list) => {
  const seen = new Set(list), kinds = [];
  for (const element of document.body.querySelectorAll("*")) {
    const texts = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
    if (!texts.some(text => text.data.trim())) continue;
    const around = [];
    for (let e = element; e; e = e.parentElement) around.push(e.localName, e.className);
    const kind = around.join();
    if (seen.has(kind)) continue;
    seen.add(kind);
    kinds.push(kind);
    element.dataset.new = "";
  }
  return kinds;
}"""


def look(context, address, name, kinds):
    """What one visit finds, wide and narrow, light and dark; adds new kinds of text to kinds."""
    page = context.new_page()
    problems = listen(page, address)
    page.goto(address + name + ".html")
    page.evaluate(READY)  # unfolded, since solutions and folded code are part of the page
    found = SimpleNamespace(problems=problems, widths={}, axe={})
    found.math = page.locator("mjx-container").count()
    found.math_errors = page.locator("mjx-merror, [data-mjx-error]").count()
    page.add_style_tag(content="* { transition: none !important }")  # colours change at once
    found.layout = measure(page)
    for width in PHONES:
        page.set_viewport_size(WIDE | {"width": width})
        page.evaluate(SETTLED)
        found.widths[width] = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(WIDE)
    page.evaluate(AXE_SCRIPT)
    page.evaluate(THIN_OUT)
    found.axe["wide"] = page.evaluate(AXE, ["html", STRUCTURE | AXE_OPTIONS])
    page.set_viewport_size(WIDE | {"width": PHONES[0]})
    page.evaluate(SETTLED)
    found.axe["narrow"] = page.evaluate(AXE, ["html", STRUCTURE | AXE_OPTIONS])
    page.set_viewport_size(WIDE)
    new = page.evaluate(MARK_NEW, kinds)
    kinds.extend(new)
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        contrast = {"runOnly": ["color-contrast"]}
        where = {"include": [["[data-new]"]]}
        found.axe[theme] = page.evaluate(AXE, [where, contrast | AXE_OPTIONS]) if new else []
    page.close()
    return found


@pytest.fixture(scope="module")
def visit(context, address):
    """visit(page): what one visit finds; made once per page."""
    kinds = []
    return cache(lambda page: look(context, address, page, kinds))


@pytest.mark.parametrize("page", PAGES)
def test_page_loads_without_an_error_or_a_third_party(visit, page):
    assert visit(page).problems == []


@pytest.mark.parametrize("page", PAGES)
def test_all_mathematics_is_rendered(visit, page):
    found = visit(page)
    assert found.math == len(html(page).find_all(class_="math"))
    assert found.math_errors == 0


@pytest.mark.parametrize("page", PAGES)
def test_no_page_scrolls_sideways_on_a_phone(visit, page):
    assert visit(page).widths == {width: width for width in PHONES}


@pytest.mark.parametrize("page", CONTENTS)
def test_no_line_begins_with_the_punctuation_of_an_equation(visit, page):
    assert visit(page).layout.parted == {DESKTOP: [], TABLET: [], PHONE: []}


@pytest.mark.parametrize("page", CONTENTS)
def test_what_scrolls_sideways_says_so(visit, page):
    assert visit(page).layout.unsaid == {DESKTOP: [], TABLET: [], PHONE: []}


@pytest.mark.parametrize("page", CONTENTS)
def test_no_equation_is_cut_off(visit, page):
    assert visit(page).layout.tight == {DESKTOP: [], TABLET: [], PHONE: []}


@pytest.mark.parametrize("part", ["wide", "narrow", "light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_accessible(visit, page, part):
    """No finding of axe, whatever its weight, and no exception."""
    assert visit(page).axe[part] == []


# A query, and the page and the section that must come first because they explain it.
EXPLAINED = {
    "momentum": "gradient_descent/derivation.html#the-cure-momentum",
    "AMSGrad": "amsgrad/derivation.html#the-running-maximum",
    "bias correction": "adam/derivation.html#the-bias-and-its-correction",
    "eps": "adam/derivation.html#what-varepsilon-does",
    "epsilon": "adam/derivation.html#what-varepsilon-does",
    "figsize": "notebook.html#",  # a word that only the code has
}


NOT_WHOLE = r"""marks => marks.filter(
  mark => /\w$/.test(mark.previousSibling?.data ?? "") || /^\w/.test(mark.nextSibling?.data ?? "")
).map(mark => mark.parentElement.textContent)"""


@pytest.mark.parametrize("query", EXPLAINED)
def test_search_shows_where_the_words_are_explained(context, address, query):
    page = context.new_page()
    problems = listen(page, address)
    page.goto(f"{address}search.html?q={query}")
    page.wait_for_function("document.querySelector('.search-summary')?.innerText.includes('found')")
    page.wait_for_function("""() => [...document.querySelectorAll("ul.search > li")].every(
      result => result.querySelector("ul")
        && result.querySelectorAll("span.math").length
          === result.querySelectorAll("span.math mjx-container").length)""")
    results = page.locator("ul.search > li")
    assert results.count() >= 3
    sections = page.locator("ul.search ul a").evaluate_all("all => all.map(a => a.href)")
    assert EXPLAINED[query] in sections[0]
    for section in sections:
        url = urlsplit(section)
        assert unquote(url.fragment) in ids(url.path.lstrip("/").removesuffix(".html"))
    for result in results.all():
        assert re.search(r"\w", result.locator("ul").inner_text())
        assert len(result.locator("li").all()) <= 3
    # Equations are drawn, and what announces a chapter is no explanation.
    shown = page.locator("ul.search").inner_text()
    assert not re.search(r"\\[a-z(]|You will be able to", shown)
    # What is marked is a whole word of the query, or an equation with the letter of that name.
    assert page.locator("mark").evaluate_all(NOT_WHOLE) == []
    marked = page.locator("mark:not(:has(.math))").all_inner_texts()
    beginnings = tuple(word[:4] for word in query.lower().split())
    assert [word for word in marked if not word.lower().startswith(beginnings)] == []
    assert marked or page.locator("mark .math").count()
    page.evaluate(AXE_SCRIPT)
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        options = {"runOnly": ["color-contrast"]} | AXE_OPTIONS
        assert page.evaluate(AXE, ["#search-results", options]) == []
    page.locator("ul.search ul a").first.click()
    page.wait_for_load_state()
    assert page.locator(".highlighted").count() == 0
    assert problems == []
    page.close()


# The checks themselves --------------------------------------------------------------------------

BAD_PAGE = """<!doctype html><html lang="en"><title>Bad</title>
<style>html[data-theme=dark] body { background: #222; } p { color: #333; }</style>
<script src="https://example.org/script.js"></script>
<script>console.error("said"); setTimeout(() => { throw Error("thrown") })</script>
<main><h1>Bad</h1><p>text</p><img src="gone.png" alt="gone"><button></button>
<div style="width: 380px">wide</div></main></html>"""


def test_a_bad_page_is_found_out(context, tmp_path):
    (tmp_path / "bad.html").write_text(BAD_PAGE)
    with serve(tmp_path) as address:
        found = look(context, address, "bad", [])
        assert {
            *("console: said", "error: thrown", f"404: {address}gone.png"),
            *(f"{what}: https://example.org/script.js" for what in ("third party", "failed")),
        } <= set(found.problems)
    assert found.widths[390] == 390 and found.widths[320] > 320
    for part in ("wide", "narrow"):
        assert [violation["rule"] for violation in found.axe[part]] == ["button-name"]
    assert found.axe["light"] == []
    assert [violation["target"] for violation in found.axe["dark"]] == ["h1", "p", "div"]


@pytest.mark.parametrize("left", ["{eq}`eq-a`", "$x$", "$$", "::: note", "[a](b)", "{cite:t}`k`"])
def test_source_that_shows_through_is_found(left):
    assert re.search(MARKERS, f"A sentence.\n{left}", re.M)
