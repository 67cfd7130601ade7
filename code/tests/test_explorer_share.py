"""What the interactive figure is told by others: an address, a link in the text, a config.

All of it is data that a stranger may have written: it is checked, and never becomes markup.
"""

import json
import re
from urllib.parse import quote, urlsplit

import numpy as np
import pytest
from figure import HOSTILE, Figure, config_of, div_of, document

from descent import OBJECTIVES, RULES, Explorer, adam, nadam
from descent.streams import STREAMS

FIRST = Explorer(adam, compare="gradient_descent", n_iter=80)
FIRST.name = "fig-first"
SECOND = Explorer(nadam, stream="spike", n_iter=60)  # has no name: it is figure 2
SETTINGS = ["view", "objective", "stream", "x0", "nIter", "runs", "selected", "t"]
SPACE = '<p style="height: 1500px">text</p>'


@pytest.fixture(scope="module")
def page(folder):
    text = f"{SPACE}{FIRST._html('', FIRST.name)}{SPACE}{SECOND._html()}{SPACE}"
    (folder / "share.html").write_text(document(text))
    return "share.html"


def figures(browser, url, **options):
    """Both figures of the page."""
    figure = Figure(browser, url, **options)
    figure.both = figure.page.locator(".descent-explorer").all()
    figure.root = figure.both[0]
    return figure


# ---- The button's address -----------------------------------------------------------------------


def random_state(random):
    """Settings as a reader may have made them, in the terms of an address."""
    runs = []
    for rule in random.choice(list(RULES), random.integers(1, 5)):
        values = config_of(FIRST)["rules"][rule]["hyperparameters"]
        for name in values:
            if name == "correction":
                values[name] = str(random.choice(["power", "constant"]))
            elif random.random() < 0.7:
                fine = 10 ** random.uniform(-3, -0.5)
                values[name] = float(1 - fine if name.startswith("beta") else fine)
        runs.append(",".join([rule, *(f"{name}={value}" for name, value in values.items())]))
    n_iter = int(random.choice([1, 17, 100, 700]))
    state = {"run": runs, "n_iter": n_iter, "selected": int(random.integers(len(runs)))}
    if random.random() < 0.5:
        inner = str(random.choice(["average", "root", "rate", "x"]))
        state |= {"view": "stream", "stream": str(random.choice(list(STREAMS))), "inner": inner}
    else:
        objective = OBJECTIVES[str(random.choice(list(OBJECTIVES)))]
        x0 = objective.start(int(random.integers(99)))
        state |= {"objective": objective.name, "x0": ",".join(map(str, x0.tolist()))}
        if n_iter < 700 and "alpha" in runs[state["selected"]] and random.random() < 0.3:
            rule = runs[state["selected"]].split(",")[0]
            betas = [
                name
                for name in config_of(FIRST)["rules"][rule]["hyperparameters"]
                if "beta" in name
            ]
            state["panel"] = betas[0] if betas else "n_iter"
    if random.random() < 0.5:
        state["t"] = int(random.integers(n_iter))
    return state


def shown(figure):
    return {name: value for name, value in figure.data.items() if name != "config"}


def test_link_restores_the_figure(browser, address, page):
    """30 random figures: the address that the button copies, opened anew, gives the same."""
    random = np.random.default_rng(8)
    with (
        figures(browser, f"{address}{page}") as figure,
        figures(browser, f"{address}{page}") as other,
    ):
        figure.context.grant_permissions(["clipboard-read", "clipboard-write"])
        for k in range(30):
            n = k % 2
            figure.root, other.root = figure.both[n], other.both[n]
            figure.visit(figure=["fig-first", "2"][n], **random_state(random))
            assert figure.complaint == ""
            figure.check()
            figure.control("link").click()
            figure.wait("e.querySelector('[name=link]').innerText === 'Copied'")
            url = figure.page.evaluate("navigator.clipboard.readText()")
            assert urlsplit(url).path == f"/{page}" and len(urlsplit(url).fragment) < 4000
            if k % 6 < 2:  # in a new page
                other.page.goto("about:blank")
                other.page.goto(url)
            else:  # where it is open already
                other.visit(figure=["2", "fig-first"][n])
                other.visit(**{"figure": urlsplit(url).fragment.removeprefix("figure=")})
            other.ready()
            mine, theirs = shown(figure), shown(other)
            if mine["view"] == "surface":  # where it is not shown
                mine.pop("inner", None), theirs.pop("inner", None)
            assert mine == theirs, url
            assert other.complaint == ""
            assert abs(other.root.bounding_box()["y"]) < 2  # it has come into sight
            other.root = other.both[1 - n]  # is as it begins
            assert other.ready().data["nIter"] == ["80", "60"][1 - n]


