"""Many searches at once: what ``minimize`` keeps of them, its blocks, and more than one machine."""

import copy
import importlib
import json
import pickle
import re
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_properties import MANY_OF, examples, runs, same_bits

import descent
from descent import OBJECTIVES, RULES, Objective, adam, bowl, minimize

ROOT = Path(__file__).resolve().parents[2]
MODULE = importlib.import_module("descent.minimize")  # descent.minimize is the function


def blocks_of(monkeypatch, numbers):
    monkeypatch.setattr(MODULE, "BLOCK", numbers)


@pytest.fixture
def asked(monkeypatch):
    """The shapes at which the gradient of the bowl, still the book's own, is asked."""
    shapes, gradient = [], bowl.gradient

    def spy(p):
        shapes.append(p.shape)
        return gradient(p)

    monkeypatch.setattr(bowl, "gradient", spy)
    return shapes


def same_trace(one, other):
    same_bits(one.x, other.x)
    same_bits(one.score, other.score)
    for a, b in zip(one.state, other.state, strict=True):
        assert a.dtype == b.dtype
        same_bits(a, b)
    assert (one.diverged_at, one.n_iter, one.keep) == (other.diverged_at, other.n_iter, other.keep)


def same_where_kept(less, full):
    """less holds of full what its ``keep`` says, and the last step of all the rest."""

    def part(name, values):
        return values if less.keep == name else values[-1:]

    same_bits(less.x, part("x", full.x))
    same_bits(less.score, part("score", full.score))
    for name, a, b in zip(full.state._fields, less.state, full.state, strict=True):
        same_bits(a, part("x", b) if name == "x" else b[-1:])
    assert less.n_iter == full.n_iter
    if less.keep == "score":
        assert less.diverged_at == full.diverged_at
    else:
        ends = np.isfinite(full.score[-1]).all()
        assert less.diverged_at == (None if ends else full.n_iter)


# --- keeping less -------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
@examples
@given(data=st.data())
def test_what_is_kept_has_the_same_bits(rule, data):
    x0, hyperparameters = data.draw(runs(rule))
    n_iter = data.draw(st.integers(0, 6))
    run = partial(minimize, MANY_OF[len(x0)], x0, RULES[rule], n_iter, **hyperparameters)
    full = run()
    for keep in ("x", "score", "last"):
        same_where_kept(run(keep=keep), full)


def test_shapes_of_what_is_kept():
    shapes = {
        "all": ((61, 2, 5), (61, 5), (61, 2, 5), list(range(61))),
        "x": ((61, 2, 5), (1, 5), (1, 2, 5), [60]),
        "score": ((1, 2, 5), (61, 5), (1, 2, 5), [60]),
        "last": ((1, 2, 5), (1, 5), (1, 2, 5), [60]),
    }
    for keep, expected in shapes.items():
        trace = minimize(bowl, [1, 2], adam, 60, keep=keep, alpha=np.geomspace(1e-3, 1, 5))
        assert trace.keep == keep
        x, score, m, t = trace.x, trace.score, trace.state.m, trace.state.t
        assert (x.shape, score.shape, m.shape, t.tolist()) == expected


def test_all_is_the_default():
    same_trace(minimize(bowl, [1, 2], adam, 5), minimize(bowl, [1, 2], adam, 5, keep="all"))


@pytest.mark.parametrize("keep, at", [("all", 6), ("score", 6), ("x", 1), ("last", 1)])
def test_the_objective_is_asked_where_its_score_is_kept(keep, at):
    asked = []
    f = Objective(lambda p: asked.append(p) or p @ p, lambda p: 2 * p, "f")
    minimize(f, [1.0, 2.0], adam, 5, keep=keep)
    assert len(asked) == at
    assert asked[-1].tolist() == minimize(f, [1.0, 2.0], adam, 5).x[-1].tolist()


def test_divergence_is_dated_by_the_scores_that_are_kept():
    run = partial(minimize, bowl, [1, 2], descent.gradient_descent, 500, alpha=[0.1, 100.0])
    date = run().diverged_at
    assert 0 < date < 500
    assert {keep: run(keep=keep).diverged_at for keep in ("score", "x", "last")} == {
        "score": date,
        "x": 500,
        "last": 500,
    }
    assert minimize(bowl, [1, 2], adam, 5, keep="last").diverged_at is None


class Own(NamedTuple):
    t: int
    x: Any
    m: Any = 0
    score: Any = 0.0


