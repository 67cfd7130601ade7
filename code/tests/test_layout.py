"""How the pages look, measured in a browser at the widths of a desktop, a tablet and a phone."""

from functools import cache
from types import SimpleNamespace

import pytest
from course import PAGES, SITE, serve

pytestmark = pytest.mark.site
DESKTOP, TABLET, PHONE = 1300, 768, 390
DERIVATION = "book/adam/derivation"

# The page as it is at rest: rendered, unfolded, with its fonts, and nothing that moves.
READY = """async () => {
  await window.MathJax?.startup?.promise;
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const folded of document.querySelectorAll(".toggle-hidden")) {
    folded.classList.remove("toggle-hidden");
  }
  await document.fonts.ready;
}"""
# The observers of course.js answer to a new width before the second frame.
SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

# Punctuation that follows an inline equation, directly or behind the end of a **bold** text, and
# stands left of the equation's end: on the next line. The same for what opens before one.
PARTED = """() => {
  const parted = [];
  const rect = (text, start) => {
    const range = document.createRange();
    range.setStart(text, start);
    range.setEnd(text, start + 1);
    return range.getBoundingClientRect();
  };
  const neighbour = (node, side, inner) => {
    while (!node[side] && /^(span|strong|em|a|b|i)$/.test(node.parentElement.localName)) {
      node = node.parentElement;
    }
    node = node[side];
    while (node?.firstChild) node = node[inner];
    return node?.data ? node : null;
  };
  for (const equation of document.querySelectorAll("main mjx-container:not([display])")) {
    const drawn = equation.querySelector("mjx-math").getBoundingClientRect();
    if (!drawn.width || equation.closest(".too-wide")) continue;
    const after = neighbour(equation, "nextSibling", "firstChild");
    const before = neighbour(equation, "previousSibling", "lastChild");
    if (/^[,.;:!?)\\]]/.test(after?.data) && rect(after, 0).left < drawn.right - 5) {
      parted.push("after " + equation.textContent + ": " + after.data.slice(0, 20));
    }
    if (/[(\\[]$/.test(before?.data) && rect(before, before.length - 1).right > drawn.left + 5) {
      parted.push("before " + equation.textContent + ": " + before.data.slice(-20));
    }
  }
  return parted;
}"""

# What scrolls sideways and does not say so: no fade at its edge, or no way in by keyboard.
UNSAID = """() => {
  const unsaid = [];
  for (const place of document.querySelectorAll("main, main *")) {
    if (!place.clientWidth || place.scrollWidth <= place.clientWidth + 1) continue;
    const style = getComputedStyle(place);
    if (!["auto", "scroll", "hidden"].includes(style.overflowX)) continue;
    if (place.closest(".descent-explorer, mjx-assistive-mml")) continue;
    if (style.maskImage === "none" || place.tabIndex < 0 || style.overflowX === "hidden") {
      unsaid.push(place.localName + " " + place.textContent.slice(0, 60));
    }
  }
  return unsaid;
}"""

# Displayed equations of which a letter's box comes nearer than two pixels to the edge that cuts.
# (The ink of a letter may stand out of its box by a pixel.)
TIGHT = """() => {
  const tight = [];
  for (const equation of document.querySelectorAll("main mjx-container[display]")) {
    for (let place = equation; place.localName !== "main"; place = place.parentElement) {
      if (getComputedStyle(place).overflowY === "visible") continue;
      const { top, bottom } = place.getBoundingClientRect();
      const boxes = [...equation.querySelectorAll("mjx-c")]
        .map(letter => letter.getBoundingClientRect()).filter(box => box.width && box.height);
      const above = Math.min(...boxes.map(box => box.top)) - top;
      const below = bottom - Math.max(...boxes.map(box => box.bottom));
      if (Math.min(above, below) < 2) tight.push(equation.textContent);
    }
  }
  return tight;
}"""


