"""How the pages look: solutions that unfold, equations in pixels, and the measures of layout.py.

test_site.py measures every page on the one visit that it pays it.
"""

import pytest
from course import SITE, serve
from layout import DESKTOP, PHONE, READY, SETTLED, TABLET, measure

pytestmark = pytest.mark.site
DERIVATION = "book/adam/derivation"


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(viewport={"width": DESKTOP, "height": 900}, color_scheme="light")
    yield context
    context.close()


@pytest.fixture(scope="module")
def address():
    with serve(SITE) as address:
        yield address


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
    page = context.new_page()
    with serve(tmp_path) as address:
        page.goto(f"{address}bad.html")
        page.evaluate(READY)
        found = measure(page)
    page.close()
    for width in (DESKTOP, TABLET, PHONE):
        assert found.tight[width] == ["\n  sheared"]
        assert found.parted[width] == ["after x: , parted", "before z: ("]
        assert [place.split()[1].strip(",") for place in found.unsaid[width]] == [
            *("unsaid", "without"),
        ]
