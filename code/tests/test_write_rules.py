"""Each rule that the chapters let readers write: typed in, run, kept, and its mistakes named.

In Chromium with the network cut, on the built site, one visit a page.
"""

import pytest
from course import SITE, serve
from editor import SKELETON, Editor

from descent import RULES, check

# Of each rule: the lines that are missing; then what is changed in them, and what that is called.
AVERAGES = "        m = beta1 * m + (1 - beta1) * g\n"
SQUARES = "        v = beta2 * v + (1 - beta2) * g**2\n"
LINES = {
    "gradient_descent": (
        "        x = x - alpha * g\n",
        {
            ("x - alpha", "x + alpha"): "the step goes uphill",
            ("gradient(x)", "gradient(x0)"): "the gradient is always taken at the start",
            ("x = x - ", "x -= "): "x is changed in place",
        },
    ),
    "momentum": (
        "        b = beta * b + g\n        x = x - alpha * b\n",
        {
            ("+ g", "+ (1 - beta) * g"): "the gradient is multiplied by 1 - beta",
            ("alpha * b", "alpha * (g + beta * b)"): "a look-ahead too many",
            ("beta * b", "b"): "the old b is not multiplied by beta",
        },
    ),
    "adagrad": (
        "        s = s + g**2\n        x = x - alpha * g / (np.sqrt(s) + eps)\n",
        {
            ("s + g", "g"): "s forgets the past",
            ("np.sqrt(s) + eps", "np.sqrt(s + eps)"): "eps inside the root",
            ("np.sqrt(s)", "s"): "the root is missing",
        },
    ),
    "rmsprop": (
        SQUARES + "        x = x - alpha * g / (np.sqrt(v) + eps)\n",
        {
            ("(1 - beta2) * g", "g"): "the factor 1 - beta2 is missing in v",
            ("g**2", "g"): "the gradient is not squared in v",
            ("np.sqrt(v)", "np.sqrt(v / (1 - beta2**t))"): "a bias correction of v too many",
        },
    ),
    "adam": (
        f"{AVERAGES}{SQUARES}"
        "        m_hat = m / (1 - beta1**t)\n"
        "        v_hat = v / (1 - beta2**t)\n"
        "        x = x - alpha * m_hat / (np.sqrt(v_hat) + eps)\n",
        {
            ("v / (1 - beta2**t)", "v"): "no bias correction of v",
            ("**t", ""): "the power t is missing",
            ("**t", "**(t - 1)"): "t starts at 0",
        },
    ),
    "adamax": (
        f"{AVERAGES}        u = np.maximum(beta2 * u, abs(g))\n"
        "        x = x - alpha / (1 - beta1**t) * m / u\n",
        {
            ("abs(g)", "g"): "u takes the gradient with its sign",
            (" / (1 - beta1**t)", ""): "no bias correction of m",
            ("/ u", "/ (u + 1e-8)"): "an eps too many",
        },
    ),
    "amsgrad": (
        f"{AVERAGES}{SQUARES}        v_max = np.maximum(v_max, v)\n"
        "        x = x - alpha * (m / (np.sqrt(v_max) + eps))\n",
        {
            ("np.maximum(v_max, v)", "v"): "the maximum is missing",
            ("v_max, v)", "v_max, v / (1 - beta2**t))"): "maximum taken after the correction",
            ("beta1 * m + (1 - beta1) * g", "m + g"): "m is a plain sum",
        },
    ),
    "nadam": (
        f"{AVERAGES}        n = beta2 * n + (1 - beta2) * g**2\n"
        "        m_hat = beta1 * m / (1 - beta1**(t + 1)) + (1 - beta1) * g / (1 - beta1**t)\n"
        "        n_hat = n / (1 - beta2**t)\n"
        "        x = x - alpha * m_hat / (np.sqrt(n_hat) + eps)\n",
        {
            (
                "beta1 * m / (1 - beta1**(t + 1)) + (1 - beta1) * g",
                "m",
            ): "the look-ahead is missing",
            ("(t + 1)", "t"): "the look-ahead is corrected with the power of this step",
            ("beta2 * n +", "n +"): "the old n is not multiplied by beta2",
        },
    ),
}
PAGES = {
    "gradient_descent": ["gradient_descent", "momentum"],
    "adam": ["adagrad", "rmsprop", "adam"],
    "adamax": ["adamax"],
    "amsgrad": ["amsgrad"],
    "nadam": ["nadam"],
}
POWERS = {"adam", "adamax", "nadam"}  # which the book takes by products: other roundings


@pytest.fixture(scope="module")
def site_address():
    with serve(SITE) as address:
        yield address


def typed(editor, lines):
    """The skeleton filled in, key by key."""
    place = SKELETON.strip() if SKELETON.strip() in editor.source else "# your line"
    editor.text.focus()
    editor.text.evaluate(
        "(e, place) => { const at = e.value.indexOf(place);"
        "e.setSelectionRange(at, at + place.length); }",
        place,
    )
    for i, line in enumerate(lines.splitlines()):
        if i:
            editor.page.keyboard.press("Enter")  # which indents
        editor.page.keyboard.type(line.strip())


@pytest.mark.site
@pytest.mark.parametrize("chapter", PAGES)
def test_the_rules_of_a_chapter_are_written(browser, site_address, chapter):
    url = f"{site_address}book/{chapter}/derivation.html"
    with Editor(browser, url, PAGES[chapter][0]) as first:
        editors = [first, *map(first.beside, PAGES[chapter][1:])]
        for editor in editors:
            name, (lines, wrong) = editor.name, LINES[editor.name]
            typed(editor, lines)
            right = editor.source
            assert lines in right
            said = editor.run()
            path = "to nine digits" if name in POWERS else "to the last bit"
            assert said.endswith(f"the book’s {name}, {path}."), said
            editor.check(editor.pasted())
            if name not in POWERS:
                editor.check(RULES[name])
            assert editor.verdict == str(check(editor.pasted(), name))
            assert editor.verdict.startswith(f"Right: {name} takes the same steps")
            for edit, mistake in wrong.items():
                editor.run(right.replace(*edit))
                assert editor.verdict.startswith(f"Not right yet: {mistake}."), editor.verdict
                assert editor.verdict == str(check(editor.pasted(), name))
        sources = [editor.source for editor in editors]
        first.page.reload()
        for editor, source in zip(editors, sources, strict=True):
            editor.wait()
            assert editor.source == source
        loaded = [url for url in first.requests if "write-python" in url]
        assert len(loaded) == 1