def measure(context, url):
    page = context.new_page()
    found = SimpleNamespace(parted={}, unsaid={}, tight={})
    page.goto(url)
    page.evaluate(READY)
    for width in (DESKTOP, TABLET, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(SETTLED)
        found.parted[width] = page.evaluate(PARTED)
        found.unsaid[width] = page.evaluate(UNSAID)
        found.tight[width] = page.evaluate(TIGHT)
    page.close()
    return found


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(viewport={"width": DESKTOP, "height": 900}, color_scheme="light")
    yield context
    context.close()


@pytest.fixture(scope="module")
def address():
    with serve(SITE) as address:
        yield address


@pytest.fixture(scope="module")
def measured(context, address):
    return cache(lambda page: measure(context, f"{address}{page}.html"))


@pytest.mark.parametrize("page", PAGES)
def test_no_line_begins_with_the_punctuation_of_an_equation(measured, page):
    assert measured(page).parted == {DESKTOP: [], TABLET: [], PHONE: []}


@pytest.mark.parametrize("page", PAGES)
def test_what_scrolls_sideways_says_so(measured, page):
    assert measured(page).unsaid == {DESKTOP: [], TABLET: [], PHONE: []}


@pytest.mark.parametrize("page", PAGES)
def test_no_equation_is_cut_off(measured, page):
    assert measured(page).tight == {DESKTOP: [], TABLET: [], PHONE: []}


# With everything hidden but the displayed equations, and these as they are or free of any edge.
ONLY_EQUATIONS = """
  * { visibility: hidden !important }
  div.math mjx-container * { visibility: visible !important }
"""
FREE = "div.math, div.math mjx-container { overflow: visible !important }"
CLIPPED = "div.math mjx-container { padding-block: 0 !important; margin-block: 1em !important }"


def test_freed_equations_show_no_more_ink(context, address):
    """The same in pixels, on the page with the most equations; and it sees what is cut off."""
    page = context.new_page()
    page.goto(f"{address}{DERIVATION}.html")
    page.evaluate(READY)
    page.add_style_tag(content=ONLY_EQUATIONS)

    def picture(style):
        tag = page.add_style_tag(content=style)
        page.evaluate(SETTLED)
        png = page.screenshot(full_page=True)
        tag.evaluate("tag => tag.remove()")
        return png

    assert picture("/* as it is */") == picture(FREE)
    assert picture(CLIPPED) != picture(CLIPPED + FREE)
    page.close()


# A click, a key, a screen reader ----------------------------------------------------------------


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_solution_unfolds_where_its_title_is_clicked(context, address, width):
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}{DERIVATION}.html")
    page.evaluate("async () => window.MathJax?.startup?.promise")
    for solution in page.locator(".solution").all()[:2]:
        title, text = solution.locator("> .admonition-title"), solution.locator("section p").first
        name = title.inner_text().strip()
        assert name.startswith("Solution to Exercise")
        button = solution.get_by_role("button", name=name, exact=True)
        assert not text.is_visible()
        title.scroll_into_view_if_needed()
        box = title.bounding_box()
        for x, visible in ((30, True), (box["width"] / 3, False), (box["width"] - 20, True)):
            page.mouse.click(box["x"] + x, box["y"] + 15)
            assert text.is_visible() == visible
            assert button.get_attribute("aria-expanded") == str(visible).lower()
        button.press("Enter")
        assert not text.is_visible()
        button.press(" ")
        assert text.is_visible()
    assert "#" not in page.url
    solution.get_by_role("link", name="Back to Exercise").click()
    assert page.locator(":target").get_attribute("class").startswith("exercise")
    page.close()


# The checks themselves --------------------------------------------------------------------------

BAD_PAGE = """<!doctype html><html lang="en"><title>Bad</title>
<style>
  mjx-container, mjx-math, mjx-c { display: inline-block }
  .cut { display: block; overflow: hidden }
  .line { width: 100px } .line mjx-math { width: 98px }
  .out { width: 100px; overflow: auto }
</style>
<main>
<div class="math"><mjx-container display="true" class="cut">
  <mjx-math><mjx-c>sheared</mjx-c></mjx-math></mjx-container></div>
<div class="math"><mjx-container display="true" class="cut" style="padding: 3px 0">
  <mjx-math><mjx-c>whole</mjx-c></mjx-math></mjx-container></div>
<p class="line"><span><mjx-container><mjx-math>x</mjx-math></mjx-container></span>, parted</p>
<p class="line"><b><mjx-container><mjx-math>y</mjx-math></mjx-container></b> not parted</p>
<p class="line">(<mjx-container><mjx-math>z</mjx-math></mjx-container></p>
<pre class="out" tabindex="0">unsaid, this output is long</pre>
<pre class="out" style="mask-image: linear-gradient(red, blue)">without a way in, and long</pre>
<pre class="out" style="mask-image: linear-gradient(red, blue)" tabindex="0">this is said</pre>
<pre class="out">short</pre>
</main></html>"""


def test_a_bad_page_is_found_out(context, tmp_path):
    (tmp_path / "bad.html").write_text(BAD_PAGE)
    with serve(tmp_path) as address:
        found = measure(context, f"{address}bad.html")
    for width in (DESKTOP, TABLET, PHONE):
        assert found.tight[width] == ["\n  sheared"]
        assert found.parted[width] == ["after x: , parted", "before z: ("]
        assert [place.split()[1].strip(",") for place in found.unsaid[width]] == [
            *("unsaid", "without"),
        ]