def test_link_says_as_little_as_it_can(browser, address, page):
    """A parameter that a reader can read and change."""
    with figures(browser, f"{address}{page}") as figure:
        figure.context.grant_permissions(["clipboard-read", "clipboard-write"])
        figure.ready().type("alpha-value", 0.5)
        figure.control("link").click()
        figure.wait("e.querySelector('[name=link]').innerText === 'Copied'")
        url = figure.page.evaluate("navigator.clipboard.readText()")
        assert re.fullmatch(r"[\w.:/#&=,+-]+", url)
        assert (
            "run=adam,alpha=0.5,beta1=0.9,beta2=0.999,eps=1e-8&run=gradient_descent,alpha=" in url
        )


# ---- Links in the text --------------------------------------------------------------------------


def test_links_in_the_text(browser, address, page):
    """Each sets the named figure over what it begins with; the other stays as it is."""
    with figures(browser, f"{address}{page}") as figure:
        first = shown(figure.ready())
        links = {
            "alpha=0.5": {
                "hyperparameters": {"alpha": 0.5, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
            },
            "alpha=0.5&n_iter=20&t=3": {"nIter": "20", "t": "3"},
            "objective=ravine": {
                "objective": "ravine",
                "x0": OBJECTIVES["ravine"].start(1).tolist(),
            },
            "objective=ravine&x0=-8,1": {"objective": "ravine", "x0": [-8, 1]},
            "view=stream&stream=rare&inner=root": {
                "view": "stream",
                "stream": "rare",
                "inner": "root",
            },
            "run=nadam&run=nadam,correction=constant&selected=1": {
                "rule": "nadam",
                "selected": "1",
            },
            "panel=beta1": {"panel": "beta1"},
            "": {},
        }
        for fragment, expected in links.items():
            figure.page.evaluate(
                "href => { const a = document.createElement('a'); a.href = href;"
                "document.body.prepend(a); a.click(); a.remove() }",
                f"#figure=fig-first{'&' if fragment else ''}{fragment}",
            )
            figure.wait(f"decodeURI(location.hash).endsWith({json.dumps(fragment)})")
            figure.page.evaluate("new Promise((done) => setTimeout(done))")
            data = figure.check()
            for name, value in expected.items():
                assert (data[name] if isinstance(value, str) else json.loads(data[name])) == value
            untouched = {
                "objective": "bowl",
                "stream": "constant",
                "view": "surface",
                "nIter": "80",
            }
            for name in untouched.keys() - {*expected, "x0"}:
                assert data[name] == untouched[name], (fragment, name)
            assert figure.complaint == "" and abs(figure.root.bounding_box()["y"]) < 2
        assert {name: first[name] for name in SETTINGS} == {name: data[name] for name in SETTINGS}
        figure.root = figure.both[1]
        assert figure.check()["stream"] == "spike"
        # The reader's back button.
        figure.root = figure.both[0]
        figure.page.go_back()
        figure.wait("e.dataset.panel === 'beta1'")


# ---- Hostile and damaged addresses --------------------------------------------------------------

NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", HOSTILE, "", "\u202e"]
ADDRESSES = [
    *(f"run={quote(name)}" for name in NAMES),
    *(f"run=adam,{quote(name)}=0.5" for name in NAMES),
    *(f"{quote(name)}=0.5" for name in NAMES if name),
    *(f"objective={quote(name)}" for name in NAMES),
    *(f"stream={quote(name)}" for name in NAMES),
    *(f"view={quote(name)}" for name in NAMES),
    *(f"panel={quote(name)}" for name in NAMES),
    *(f"inner={quote(name)}" for name in NAMES),
    *(f"run=nadam,correction={quote(name)}" for name in NAMES),
    *(
        f"alpha={value}"
        for value in ("1e999", "-1", "0", "NaN", "", "%20", "Infinity", "one", "0.1,0.2")
    ),
    *(f"beta1={value}" for value in ("1", "-0.1", "2", "1e999", "NaN", "")),
    *(f"n_iter={value}" for value in ("0", "-1", "2.5", "1e9", "1e999", "NaN", "", "10001")),
    *(f"x0={value}" for value in ("", "1", "1,2,3", "a,b", "1e999,0", "NaN,0", "1e7,0", ",")),
    *(f"selected={value}" for value in ("2", "-1", "0.5", "NaN", "", "1e999")),
    *(f"t={value}" for value in ("81", "-1", "0.5", "NaN", "", "1e999")),
    "&".join(["run=adam"] * 21),
    "run=" + "a" * 100_000,
    "a" * 100_000,
    "panel=eps",
    "run=adam,alpha=%E0%A4%A",
    "objective=%",
    "run",
    "alpha",
    "=",
    "objective=bowl&objective=%3Cb%3E",
]
UNKNOWN_FIGURES = ["", *NAMES[:5], "3", "0", "fig-second", "%E0%A4%A", "a" * 3000]
HARMLESS = [
    "",
    "&",
    "&&&",
    "figure=2&n_iter=80",
    "panel=loss",
]  # nothing is asked for, or nothing else


# Goes to one address after the other, before each to one that changes the figure, and tells what
# is then seen: what the figure says, whether it has changed before, and its attributes.
TRY_ALL = """async ([root, fragments]) => {
    const said = () => root.querySelector(".note[role=alert]").innerText;
    const seen = [], go = (fragment) => {
        location.hash = `#${fragment}`;
        return new Promise((done) => setTimeout(done));
    };
    for (const fragment of fragments) {
        await go("figure=fig-first&n_iter=33&alpha=0.5");
        const before = root.dataset.nIter, quiet = said();
        await go(fragment);
        seen.push({ before, quiet, sentence: said(), data: { ...root.dataset } });
    }
    return seen;
}"""


def test_damaged_addresses_are_refused_with_a_sentence(browser, address, page):
    """One sentence, in words; the figure is as it begins; nothing has become a part of the page."""
    with figures(browser, f"{address}{page}") as figure:
        first = shown(figure.ready())
        damaged = [f"figure=fig-first&{fragment}" for fragment in ADDRESSES]
        damaged += [f"figure={quote(name, '%')}" for name in UNKNOWN_FIGURES]
        harmless = [f"figure=fig-first&{fragment}" for fragment in HARMLESS]
        others = ["somewhere", "%", "Figure=1", "fig-first"]  # no business of the figure's
        fragments = [*damaged, *harmless, *others]
        found = figure.page.evaluate(TRY_ALL, [figure.root.element_handle(), fragments])
        for fragment, seen in zip(fragments, found, strict=True):
            said, name = seen["sentence"], fragment[:80]
            assert (seen["before"], seen["quiet"]) == ("33", ""), name
            if fragment in others:
                assert said == "" and seen["data"]["nIter"] == "33", name
                continue
            assert {k: seen["data"][k] for k in SETTINGS} == {k: first[k] for k in SETTINGS}, name
            if fragment in harmless:
                assert said == "", name
            else:
                sentence = r"The address cannot set the figure: [^\n]{5,400}\."
                assert re.fullmatch(sentence, said), (name, said)
                assert ("has no figure" in said) == ("fig-first" not in fragment), name
        assert figure.page.locator(".descent-explorer img").count() == 0
        assert figure.page.evaluate("[window.hurt, ({}).alpha, ({}).rule]") == [None] * 3
        figure.slide("alpha", -1)  # alive
        figure.check()
        figure.root = figure.both[1]
        assert figure.ready().check()["stream"] == "spike"


@pytest.mark.parametrize("fragment", ["alpha=1e999", f"run={quote(HOSTILE)}", "n_iter=1e9"])
def test_a_damaged_address_that_is_opened(browser, address, page, fragment):
    with figures(browser, f"{address}{page}#figure=fig-first&{fragment}") as figure:
        assert "The address cannot set the figure" in figure.ready().complaint
        assert figure.check()["nIter"] == "80"
        assert abs(figure.root.bounding_box()["y"]) < 2


# ---- Configs ------------------------------------------------------------------------------------


def changed(**changes):
    return json.dumps(config_of(FIRST) | changes)


def initial(**changes):
    return changed(initial=config_of(FIRST)["initial"] | changes)


def run(rule="adam", **hyperparameters):
    return initial(runs=[{"rule": rule, "hyperparameters": hyperparameters}])


def rules(name, **changes):
    """A rule under another name, or changed."""
    known = config_of(FIRST)["rules"]
    return changed(rules={**known, name: known["adam"] | changes})


def own_stream(values):
    """A stream that brings its numbers."""
    return changed(
        streams=[*config_of(FIRST)["streams"], {"name": "own", "values": values}], most=100
    )


SURFACE = config_of(FIRST)["surfaces"][0]
DAMAGED = {
    "not JSON": "{rule: adam",
    "empty": "",
    "null": "null",
    "a list": "[]",
    "nothing in it": "{}",
    "no rules": changed(rules={}),
    "rules are null": changed(rules=None),
    "hostile rule": rules(HOSTILE),
    "inherited rule": rules("constructor"),
    "surface among the rules": rules("bowl"),
    "prototype for a rule": changed().replace('"rules": {', '"rules": {"__proto__": {"x": 1},', 1),
    "no surfaces": changed(surfaces=[]),
    "surfaces are null": changed(surfaces=None),
    "unknown surface": changed(surfaces=[SURFACE | {"name": "bowel"}]),
    "inherited surface": changed(surfaces=[SURFACE | {"name": "toString"}]),
    "rule for a surface": changed(surfaces=[SURFACE | {"name": "adam"}]),
    "infinite bounds": changed(surfaces=[SURFACE | {"bounds": [[-1, 7], [-1, 1]]}]).replace(
        "7]", "1e999]"
    ),
    "words for bounds": changed(surfaces=[SURFACE | {"bounds": [["-1", "1"], ["-1", "1"]]}]),
    "no bounds": changed(surfaces=[{k: v for k, v in SURFACE.items() if k != "bounds"}]),
    "no streams": changed(streams=[]),
    "unknown stream": changed(streams=[{"name": "steam"}]),
    "rule for a stream": changed(streams=[{"name": "adam"}]),
    "too few numbers": own_stream([0.5]),
    "words for numbers": own_stream(["0.5"] * 100),
    "a word for numbers": own_stream("5" * 100),
    "infinite numbers": own_stream([0.5] * 99 + [7]).replace("7]", "1e999]"),
    "no controls": changed(controls=None),
    "no grid": changed(grid=None),
    "endless grid": changed(grid=10**6),
    "no most": changed(most=None),
    "endless most": changed(most=10**9),
    "nothing at first": changed(initial=None),
    "unknown rule": run("atom"),
    "hostile run": run(HOSTILE),
    "inherited name": run("constructor"),
    "surface for a rule": run("bowl"),
    "unknown hyperparameter": run(gamma=1),
    "inherited hyperparameter": run(constructor=1),
    "hostile number": run(alpha=HOSTILE),
    "negative alpha": run(alpha=-1),
    "beta of one": run(beta1=1),
    "no runs": initial(runs=[]),
    "runs are null": initial(runs=None),
    "many runs": initial(runs=[{"rule": "adam", "hyperparameters": {}}] * 21),
    "another surface": initial(objective="bowel"),
    "another stream": initial(stream="steam"),
    "another picture": initial(inner=HOSTILE),
    "another view": initial(view="valley"),
    "infinite start": initial(x0=[0.1, 7]).replace("7]", "1e999]"),
    "start of words": initial(x0=["here", "there"]),
    "one coordinate": initial(x0=[0.5]),
    "nan": initial(n_iter="NaN").replace('"NaN"', "NaN"),
    "null steps": initial(n_iter=None),
    "endless": initial(n_iter=10**9),
    "half a step": initial(n_iter=2.5),
    "selected is beyond": initial(selected=2),
}


def test_damaged_configs_harm_nothing_else(browser, folder):
    divs = [div_of(config) for config in DAMAGED.values()]
    (folder / "damaged.html").write_text(document("".join([*divs, FIRST._html()])))
    with Figure(browser, (folder / "damaged.html").as_uri(), len(divs)) as figure:
        figure.ready().slide("alpha", -1)
        figure.check()
        assert figure.page.locator("#after").inner_text() == "after"
        every = figure.page.locator(".descent-explorer")
        for n, name in enumerate(DAMAGED):
            assert every.nth(n).get_attribute("data-state") == "error", name
            text = every.nth(n).inner_text()
            assert re.fullmatch(r"This interactive figure cannot be shown: [^\n]+\.", text), (
                name,
                text,
            )
            assert len(text) < 400, name
        assert figure.page.locator(".descent-explorer img").count() == 0
        assert figure.page.evaluate("[window.hurt, ({}).x]") == [None, None]


def test_config_values_are_never_html(browser, folder):
    """A hostile word where any text is allowed: it is shown as text, or not at all."""
    config = config_of(Explorer(nadam, compare="momentum"))
    config["surfaces"][0] |= {"code": HOSTILE, "warning": HOSTILE}
    config["rules"]["nadam"] |= {
        "color": HOSTILE,
        "dash": [HOSTILE],
        "average": HOSTILE,
        "root": HOSTILE,
    }
    config["rules"]["nadam"]["hyperparameters"][HOSTILE] = 0.5
    config["controls"][HOSTILE] = config["controls"]["alpha"] | {"note": HOSTILE}
    config["controls"]["correction"]["choices"].append(HOSTILE)
    (folder / "hostile.html").write_text(document(div_of(config)))
    with Figure(browser, (folder / "hostile.html").as_uri()) as figure:
        figure.ready()
        for place in ("code", ".sliders", ".readout", ".note:not([role])"):
            assert HOSTILE in figure.text(place), place
        figure.press("view", "stream")
        figure.choose("add", "same")
        assert figure.page.locator(".descent-explorer img").count() == 0
        assert figure.page.evaluate("window.hurt") is None
