"""The "Predict" boxes: what they call measured is measured, and they ask before they show it.

The notation is that of book/_ext/predictions.py.
"""

import re
from dataclasses import replace

import predictions
import prose
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from bs4 import BeautifulSoup
from course import PAGES, SITE, serve
from test_site import AXE, AXE_OPTIONS, listen

TEXTS = {page: prose.whole_text(page) for page in PAGES}
ASKED = {
    page: [
        one for comment in predictions.COMMENT.findall(text) for one in predictions.read(comment)
    ]
    for page, text in TEXTS.items()
    if predictions.COMMENT.search(text)
}


def wrong(page, prediction):
    """Why the evidence does not bear out a prediction; "" if it does."""
    found = prose.value(prediction.evidence, prose.own_notebook(page))
    if prediction.choice:
        return "" if found == 1 else f"{prediction.evidence} is {found}"
    if prose.agree(prediction.number.lstrip("-"), found, exact=True):
        return "" if (found < 0) == prediction.number.startswith("-") else f"{found}"
    return f"{prediction.number}, but {prediction.evidence} is {found}"


@pytest.mark.parametrize("page", ASKED)
def test_what_a_box_calls_measured_is_measured(page):
    for prediction in ASKED[page]:
        assert wrong(page, prediction) == "", f"{page}, question {prediction.question}"


@pytest.mark.parametrize("page", ASKED)
def test_another_number_would_be_found_out(page):
    for prediction in ASKED[page]:
        if prediction.number:
            assert wrong(page, replace(prediction, number=prose.changed(prediction.number)))
            assert float(prediction.within) <= 0.15 * abs(float(prediction.number))


@pytest.mark.parametrize("page", PAGES)
def test_every_box_takes_answers(page):
    boxes = re.findall(r"^> \*\*Predict\*\*", TEXTS[page], re.M)
    assert len(boxes) == len(predictions.COMMENT.findall(TEXTS[page])), (
        "a Predict box needs a comment with what was measured: see book/_ext/predictions.py"
    )


@pytest.mark.parametrize(
    "line",
    [
        "1: 0.8 within 0.1",
        '1: choice 2; see "A"',
        '2: 0.8 within 0.1 = 4 / 5; see "A"',
        "1: choice 2 if True; see A",
        '1: 0.8 = 4 / 5; see "A"',
    ],
)
def test_a_line_that_cannot_be_read_is_named(line):
    with pytest.raises(ValueError, match=re.escape(f'"{line}"')):
        predictions.read(line)


