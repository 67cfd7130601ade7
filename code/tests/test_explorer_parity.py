"""The page's mirror against Python, in a real browser: the same bits, not only 1e-12.

Every rule on every surface and every stream, 200 random settings each (starts over the whole map
and on its axes, alphas that crawl and alphas that diverge, eps = 0 among them), and 200 random
figures of several runs. Where a search diverges both sides must go to the same infinities and nans.
The scripts are those that the site serves.
"""

import base64
import json

import live_figures
import numpy as np
import pytest
from figure import div_of

from descent import OBJECTIVES, RULES, STREAMS, Explorer, minimize
from descent.checks import hyperparameters
from descent.inner import inner_values
from descent.streams import INTERVALS

N_SETTINGS, N_ITER = 200, 100

# The model that a figure on a page gets, and what a test asks of it. Numbers travel as bytes.
MIRROR = """() => {
    descentExplorer.render = ({ model }) => (window.model = model);
    descentPage.start(document.querySelectorAll(".descent-explorer"));
    const encoded = (numbers) => {
        const bytes = new Uint8Array(numbers.buffer), parts = [];
        for (let i = 0; i < bytes.length; i += 30000) {
            parts.push(String.fromCharCode.apply(null, bytes.subarray(i, i + 30000)));
        }
        return { bytes: btoa(parts.join("")) };
    };
    const sendable = (value) => {
        if (value instanceof Float64Array) return encoded(value);
        if (Array.isArray(value)) return value.map(sendable);
        if (value === null || typeof value !== "object") return value;
        return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, sendable(v)]));
    };
    window.runAll = ([objective, rule, nIter, starts, settings, names, hasRoot]) => {
        const width = 7 + 2 * names.length + 2 * hasRoot;
        const all = new Float64Array(settings.length * (nIter + 1) * width).fill(NaN);
        settings.forEach((h, k) => descentRules.minimize(objective, starts[k], rule, nIter, h,
            (t, x, y, state, f, g, inner) => all.set([f, x, y, ...names.flatMap((n) => state[n]),
                ...(t ? [...g, inner[0][0], inner[1][0]] : []),
                ...(t && hasRoot ? [inner[0][1], inner[1][1]] : [])],
                (k * (nIter + 1) + t) * width)));
        return encoded(all);
    };
    const answer = (changes) => {
        for (const name in changes) model.set(name, changes[name]);
        model.save_changes();
        return model.get("result");
    };
    window.answers = (asked) => asked.map((changes) => sendable(answer(changes)));
    window.surfaceOf = (objective) => {
        answer({ objective });
        return sendable(model.get("surface"));
    };
    // All runs of one rule, side by side: { field: numbers }.
    window.filtered = (changes) => {
        const { runs } = answer(changes), fields = {};
        for (const name in runs[0].fields) {
            const all = new Float64Array(runs.length * runs[0].fields[name].length);
            runs.forEach((run, k) => all.set(run.fields[name], k * run.fields[name].length));
            fields[name] = encoded(all);
        }
        return fields;
    };
}"""


@pytest.fixture(scope="module")
def page(browser):
    """A page with a figure's model."""
    page = browser.new_page()
    page.set_content(div_of(Explorer(RULES["adam"]).config))
    page.add_script_tag(content=live_figures.scripts()["figure.js"])
    page.evaluate(MIRROR)
    yield page
    page.close()


def numbers(sent):
    return np.frombuffer(base64.b64decode(sent["bytes"]), dtype="<f8")


def assert_same_bits(found, expected):
    """Zeros of either sign are told apart; any nan is as good as any other."""
    found, expected = (np.array(a, dtype="<f8") for a in (found, expected))
    for a in (found, expected):
        a[np.isnan(a)] = np.nan
    np.testing.assert_array_equal(found.view("<i8"), expected.view("<i8"))