@pytest.mark.parametrize("n_iter", [0, 1, 2, 5])
@pytest.mark.parametrize("keep", ["x", "score", "last"])
def test_a_rule_with_fields_of_its_own(keep, n_iter):
    """One that begins with a bare 0, one with the name of what minimize keeps, one per batch."""

    def averaged(gradient, x0, alpha=0.1):
        x, m = x0, 0
        yield Own(0, x, m)
        for t in range(1, 100):
            m = 0.5 * m + 0.5 * gradient(x)
            x = x - alpha * m
            yield Own(t, x, m, x.sum())

    run = partial(minimize, bowl, np.ones((2, 3)), averaged, n_iter)
    same_where_kept(run(keep=keep), run())


def test_the_trace_in_one_line_says_how_many_steps_were_taken():
    for keep in ("x", "score", "last"):
        one = minimize(bowl, bowl.start(1), adam, 60, alpha=0.02, beta1=0.8, keep=keep)
        assert repr(one) == (
            "Trace(adam on bowl, 60 steps: "
            "ends at x = [0.000184071, -0.000548578], score = 3.3482e-07)"
        )
        batch = minimize(bowl, [1, 2], adam, 60, alpha=[0.1, 0.2], keep=keep)
        assert repr(batch) == "Trace(adam on bowl, 60 steps: a batch of shape (2,))"


# --- blocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
@examples
@given(data=st.data())
def test_a_batch_cut_into_blocks_has_the_same_bits(rule, data):
    x0, hyperparameters = data.draw(runs(rule))
    numbers = data.draw(st.integers(1, 8))
    surface = MANY_OF[len(x0)]
    run = partial(minimize, surface, x0, RULES[rule], 4, **hyperparameters)
    whole = run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(OBJECTIVES, "many", surface)
        blocks_of(patch, numbers)
        same_trace(run(), whole)
        for keep in ("x", "score", "last"):
            same_where_kept(run(keep=keep), whole)


@pytest.mark.parametrize(
    "x0, settings, pieces",
    [
        ((2,), {}, [(2,)]),
        ((2, 3), {}, [(2, 3)]),
        ((2, 7), {}, [(2, 2), (2, 2), (2, 3)]),
        ((2,), {"alpha": (7,)}, [(2, 2), (2, 2), (2, 3)]),
        ((2,), {"alpha": (4, 1), "beta1": (2,)}, [(2, 1, 2), (2, 1, 2), (2, 2, 2)]),
        ((2, 1, 4), {"alpha": (2, 1)}, [(2, 2, 1), (2, 2, 1), (2, 2, 2)]),
        ((2, 2, 2, 2), {}, [(2, 1, 2, 2), (2, 1, 2, 2)]),  # an axis of two has two pieces
    ],
)
def test_the_longest_axis_is_cut_evenly(x0, settings, pieces, asked, monkeypatch):
    blocks_of(monkeypatch, 6)
    settings = {name: np.full(shape, 0.1) for name, shape in settings.items()}
    minimize(bowl, np.ones(x0), adam, 1, **settings)
    assert asked == pieces


def test_a_block_of_a_large_batch_fits_the_cache(asked):
    trace = minimize(bowl, [1, 2], adam, 3, keep="last", alpha=np.geomspace(1e-4, 1, 100_000))
    assert trace.x.shape == (1, 2, 100_000)
    largest = max(int(np.prod(shape)) for shape in asked)
    assert 10_000 < largest <= 16_000
    assert len(asked) == 3 * 13


def test_a_small_batch_runs_in_one_piece(asked):
    minimize(bowl, [1, 2], adam, 3, alpha=np.geomspace(1e-4, 1, 1000))
    assert asked == [(2, 1000)] * 3


def test_each_t_of_a_schedule_is_asked_once_for_all_blocks(asked, monkeypatch):
    blocks_of(monkeypatch, 4)
    times = []

    def alpha(t):
        times.append(t)
        return np.linspace(0.1, 0.2, 6) / t

    minimize(bowl, [1, 2], adam, 5, alpha=alpha)
    assert times == [1, 2, 3, 4, 5]
    assert len(asked) == 15


def is_whole(shapes, n_iter=3):
    return shapes == [(2, 6)] * n_iter


def own_rule(gradient, x0, alpha=0.1):
    yield from descent.gradient_descent(gradient, x0, alpha)


ALPHA = np.geomspace(0.01, 1, 6)


