"""What must hold for every rule whatever is run: hypothesis looks for the run where it does not.

The examples are the same on every run (derandomize) and nothing is stored.
"""

import inspect
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descent import OBJECTIVES, RULES, Objective, minimize

examples = settings(derandomize=True, deadline=None, database=None, max_examples=20)

# A surface of any number of variables: chained, so that the coordinates depend on each other.
MANY = Objective(
    lambda p: sum(p[i] * p[i] * (1 + p[i - 1] * p[i - 1]) for i in range(len(p))),
    lambda p: np.stack(
        [
            2 * p[i] * (1 + p[i - 1] * p[i - 1])
            + 2 * p[i] * (p[(i + 1) % len(p)] * p[(i + 1) % len(p)])
            for i in range(len(p))
        ]
    ),
    "many",
)

alphas = st.floats(1e-6, 10.0)
betas = st.one_of(st.floats(0.0, 0.9999), st.sampled_from([0.0, 0.5, 0.9, 1 - 2.0**-53]))
epsilons = st.one_of(st.just(0.0), st.floats(1e-12, 0.1))
numbers = st.one_of(st.floats(-3.0, 3.0), st.sampled_from([0.0, -0.0, 1.0, 1e-200, 1e200]))


def values_of(name):
    if name == "alpha":
        return alphas
    return epsilons if name == "eps" else betas


def hyperparameters_of(rule):
    return [p for p in list(inspect.signature(RULES[rule]).parameters)[2:] if p != "project"]


class Schedule:
    """t -> 0.9 of the value at odd t, the value itself at even t; picks members like an array."""

    def __init__(self, value):
        self.value = value

    def __call__(self, t):
        return self.value * 0.9 if t % 2 else self.value

    def __repr__(self):
        return f"Schedule({self.value!r})"


@st.composite
def shapes_that_broadcast(draw, batch):
    """A shape that broadcasts to batch: some axes dropped from the left, some made 1."""
    kept = batch[draw(st.integers(0, len(batch))) :]
    return tuple(draw(st.sampled_from([1, n])) for n in kept)


@st.composite
def arrays(draw, shape, elements):
    n = int(np.prod(shape, dtype=int))
    flat = draw(st.lists(elements, min_size=n, max_size=n))
    return np.array(flat, dtype=float).reshape(shape)


@st.composite
def runs(draw, rule):
    """x0 and hyperparameters of a batch: numbers, arrays and schedules of either."""
    batch = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
    d = draw(st.integers(1, 4))
    x0 = draw(arrays((d, *draw(shapes_that_broadcast(batch))), numbers))
    chosen = {}
    for name in hyperparameters_of(rule):
        if name == "correction":
            chosen[name] = draw(st.sampled_from(["power", "constant"]))
            continue
        kind = draw(st.sampled_from(["default", "number", "array", "schedule", "schedules"]))
        if kind == "default":
            continue
        if kind in ("number", "schedule"):
            value = draw(values_of(name))
        else:
            value = draw(arrays(draw(shapes_that_broadcast(batch)), values_of(name)))
        chosen[name] = Schedule(value) if kind.startswith("schedule") else value
    return x0, chosen


def member(value, index, batch):
    """One member of a hyperparameter, as the plain number or schedule that is run alone."""
    if isinstance(value, Schedule):
        return Schedule(member(value.value, index, batch))
    if isinstance(value, str):
        return value
    return float(np.broadcast_to(value, batch)[index])