def random_hyperparameters(rule, random, n=N_SETTINGS):
    draws = {
        "alpha": 10 ** random.uniform(-6, 0.7, n),
        "beta": 1 - 10 ** random.uniform(-4, 0, n),
        "beta1": 1 - 10 ** random.uniform(-4, 0, n),
        "beta2": 1 - 10 ** random.uniform(-4, 0, n),
        "eps": 10 ** random.uniform(-12, 0, n),
    }
    draws["eps"][::7] = 0.0
    return {name: draws[name] for name in hyperparameters(RULES[rule]) if name in draws}


def random_starts(objective, random, n=N_SETTINGS):
    """Starts, shape (2, n)."""
    lo, hi = objective.bounds.T
    starts = lo[:, None] + random.random((2, n)) * (hi - lo)[:, None]
    starts[0, :10] = 0.0  # gradients that are exactly zero, 0/0 in the rules without eps
    starts[:, 10] = 0.0
    return starts


def one_by_one(batch, word):
    """The members of a batch of settings, as JSON has them."""
    settings = [
        dict(zip(batch, values, strict=True)) | word for values in zip(*batch.values(), strict=True)
    ]
    return json.loads(json.dumps(settings))


def own_fields(trace):
    return {name: v for name, v in trace.state._asdict().items() if name not in ("t", "x")}


WORDS = [(rule, {}) for rule in RULES if rule != "nadam"]
WORDS += [("nadam", {"correction": word}) for word in ("power", "constant")]


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("rule, word", WORDS)
def test_same_search(page, rule, word, objective):
    random = np.random.default_rng([list(RULES).index(rule), list(OBJECTIVES).index(objective)])
    surface = OBJECTIVES[objective]
    starts, batch = random_starts(surface, random), random_hyperparameters(rule, random)
    asked = [np.full((2, N_SETTINGS), np.nan)]

    def gradient(x):
        asked.append(surface.gradient(x))
        return asked[-1]

    trace = minimize(surface, starts, RULES[rule], N_ITER, gradient=gradient, **batch, **word)
    g, own = np.array(asked), own_fields(trace)
    inner = inner_values(trace, g)
    columns = [trace.score[:, None], trace.x, *own.values(), g, inner["average"]]
    columns += [inner["root"]] if "root" in inner else []
    expected = np.concatenate(columns, axis=1)
    call = [objective, rule, N_ITER, starts.T.tolist(), one_by_one(batch, word), list(own)]
    found = numbers(page.evaluate("runAll", [*call, "root" in inner]))
    assert_same_bits(found.reshape(N_SETTINGS, N_ITER + 1, -1), expected.transpose(2, 0, 1))
    finite = np.isfinite(expected[1:51]).all(axis=(0, 1))
    assert finite.sum() > N_SETTINGS / 4  # not only chaos


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("rule, word", WORDS)
def test_same_filter(page, rule, word, stream):
    """Gradients, x, the rule's record, average, root, rate and step."""
    random = np.random.default_rng([list(RULES).index(rule), list(STREAMS).index(stream), 1])
    batch = random_hyperparameters(rule, random)
    g = np.array([np.nan, *(STREAMS[stream](t) for t in range(1, N_ITER + 1))])
    left = iter(g[1:])
    trace = minimize(
        lambda x: 0.0 * x[0],
        np.zeros((1, N_SETTINGS)),
        RULES[rule],
        N_ITER,
        gradient=lambda x: np.full_like(x, next(left)),
        **batch,
        **word,
    )
    g = np.broadcast_to(g[:, None, None], trace.x.shape)
    expected = {"x": trace.x, "g": g, **own_fields(trace), **inner_values(trace, g)}
    if stream in INTERVALS:
        expected["x"] = [trace.x[0]]
        for step in np.diff(trace.x, axis=0):
            expected["x"].append(np.clip(expected["x"][-1] + step, *INTERVALS[stream]))
    runs = [{"rule": rule, "hyperparameters": each} for each in one_by_one(batch, word)]
    settings = {"view": "stream", "stream": stream, "n_iter": N_ITER, "runs": runs, "axes": {}}
    found = page.evaluate("filtered", settings)
    assert set(found) == set(expected)
    for name, sent in found.items():
        assert_same_bits(
            numbers(sent).reshape(N_SETTINGS, N_ITER + 1), np.array(expected[name])[:, 0].T
        )