@pytest.mark.parametrize(
    "run",
    {
        "gradient": lambda spy: minimize(bowl, [1, 2], adam, 3, gradient=spy, alpha=ALPHA),
        "objective": lambda spy: minimize(
            Objective(bowl.f, spy, "bowl"), [1, 2], adam, 3, alpha=ALPHA
        ),
        "function": lambda spy: minimize(
            lambda p: bowl(p), [1, 2], adam, 3, gradient=spy, alpha=ALPHA
        ),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_gradient_of_ones_own_is_asked_once_a_step_for_all_points(run, monkeypatch):
    """It may be a stream: noise, mini-batches. Then how often it is asked changes the numbers."""
    shapes = []

    def spy(p):
        shapes.append(p.shape)
        return 2 * p

    blocks_of(monkeypatch, 4)
    run[1](spy)
    assert is_whole(shapes)


def test_a_rule_or_a_projection_of_ones_own_sees_all_points(asked, monkeypatch):
    """It may look at several of them, as a swarm does."""
    blocks_of(monkeypatch, 4)
    minimize(bowl, [1, 2], own_rule, 3, alpha=ALPHA)
    assert is_whole(asked)
    asked.clear()
    minimize(bowl, [1, 2], adam, 3, alpha=ALPHA, project=lambda x: x - x.mean())
    assert is_whole(asked)
    asked.clear()
    minimize(bowl, [1, 2], adam, 3, alpha=ALPHA, project=None)
    assert len(asked) == 9


def test_noise_on_a_large_batch_is_drawn_as_before():
    def noisy(draw):
        return lambda p: 2 * p + draw.normal(size=p.shape)

    alpha = np.full(20_000, 0.1)
    rule = descent.gradient_descent
    trace = minimize(bowl, [1, 2], rule, 3, gradient=noisy(np.random.default_rng(1)), alpha=alpha)
    draw, x = np.random.default_rng(1), np.broadcast_to([[1.0], [2.0]], (2, 20_000))
    for t in range(1, 4):
        x = x - alpha * noisy(draw)(x)
        same_bits(trace.x[t], x)


# --- another process, another machine -----------------------------------------------------------


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_surface_of_the_book_stays_itself_on_the_way_to_a_process(name):
    surface = OBJECTIVES[name]
    assert pickle.loads(pickle.dumps(surface)) is surface
    assert copy.deepcopy(surface) is surface


def value(p):
    return (p * p).sum(axis=0)


def slope(p):
    return 2 * p


def test_an_objective_of_ones_own_is_copied():
    own = Objective(value, slope, "bowl")  # also under a name of the book
    again = pickle.loads(pickle.dumps(own))
    assert again is not own
    assert again is not bowl
    assert (again.f, again.gradient, again.name) == (value, slope, "bowl")
    same_bits(again.bounds, own.bounds)


def test_a_trace_comes_back_from_a_process_as_it_was():
    trace = minimize(bowl, [1, 2], adam, 5, alpha=[0.1, 0.2])
    again = pickle.loads(pickle.dumps(trace))
    same_trace(again, trace)
    assert (again.objective, again.rule) == (bowl, adam)


def sources():
    """The code of the package and of the notebooks' code cells, by name."""
    for path in (ROOT / "code/descent").rglob("*.py"):
        yield path, path.read_text(encoding="utf-8")
    for path in (ROOT / "book").rglob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield path, "".join(cell["source"])


def test_nothing_that_the_book_runs_needs_more_than_one_machine():
    for path, code in sources():
        assert not re.search(r"\b(import|from) +(dask|distributed)\b", code), path


def lines_of_the_page():
    """What book/your_own.ipynb tells to run on a cluster."""
    cells = json.loads((ROOT / "book/your_own.ipynb").read_text(encoding="utf-8"))["cells"]
    (block,) = re.findall(
        r"```python\n(from distributed.*?)```",
        "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"),
        re.S,
    )
    return block


@pytest.mark.slow
def test_two_workers_give_the_same_numbers_as_one_call():
    """Dask, as on many machines: a scheduler, workers that are other processes, TCP between."""
    from distributed import Client, LocalCluster

    alphas = np.geomspace(1e-4, 1, 1001)
    own = Objective(lambda p: p[0] * p[0] + p[1] * p[1], lambda p: 2 * p, "own")

    def stretched(gradient, x0, alpha=0.1):  # a rule that no worker can import
        yield from descent.gradient_descent(gradient, x0, 2 * alpha)

    def run_own(alpha):
        return minimize(own, [1.0, 2.0], stretched, 60, alpha=alpha)

    page = {"minimize": minimize, "adam": adam, "himmelblau": descent.himmelblau, "np": np}
    page |= {"x0": np.array([-0.25, 1.0]), "alphas": alphas}
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        code = lines_of_the_page()
        assert "HOST:8786" in code
        exec(code.replace("HOST:8786", cluster.scheduler_address), page)
        with Client(cluster) as client:
            workers = list(client.scheduler_info()["workers"])
            pieces = np.array_split(alphas, 2)
            futures = [  # one for each worker by name, so that both do compute
                client.submit(run_own, piece, workers=worker)
                for piece, worker in zip(pieces, workers, strict=True)
            ]
            owns = client.gather(futures)
    same_bits(page["score"], page["run"](alphas).score)
    assert {part.objective for part in page["parts"]} == {descent.himmelblau}
    same_bits(np.concatenate([part.x for part in owns], axis=-1), run_own(alphas).x)