def same_bits(a, b):
    """Equal to the last bit, the sign of zero included; one nan is like another."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(np.signbit(a) & ~np.isnan(a), np.signbit(b) & ~np.isnan(b))


@pytest.mark.parametrize("rule", RULES)
@examples
@given(data=st.data())
def test_a_batch_gives_bit_for_bit_what_its_members_give_alone(rule, data):
    x0, hyperparameters = data.draw(runs(rule))
    batched = minimize(MANY_OF[len(x0)], x0, RULES[rule], 12, **hyperparameters)
    batch = batched.score.shape[1:]
    points = x0.reshape(len(x0), *(1,) * (len(batch) - x0.ndim + 1), *x0.shape[1:])
    points = np.broadcast_to(points, (len(x0), *batch))
    dates = []
    for index in np.ndindex(batch):
        alone = minimize(
            MANY_OF[len(x0)],
            points[:, *index],
            RULES[rule],
            12,
            **{name: member(value, index, batch) for name, value in hyperparameters.items()},
        )
        same_bits(batched.x[:, :, *index], alone.x)
        same_bits(batched.score[:, *index], alone.score)
        for one, other in zip(batched.state[2:], alone.state[2:], strict=True):
            same_bits(one[:, :, *index], other)
        dates.append(alone.diverged_at)
    known = [date for date in dates if date is not None]
    assert batched.diverged_at == (min(known) if known else None)


MANY_OF = {d: Objective(MANY.f, MANY.gradient, "many", bounds=[[-1, 1]] * d) for d in range(1, 5)}


def test_the_surface_of_many_variables_has_the_right_gradient():
    for d in (2, 3, 4):
        assert MANY_OF[d].check_gradient() < 1e-8


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("rule", RULES)
def test_a_batch_of_starts_and_settings_on_every_surface(rule, objective):
    f = OBJECTIVES[objective]
    starts = np.stack([f.start(seed) for seed in range(4)], axis=1)
    alpha = np.array([[1e-4], [1e-2], [1.0]])  # the last diverges where it can
    batched = minimize(f, starts, RULES[rule], 80, alpha=alpha)
    for i, j in np.ndindex(3, 4):
        alone = minimize(f, starts[:, j], RULES[rule], 80, alpha=float(alpha[i, 0]))
        same_bits(batched.x[:, :, i, j], alone.x)
        same_bits(batched.score[:, i, j], alone.score)


@pytest.mark.parametrize("rule", RULES)
@examples
@given(data=st.data())
def test_shapes_and_time(rule, data):
    x0, hyperparameters = data.draw(runs(rule))
    n_iter = data.draw(st.integers(0, 6))
    trace = minimize(MANY_OF[len(x0)], x0, RULES[rule], n_iter, **hyperparameters)
    shapes = [x0.shape[1:]] + [
        np.shape(value.value if isinstance(value, Schedule) else value)
        for value in hyperparameters.values()
        if not isinstance(value, str)
    ]
    batch = np.broadcast_shapes(*shapes)
    assert trace.x.shape == (n_iter + 1, len(x0), *batch)
    assert trace.score.shape == (n_iter + 1, *batch)
    assert trace.state.t.tolist() == list(range(n_iter + 1))
    for field in trace.state[1:]:
        assert field.shape == trace.x.shape
    longer = minimize(MANY_OF[len(x0)], x0, RULES[rule], n_iter + 3, **hyperparameters)
    same_bits(longer.x[: n_iter + 1], trace.x)  # the first steps do not know how many follow


@pytest.mark.parametrize("rule", RULES)
@examples
@given(data=st.data())
def test_nothing_that_was_yielded_ever_changes(rule, data):
    x0, hyperparameters = data.draw(runs(rule))
    original = x0.copy()
    gradients = {}

    def gradient(x):
        """Answers in one buffer that it overwrites each time, as fast code does."""
        buffer = gradients.setdefault("buffer", np.empty_like(x))
        buffer[...] = MANY.gradient(x)
        return buffer

    project = {"project": np.negative} if rule in ("adam", "amsgrad") else {}
    with np.errstate(all="ignore"):
        steps = RULES[rule](gradient, x0, **hyperparameters, **project)
        yielded, copies = [], []
        for step in islice(steps, 10):
            yielded.append(step)
            copies.append([np.array(value) for value in step])
            if step.t == 3:
                x0[...] = 77.0  # the caller writes on his start
            if gradients:
                gradients["buffer"][...] = -5.0
    for step, copy in zip(yielded, copies, strict=True):
        for value, before in zip(step, copy, strict=True):
            same_bits(value, before)
        for value in step[1:]:
            assert not np.shares_memory(value, x0)
    with np.errstate(all="ignore"):
        again = list(islice(RULES[rule](MANY.gradient, original, **hyperparameters, **project), 10))
    for step, other in zip(yielded, again, strict=True):
        same_bits(step.x, other.x)


@pytest.mark.parametrize("rule", RULES)
@examples
@given(data=st.data())
def test_the_callers_arrays_are_neither_changed_nor_kept(rule, data):
    x0, hyperparameters = data.draw(runs(rule))
    before = x0.copy(), {name: np.array(value) for name, value in hyperparameters.items()}
    trace = minimize(MANY_OF[len(x0)], x0, RULES[rule], 4, **hyperparameters)
    same_bits(x0, before[0])
    path = trace.x.copy()
    x0[...] = 77.0
    for name, value in hyperparameters.items():
        if isinstance(value, np.ndarray):
            same_bits(value, before[1][name])
            value[...] = 0.25
            same_bits(trace.hyperparameters[name], before[1][name])
    same_bits(trace.x, path)


@pytest.mark.parametrize("rule", RULES)
@examples
@given(data=st.data())
def test_two_runs_side_by_side_do_not_know_of_each_other(rule, data):
    x0, hyperparameters = data.draw(runs(rule))
    with np.errstate(all="ignore"):
        one, other = (RULES[rule](MANY.gradient, x0, **hyperparameters) for _ in range(2))
        for first, second in islice(zip(one, other, strict=True), 6):
            for a, b in zip(first, second, strict=True):
                same_bits(a, b)


@pytest.mark.parametrize("rule", RULES)
@examples
@given(data=st.data())
def test_a_coordinate_whose_gradient_is_0_stays_whatever_the_settings(rule, data):
    x0, hyperparameters = data.draw(runs(rule))
    flat = Objective(
        lambda p: p[-1] * p[-1],
        lambda p: np.concatenate([np.zeros_like(p[:-1]), 2 * p[-1:]]),
        "flat",
        bounds=[[-1, 1]] * len(x0),
    )
    trace = minimize(flat, x0, RULES[rule], 6, **hyperparameters)
    same_bits(trace.x[:, :-1], np.broadcast_to(trace.x[:1, :-1], trace.x[:, :-1].shape))