def random_figure(random):
    """What a reader might ask for: some runs on a surface or a stream, now and then a map."""
    view = str(random.choice(["surface", "surface", "stream"]))
    objective = OBJECTIVES[str(random.choice(list(OBJECTIVES)))]
    runs = []
    for rule in random.choice(list(RULES), random.integers(1, 6)).tolist():
        batch = random_hyperparameters(rule, random, 2)
        word = {"correction": str(random.choice(["power", "constant"]))} if rule == "nadam" else {}
        runs.append({"rule": rule, "hyperparameters": one_by_one(batch, word)[random.integers(2)]})
    selected, axes = int(random.integers(len(runs))), {}
    if view == "surface" and random.random() < 0.2:
        names = [name for name in runs[selected]["hyperparameters"] if name.startswith("beta")]
        other = [name for name in names if random.random() < 0.7] or ["n_iter"]
        steps = random.integers(1, 40, 4).tolist()
        values = steps if other[0] == "n_iter" else random.uniform(0, 1, 4).tolist()
        alphas = (10 ** random.uniform(-3, 0, 4)).tolist()
        axes = {"x": {"name": "alpha", "values": alphas}, "y": {"name": other[0], "values": values}}
    return {
        "view": view,
        "objective": objective.name,
        "x0": random_starts(objective, random, 20)[:, random.integers(20)].tolist(),
        "stream": str(random.choice(list(STREAMS))),
        "n_iter": int(random.integers(1, 80)),
        "runs": runs,
        "selected": selected,
        "axes": axes,
    }


def test_same_figures(page):
    """The whole answer of the page's model is that of the kernel, for the same request."""
    random = np.random.default_rng(8)
    asked = [random_figure(random) | {"request": k} for k in range(1, N_SETTINGS + 1)]
    explorer = Explorer(RULES["adam"])
    n_maps = 0
    for settings, answer in zip(asked, page.evaluate("answers", asked), strict=True):
        explorer.set_state(settings)
        result = explorer.result
        assert answer["settings"] == result["settings"] == settings
        assert len(answer["runs"]) == len(result["runs"])
        for found, expected in zip(answer["runs"], result["runs"], strict=True):
            assert found["own"] == expected["own"]
            assert set(found["fields"]) == set(expected["fields"])
            for name, data in expected["fields"].items():
                assert_same_bits(numbers(found["fields"][name]), np.frombuffer(data))
        assert bool(answer.get("map")) == ("map" in result) == bool(settings["axes"])
        if "map" in result:
            assert_same_bits(numbers(answer["map"]), np.frombuffer(result["map"]))
            n_maps += 1
    assert n_maps > 10


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_same_heights(page, objective):
    """Of the contours, where the last bit cannot be seen."""
    explorer = Explorer(RULES["adam"], OBJECTIVES[objective])
    found, expected = page.evaluate("surfaceOf", objective), explorer.surface
    assert (found["name"], found["n"]) == (expected["name"], expected["n"])
    heights = np.frombuffer(expected["values"])
    np.testing.assert_allclose(numbers(found["values"]), heights, rtol=1e-12, atol=1e-12)


def test_same_defaults(page):
    for name, rule in RULES.items():
        trace = minimize(OBJECTIVES["beale"], [1.0, -1.5], rule, N_ITER)
        call = ["beale", name, N_ITER, [[1.0, -1.5]], [{}], [], False]
        found = numbers(page.evaluate("runAll", call))
        assert_same_bits(found.reshape(N_ITER + 1, -1)[:, 0], trace.score)


def test_same_names(page):
    mirrors = "[descentRules.RULES, descentRules.OBJECTIVES, descentStreams]"
    names = page.evaluate(f"{mirrors}.map(Object.keys)")
    assert names == [list(RULES), list(OBJECTIVES), list(STREAMS)]
