"""The puzzles: one listing a chapter, whose lines are choices, and whose mistake check names.

That check finds the mistake which the page names is held by the build, which fails otherwise.
"""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from bs4 import BeautifulSoup
from course import SITE, serve
from test_site import AXE, AXE_OPTIONS, listen

from descent import check

CHAPTERS = ("gradient_descent", "adam", "adamax", "amsgrad", "nadam")
PAGE = "book/adam/derivation"


@pytest.mark.site
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_listing_of_a_page_has_the_mistake_that_the_page_names(chapter):
    import find_the_bug  # draws, and so loads Matplotlib

    text = (SITE / f"book/{chapter}/derivation.html").read_text(encoding="utf-8")
    (bug,) = BeautifulSoup(text, "html.parser").select(".bug")
    form = bug.form
    verdict = check(find_the_bug.function(form.pre.get_text()), like=chapter)
    assert bug.details.p.get_text() == str(verdict)
    (name,) = verdict.mistakes
    lines = form.select("pre label input[type=radio]")
    assert len(lines) >= 6
    for line in lines:
        right = line["value"] == form["data-right"]
        assert line["data-says"].startswith(f"Yes: {name}. ") == right
        assert right or len(line["data-says"].split()) >= 2
    assert form.fieldset.find(True).name == "legend"
    assert not bug.details.has_attr("open")
    assert bug.img["alt"].strip()


def test_a_line_says_what_it_does():
    import find_the_bug

    source = "def f():\n    a = 1  #: It is 1.\n    b = 2 #! It is 3.\n    return a\n"
    assert find_the_bug.MARKED.findall(source) == [
        ("    a = 1", ":", "It is 1."),
        ("    b = 2", "!", "It is 3."),
    ]


@pytest.mark.site
def test_a_reader_finds_the_bug(browser):
    with serve(SITE) as address:
        context = browser.new_context(viewport={"width": 390, "height": 844})
        page = context.new_page()
        problems = listen(page, address)
        page.goto(f"{address}{PAGE}.html")
        bug = page.locator(".bug")
        lines, said = bug.get_by_role("radio"), bug.get_by_role("status")
        right = bug.locator("form").get_attribute("data-right")
        assert bug.get_by_role("group", name="Which line is wrong?").count() == 1
        assert bug.locator("form button").count() == 1  # the copy button of a listing would answer

        # A wrong line, by keyboard: what it does rightly, and the answer stays folded.
        lines.first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        assert said.inner_text() == lines.first.get_attribute("data-says")
        assert bug.locator("details").get_attribute("open") is None

        # The right one: the name of the mistake, and the answer unfolds.
        bug.locator(f'input[value="{right}"]').check()
        bug.get_by_role("button", name="Answer").click()
        assert said.inner_text().startswith("Yes: no bias correction of v.")
        assert bug.get_by_text("Not right yet: no bias correction of v.").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.evaluate(AXE_SCRIPT)
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            assert page.evaluate(AXE, [".bug", AXE_OPTIONS]) == []
        assert problems == []
        context.close()