@pytest.mark.site
@pytest.mark.parametrize("page", ASKED)
def test_the_site_asks_what_the_page_asks(page):
    site = BeautifulSoup((SITE / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    forms = site.select(".admonition form.ask")
    assert len(forms) == len(ASKED[page])
    assert len({form["data-key"] for form in forms}) == len(forms)
    for form, prediction in zip(forms, ASKED[page], strict=True):
        measured = prediction.number or str(prediction.choice)
        assert (form["data-right"], form.get("data-within")) == (measured, prediction.within)
        assert form.fieldset.find(True).name == "legend"
        assert form.legend.get_text(strip=True)
        choices = form.select("ul.choices input[type=radio]")
        assert [one["value"] for one in choices] == [str(n + 1) for n in range(len(choices))]
        assert bool(choices) == bool(prediction.choice)
        # The link leads to the heading that is named, or to what answers this question below it.
        place = site.find(id=form.select_one("a.ask-where")["href"][1:])
        if place.name == "section":
            assert place.find(re.compile("h[1-6]")).get_text().startswith(prediction.see)
        else:
            assert re.search(rf"[Qq]uestion {prediction.question}\b", place.get_text())
            above = [
                part.find(re.compile("h[1-6]")).get_text() for part in place.find_parents("section")
            ]
            assert any(heading.startswith(prediction.see) for heading in above)
    scripts = [script.get("src") for script in site.find_all("script", src=re.compile("ask.js"))]
    assert len(scripts) == 1


@pytest.mark.site
def test_only_pages_that_ask_load_the_script():
    for page in PAGES:
        text = (SITE / f"{page}.html").read_text(encoding="utf-8")
        assert ("ask.js" in text, "ask.css" in text) == ('class="ask"' in text,) * 2, page
    assert sum((SITE / "_static" / name).stat().st_size for name in ("ask.js", "ask.css")) < 8000


# In the browser ---------------------------------------------------------------------------------

PAGE = "book/gradient_descent/notebook"
SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""


@pytest.mark.site
def test_a_reader_predicts_and_sees_both(browser):
    number, choice = ASKED[PAGE][0], ASKED[PAGE][1]
    with serve(SITE) as address:
        context = browser.new_context(viewport={"width": 390, "height": 844})
        page = context.new_page()
        problems = listen(page, address)
        page.goto(f"{address}{PAGE}.html")
        page.evaluate("window.MathJax.startup.promise")
        forms = page.locator("form.ask")
        first, second = forms.nth(0), forms.nth(1)
        tall = page.locator(".admonition:has(form.ask)").evaluate("e => e.offsetHeight")

        # Nothing is shown before an answer is given, and an empty one is refused.
        assert page.locator(".ask :is(b, [role=status]):not(:empty)").count() == 0
        assert first.locator(".ask-where").is_hidden()
        first.get_by_role("button", name="Answer").click()
        assert first.get_attribute("data-state") is None

        # A number, by keyboard.
        group = page.get_by_role("group", name="by what factor does each step")
        group.get_by_role("spinbutton").focus()
        page.keyboard.type("0.5")
        page.keyboard.press("Enter")
        said = first.get_by_role("status")
        assert said.inner_text() == f"You said 0.5. Measured: {number.number}."
        assert first.get_by_role("spinbutton").is_disabled()

        # A choice, by keyboard: the arrows choose, and nothing is said before Answer.
        second.get_by_role("radio").first.focus()
        page.keyboard.press("ArrowDown")
        assert second.get_by_role("status").inner_text() == ""
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        marks = second.locator(".choices li b").all_inner_texts()
        assert marks == [
            "your answer" if n == 2 else "measured" if n == choice.choice else ""
            for n in range(1, len(marks) + 1)
        ]
        spoken = second.get_by_role("status").inner_text()
        assert spoken.startswith("You said It creeps") and "Measured: It arrives" in spoken

        # The page keeps its shape, at first and after a reload, which brings the answers back.
        box = page.locator(".admonition:has(form.ask)")
        assert box.evaluate("e => e.offsetHeight") == tall
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.reload()
        page.evaluate("window.MathJax.startup.promise")
        assert page.evaluate(SHIFTS) < 0.01
        assert said.inner_text() == f"You said 0.5. Measured: {number.number}."
        assert second.locator(".choices li b").all_inner_texts() == marks
        assert (
            page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('ask-')).length") == 2
        )
        page.evaluate(AXE_SCRIPT)
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            assert page.evaluate(AXE, [".admonition:has(form.ask)", AXE_OPTIONS]) == []

        # The link leads to the explanation.
        first.locator(".ask-where").click()
        assert page.url.endswith("#answer-1")

        # Again: a right answer, an almost right one.
        for answer, words in (
            (number.number, f"Measured: {number.number}, as you said."),
            ("0.805", f"You said 0.805. Measured: {number.number}. Close."),
        ):
            first.get_by_role("button", name="Ask again").click()
            assert said.inner_text() == "" and first.locator(".ask-where").is_hidden()
            first.get_by_role("spinbutton").fill(answer)
            first.get_by_role("button", name="Answer").click()
            assert said.inner_text() == words
        first.get_by_role("button", name="Ask again").click()
        assert (
            page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('ask-')).length") == 1
        )
        assert problems == []
        context.close()


@pytest.mark.site
def test_without_scripts_the_box_is_a_list_of_questions(browser):
    with serve(SITE) as address:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}{PAGE}.html")
        box = page.locator(".admonition:has(form.ask)")
        assert box.locator("input:visible, button:visible, a:visible").count() == 0
        assert box.get_by_text("it jumps to and fro, it diverges").is_visible()
        assert "Measured" not in box.inner_text()
        context.close()
