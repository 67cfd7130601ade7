"""rules.js against the Python rules, in a real browser: the same bits, not only 1e-12.

Every rule on every surface, 200 random settings each (starts over the whole map and on its axes,
alphas that crawl and alphas that diverge, eps = 0 among them). Where a search diverges both sides
must go to the same infinities and nans.
"""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

import descent
from descent import OBJECTIVES, RULES, minimize
from descent.checks import hyperparameters

FOLDER = Path(descent.__file__).parent / "explorer"
N_SETTINGS, N_ITER = 200, 100


@pytest.fixture(scope="module")
def mirror(browser):
    """Runs rules.js: a list of settings to the numbers of every step, as one array each."""
    page = browser.new_page()
    page.set_content("<p>")
    page.add_script_tag(path=FOLDER / "rules.js")
    page.evaluate(
        """() => { window.runAll = ([objective, rule, nIter, starts, settings, names]) => {
            const width = 3 + 2 * names.length;
            const all = new Float64Array(settings.length * (nIter + 1) * width);
            settings.forEach((h, k) => descentRules.minimize(objective, starts[k], rule, nIter, h,
                (t, x, y, state, f) => all.set([f, x, y, ...names.flatMap((n) => state[n])],
                    (k * (nIter + 1) + t) * width)));
            const bytes = new Uint8Array(all.buffer), parts = [];
            for (let i = 0; i < bytes.length; i += 30000) {
                parts.push(String.fromCharCode.apply(null, bytes.subarray(i, i + 30000)));
            }
            return btoa(parts.join(""));
        } }"""
    )

    def run(objective, rule, starts, settings, names):
        text = page.evaluate("runAll", [objective, rule, N_ITER, starts, settings, names])
        numbers = np.frombuffer(base64.b64decode(text), dtype="<f8")
        return numbers.reshape(len(settings), N_ITER + 1, 3 + 2 * len(names))

    run.page = page
    yield run
    page.close()


def random_settings(rule, objective, random):
    """Starts, shape (2, N), and hyperparameters, shape (N,)."""
    lo, hi = objective.bounds.T
    starts = lo[:, None] + random.random((2, N_SETTINGS)) * (hi - lo)[:, None]
    starts[0, :10] = 0.0  # gradients that are exactly zero, 0/0 in the rules without eps
    starts[:, 10] = 0.0
    draws = {
        "alpha": 10 ** random.uniform(-6, 0.7, N_SETTINGS),
        "beta": 1 - 10 ** random.uniform(-4, 0, N_SETTINGS),
        "beta1": 1 - 10 ** random.uniform(-4, 0, N_SETTINGS),
        "beta2": 1 - 10 ** random.uniform(-4, 0, N_SETTINGS),
        "eps": 10 ** random.uniform(-12, 0, N_SETTINGS),
    }
    draws["eps"][::7] = 0.0
    names = list(hyperparameters(RULES[rule]))
    return starts, {name: draws[name] for name in names if name in draws}


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("rule", RULES)
def test_same_bits(mirror, rule, objective):
    seed = [list(RULES).index(rule), list(OBJECTIVES).index(objective)]
    starts, batch = random_settings(rule, OBJECTIVES[objective], np.random.default_rng(seed))
    corrections = ["power", "constant"] if rule == "nadam" else [None]
    for correction in corrections:
        word = {} if correction is None else {"correction": correction}
        trace = minimize(OBJECTIVES[objective], starts, RULES[rule], N_ITER, **batch, **word)
        names = [name for name in trace.state._fields if name not in ("t", "x")]
        expected = np.concatenate(
            [trace.score[:, None], trace.x, *(getattr(trace.state, name) for name in names)], axis=1
        )
        settings = [
            {name: values[k] for name, values in batch.items()} | word for k in range(N_SETTINGS)
        ]
        numbers = mirror(objective, rule, starts.T.tolist(), json_numbers(settings), names)
        np.testing.assert_array_equal(numbers, expected.transpose(2, 0, 1))
        assert np.isfinite(expected[:51]).all(axis=(0, 1)).sum() > N_SETTINGS / 4  # not only chaos


def json_numbers(settings):
    return json.loads(json.dumps(settings))


def test_same_defaults(mirror):
    for name, rule in RULES.items():
        trace = minimize(OBJECTIVES["beale"], [1.0, -1.5], rule, N_ITER)
        (numbers,) = mirror("beale", name, [[1.0, -1.5]], [{}], [])
        np.testing.assert_array_equal(numbers[:, 0], trace.score)


def test_same_names(mirror):
    names = mirror.page.evaluate("[descentRules.RULES, descentRules.OBJECTIVES].map(Object.keys)")
    assert names == [list(RULES), list(OBJECTIVES)]
