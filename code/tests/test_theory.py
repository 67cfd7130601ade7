"""What the theory says of the rules, measured. Every bound is also reached, so that it is tight."""

import json
import math
from collections import deque
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest

from descent import (
    OBJECTIVES,
    RULES,
    Objective,
    adagrad,
    adam,
    adamax,
    amsgrad,
    bowl,
    gradient_descent,
    minimize,
    momentum,
    nadam,
    nesterov,
    ravine,
    rmsprop,
)

ULP = np.finfo(float).eps
ADAPTIVE = ["adagrad", "rmsprop", "adam", "adamax", "amsgrad", "nadam"]
WITH_EPS = [name for name in ADAPTIVE if name != "adamax"]


def no_eps(name):
    return {"eps": 0.0} if name in WITH_EPS else {}


def last(rule, gradients, **hyperparameters):
    """x_{T-1} - x_T after a given sequence of T gradients of one variable, in plain floats."""
    stream = iter(gradients)
    *_, before, after = rule_records(rule, lambda x: next(stream), len(gradients), hyperparameters)
    return before.x - after.x


def rule_records(rule, gradient, n_iter, hyperparameters):
    return list(islice(rule(gradient, 0.0, **hyperparameters), n_iter + 1))


# --- gradient descent ---------------------------------------------------------------------------


def test_gradient_descent_on_a_quadratic_contracts_by_1_minus_alpha_lambda_exactly():
    # alpha = 2^-6 and curvatures 1 and 50: 1 - alpha lambda = 63/64 and 14/64. Eight steps from
    # (1, 1) need 48 bits, so no step rounds and every digit can be asked for.
    trace = minimize(ravine, [1.0, 1.0], gradient_descent, 8, alpha=2.0**-6)
    t = np.arange(9)
    assert trace.x[:, 0].tolist() == ((63 / 64) ** t).tolist()
    assert trace.x[:, 1].tolist() == ((14 / 64) ** t).tolist()


def test_gradient_descent_contracts_by_1_minus_alpha_lambda_to_the_last_digit():
    alpha = np.linspace(0.001, 0.039, 40)
    trace = minimize(ravine, [1.0, 1.0], gradient_descent, 100, alpha=alpha)
    ratio = trace.x[1:] / trace.x[:-1]
    rate = 1 - np.array([[1.0], [50.0]]) * alpha
    # Rounding alone: six times half a unit in the last place of numbers of at most 2 would be
    # allowed, 2.02 units of 1 is what it comes to.
    assert abs(ratio - rate).max() < 3 * ULP


def test_gradient_descent_treats_each_eigenvector_alone():
    rotation, _ = np.linalg.qr(np.random.RandomState(0).randn(3, 3))
    curvature = np.array([0.5, 2.0, 9.0])
    hessian = rotation @ np.diag(curvature) @ rotation.T
    quadratic = Objective(
        lambda p: 0.5 * np.einsum("i...,ij,j...->...", p, hessian, p),
        lambda p: np.einsum("ij,j...->i...", hessian, p),
        "quadratic",
        bounds=[[-1, 1]] * 3,
    )
    trace = minimize(quadratic, [1.0, -2.0, 0.5], gradient_descent, 50, alpha=0.1)
    along = trace.x @ rotation
    t = np.arange(51)[:, None]
    np.testing.assert_allclose(along, along[0] * (1 - 0.1 * curvature) ** t, rtol=0, atol=1e-14)


def test_the_best_constant_step_size_gives_the_rate_kappa_minus_1_over_kappa_plus_1():
    smallest, largest = 1.0, 50.0
    kappa = largest / smallest
    alpha = np.linspace(0.001, 0.0399, 2000)
    alpha = np.append(alpha, 2 / (smallest + largest))
    trace = minimize(ravine, [1.0, 1.0], gradient_descent, 400, alpha=alpha)
    distance = abs(trace.x[-1]).max(axis=0)
    assert np.argmin(distance) == len(alpha) - 1
    rate = abs(trace.x[-1, :, -1] / trace.x[-2, :, -1])
    np.testing.assert_allclose(rate, (kappa - 1) / (kappa + 1), rtol=1e-14)


def curve(curvature):
    """f(x) = curvature x^2 / 2 of one variable, as an array of one coordinate."""
    return Objective(
        lambda p: 0.5 * curvature * p[0] * p[0], lambda p: curvature * p, "curve", [[-1, 1]]
    )


def test_gradient_descent_diverges_exactly_past_alpha_2_over_l():
    bound = 2 / 64
    step = 2.0**-40  # a million millionth, still four thousand times the rounding unit
    alpha = bound * np.array([1 - 1e-2, 1 - step, 1.0, 1 + step, 1 + 1e-2])
    size = abs(minimize(curve(64.0), [1.0], gradient_descent, 1000, alpha=alpha).x[:, 0])
    change = np.diff(size, axis=0)
    assert (change[:, :2] < 0).all()
    assert (change[:, 2] == 0).all()
    assert (change[:, 3:] > 0).all()


def test_divergence_is_dated_by_the_first_score_that_overflows():
    # alpha = 4/L: x_t = (-3)^t exactly as long as it fits, so the score is 32 * 9^t.
    largest = int(np.finfo(float).max)
    first = next(t for t in count() if 32 * 9**t > largest)
    trace = minimize(curve(64.0), [1.0], gradient_descent, 400, alpha=4 / 64)
    assert trace.diverged_at == first == 322
    assert np.isfinite(trace.score[:first]).all()
    assert not np.isfinite(trace.score[first])


def test_a_step_below_1_over_l_lowers_the_score_by_half_alpha_times_the_squared_gradient():
    # The descent lemma: f(x_t) <= f(x_{t-1}) - alpha (1 - alpha L / 2) |g|^2.
    alpha = np.array([0.001, 0.01, 0.02])
    trace = minimize(ravine, ravine.start(0), gradient_descent, 100, alpha=alpha)
    g = ravine.gradient(trace.x.swapaxes(0, 1))
    promised = alpha * (1 - alpha * 50 / 2) * (g * g).sum(axis=0)
    fall = trace.score[:-1] - trace.score[1:]
    assert (fall >= promised[:-1] * (1 - 1e-12)).all()


# --- momentum and Nesterov ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bowl", "ravine", "rosenbrock", "himmelblau", "saddle"])
def test_momentum_is_the_two_step_form_of_polyak(name):
    f, alpha, beta = OBJECTIVES[name], 1e-4, 0.9
    trace = minimize(f, f.start(2), momentum, 200, alpha=alpha, beta=beta)
    before, x = f.start(2), f.start(2)
    for t in range(1, 201):
        before, x = x, x - alpha * f.gradient(x) + beta * (x - before)
        np.testing.assert_allclose(trace.x[t], x, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["bowl", "ravine", "rosenbrock", "himmelblau", "saddle"])
def test_nesterov_is_the_look_ahead_form_seen_from_the_look_ahead_point(name):
    f, alpha, beta = OBJECTIVES[name], 1e-4, 0.9
    trace = minimize(f, f.start(2), nesterov, 200, alpha=alpha, beta=beta)
    y, velocity = f.start(2), np.zeros(2)
    for t in range(1, 201):
        velocity = beta * velocity - alpha * f.gradient(y + beta * velocity)
        y = y + velocity
        np.testing.assert_allclose(trace.x[t], y + beta * velocity, rtol=1e-12, atol=1e-14)


def test_nesterov_s_rate_on_a_quadratic_is_1_minus_the_root_of_1_over_kappa():
    # alpha = 1/L, beta = (sqrt kappa - 1)/(sqrt kappa + 1): along the flattest direction the
    # characteristic root is double and equals 1 - 1/sqrt(kappa).
    root = math.sqrt(50)
    beta = (root - 1) / (root + 1)
    trace = minimize(ravine, [1.0, 0.0], nesterov, 3000, alpha=1 / 50, beta=beta)
    # A double root: x_t = (a + b t) r^t, so compare t apart by one far out.
    rate = trace.x[3000, 0] / trace.x[2999, 0]
    assert rate == pytest.approx(1 - 1 / root, rel=1e-3)


# --- the first step -----------------------------------------------------------------------------


def test_the_first_adam_step_is_alpha_times_the_sign_of_the_gradient():
    random = np.random.RandomState(0)
    g = random.randn(5, 400) * 10.0 ** random.randint(-100, 100, (5, 400))
    g[0, ::7] = 0.0
    beta1, beta2 = random.rand(2, 400)
    steps = adam(lambda x: g, np.zeros((5, 400)), alpha=0.5, beta1=beta1, beta2=beta2, eps=0.0)
    next(steps)
    # (1 - beta) g / (1 - beta) rounds twice, the root of the square twice more.
    np.testing.assert_allclose(next(steps).x, -0.5 * np.sign(g), rtol=4 * ULP, atol=0)


@pytest.mark.parametrize(
    ("rule", "hyperparameters", "size"),
    [
        (adagrad, {"eps": 0.0}, 1.0),
        (rmsprop, {"eps": 0.0, "beta2": 0.9}, 1 / math.sqrt(0.1)),
        (adam, {"eps": 0.0}, 1.0),
        (adamax, {}, 1.0),
        (amsgrad, {"eps": 0.0, "beta1": 0.9, "beta2": 0.999}, 0.1 / math.sqrt(0.001)),
        (nadam, {"eps": 0.0, "beta1": 0.8}, (1 + 2 * 0.8) / (1 + 0.8)),
    ],
)
def test_every_adaptive_rule_begins_with_a_step_along_the_sign(rule, hyperparameters, size):
    x0 = np.array([0.3, -2.0, 1e-30])
    steps = rule(lambda x: 7.0 * x, x0, alpha=0.01, **hyperparameters)
    next(steps)
    np.testing.assert_allclose(next(steps).x, x0 - 0.01 * size * np.sign(x0), rtol=1e-12)


# --- rescaling the objective --------------------------------------------------------------------


def rescaled(f, c):
    return Objective(lambda p: c * f(p), lambda p: c * f.gradient(p), f.name, f.bounds)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("name", ADAPTIVE)
def test_rescaling_by_a_power_of_two_changes_no_bit_at_eps_0(name, objective):
    f = OBJECTIVES[objective]
    x0 = np.stack([f.start(seed) for seed in range(5)], axis=1)
    path = minimize(f, x0, RULES[name], 100, alpha=0.01, **no_eps(name)).x
    for c in (2.0**-30, 0.5, 2.0**40):
        other = minimize(rescaled(f, c), x0, RULES[name], 100, alpha=0.01, **no_eps(name)).x
        np.testing.assert_array_equal(other, path)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("name", ADAPTIVE)
def test_rescaling_by_any_factor_changes_nothing_but_rounding(name, objective):
    f = OBJECTIVES[objective]
    path = minimize(f, f.start(3), RULES[name], 30, alpha=0.01, **no_eps(name)).x
    for c in (1e-6, 0.3, 1e9 / 7):
        other = minimize(rescaled(f, c), f.start(3), RULES[name], 30, alpha=0.01, **no_eps(name)).x
        np.testing.assert_allclose(other, path, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["gradient_descent", "momentum", "nesterov"])
def test_rescaling_the_objective_rescales_the_steps_of_the_others(name):
    x0 = bowl.start(1)
    path = minimize(bowl, x0, RULES[name], 10, alpha=0.01).x
    doubled = minimize(rescaled(bowl, 2.0), x0, RULES[name], 10, alpha=0.01).x
    assert not np.array_equal(doubled, path)
    halved = minimize(rescaled(bowl, 2.0), x0, RULES[name], 10, alpha=0.005).x
    np.testing.assert_array_equal(halved, path)


# --- AMSGrad ------------------------------------------------------------------------------------


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_v_max_never_falls_where_v_does(objective):
    f = OBJECTIVES[objective]
    x0 = np.stack([f.start(seed) for seed in range(10)], axis=1)
    state = minimize(f, x0, amsgrad, 500, alpha=0.02, beta2=0.9).state
    assert (np.diff(state.v_max, axis=0) >= 0).all()
    assert (np.diff(state.v, axis=0) < 0).any()
    np.testing.assert_array_equal(state.v_max, np.maximum.accumulate(state.v, axis=0))


def online(rule, n_iter, cycle=101):
    """The counterexample of Reddi et al. on [-1, 1]: f_t = 1010 x once a cycle, else -10 x.

    Returns the last x and the average regret against the best fixed point, -1.
    """
    asked = []

    def gradient(x):
        asked.append(x)
        return 1010.0 if len(asked) % cycle == 1 else -10.0

    steps = rule(
        gradient,
        0.0,
        alpha=lambda t: 0.5 / math.sqrt(t),
        beta1=0.9,
        beta2=0.99,
        project=lambda x: min(1.0, max(-1.0, x)),
    )
    end = deque(islice(steps, n_iter + 1), maxlen=1).pop()
    slopes = [1010.0 if t % cycle == 1 else -10.0 for t in range(1, n_iter + 1)]
    loss = sum(slope * x for slope, x in zip(slopes, asked, strict=True))
    return end.x, (loss + sum(slopes)) / n_iter


def test_adam_goes_to_the_wrong_end_of_the_counterexample_and_amsgrad_to_the_right_one():
    x, regret = online(adam, 20_000)
    assert x > 0.9
    assert regret == pytest.approx(0.51, abs=0.01)
    x, regret = online(amsgrad, 20_000)
    assert x < -0.8
    assert regret == pytest.approx(0.30, abs=0.01)


def test_the_counterexample_at_200_000_steps():
    x, regret = online(adam, 200_000)
    assert x > 0.99
    assert regret == pytest.approx(0.27, abs=0.005)
    x, other = online(amsgrad, 200_000)
    assert x == -1.0
    assert other == pytest.approx(0.08, abs=0.005)
    print(f"average regret at 200,000 steps: Adam {regret:.4f}, AMSGrad {other:.4f}")


# --- how long a step can be ---------------------------------------------------------------------


def adam_bound(t, beta1, beta2):
    """The largest |x_t - x_{t-1}| / alpha over all gradients, by the Cauchy-Schwarz inequality.

    m_hat and v_hat are averages with weights p_i and q_i, so |m_hat| / sqrt(v_hat) is at most
    the root of sum p_i^2 / q_i; equal where g_i is in proportion to p_i / q_i.
    """
    p = (1 - beta1) / (1 - beta1**t)
    q = (1 - beta2) / (1 - beta2**t)
    return p / math.sqrt(q) * math.sqrt(sum((beta1 * beta1 / beta2) ** k for k in range(t)))


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.8, 0.999), (0.9, 0.99), (0.5, 0.9)])
def test_no_adam_step_is_longer_than_its_bound_and_growing_gradients_reach_it(beta1, beta2):
    random = np.random.RandomState(0)
    n_iter, members = 300, 200
    g = random.randn(n_iter, members) * 10.0 ** random.uniform(-3, 3, (n_iter, members))
    g *= random.rand(n_iter, members) < random.rand(members)  # from dense to sparse
    stream = iter(g)
    steps = adam(lambda x: next(stream)[None], np.zeros((1, members)), 1.0, beta1, beta2, eps=0.0)
    x = np.array([step.x[0] for step in islice(steps, n_iter + 1)])
    bound = np.array([adam_bound(t, beta1, beta2) for t in range(1, n_iter + 1)])
    size = abs(np.diff(x, axis=0))
    assert (size <= bound[:, None] * (1 + 1e-9)).all()

    worst = [(beta2 / beta1) ** (i - n_iter) for i in range(1, n_iter + 1)]
    reached = last(adam, worst, alpha=1.0, beta1=beta1, beta2=beta2, eps=0.0)
    assert reached == pytest.approx(bound[-1], rel=1e-12)


def test_the_two_bounds_of_the_adam_paper_are_those_of_steady_and_of_sparse_gradients():
    settings = {"alpha": 1.0, "beta1": 0.9, "beta2": 0.999, "eps": 0.0}
    steady = last(adam, [1.0] * 20_000, **settings)
    sparse = last(adam, [0.0] * 19_999 + [1.0], **settings)
    growing = last(adam, [(0.999 / 0.9) ** (i - 3000) for i in range(1, 3001)], **settings)
    assert steady == pytest.approx(1.0, rel=1e-12)
    assert sparse == pytest.approx(0.1 / math.sqrt(0.001), rel=1e-8)  # 3.16
    # Neither is the most: gradients that grow by 11 percent a step are met by 7 alpha.
    assert growing == pytest.approx(adam_bound(3000, 0.9, 0.999), rel=1e-9)
    assert growing > 7


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.8, 0.99), (0.9, 0.95)])
def test_no_adamax_step_is_longer_than_its_bound_and_fading_gradients_reach_it(beta1, beta2):
    # u_t >= beta2^(t-i) |g_i| gives |m_hat| / u <= (1 - beta1)/(1 - beta1^t) sum (beta1/beta2)^k.
    # That is a little more than the paper's 1, and g_i = beta2^i, where u just forgets, has it.
    n_iter, members = 300, 200
    bound = np.array(
        [
            (1 - beta1) / (1 - beta1**t) * sum((beta1 / beta2) ** k for k in range(t))
            for t in range(1, n_iter + 1)
        ]
    )
    random = np.random.RandomState(1)
    g = (
        random.randn(n_iter, members)
        * random.uniform(0.9, 1.1, members) ** np.arange(n_iter)[:, None]
    )
    stream = iter(g)
    steps = adamax(lambda x: next(stream)[None], np.zeros((1, members)), 1.0, beta1, beta2)
    x = np.array([step.x[0] for step in islice(steps, n_iter + 1)])
    assert (abs(np.diff(x, axis=0)) <= bound[:, None] * (1 + 1e-9)).all()

    fading = [beta2**i for i in range(1, n_iter + 1)]
    reached = last(adamax, fading, alpha=1.0, beta1=beta1, beta2=beta2)
    assert reached == pytest.approx(bound[-1], rel=1e-12)
    assert reached > 1.005
    growing = [1.01**i for i in range(n_iter)]
    assert last(adamax, growing, alpha=1.0, beta1=beta1, beta2=beta2) <= 1.0


CONSTANT = json.loads(Path(__file__).with_name("constant_gradient.json").read_text())


def step_over_alpha(rule, **hyperparameters):
    """The steps that CONSTANT lists: alpha is 1 there and 0 between, so that x stays small."""
    listed = CONSTANT["steps"]
    steps = rule(
        lambda x: 1.0,
        0.0,
        alpha=lambda t: 1.0 if t in listed else 0.0,
        **({} if rule is adamax else {"eps": 0.0}),
        **hyperparameters,
    )
    x = [step.x for step in islice(steps, listed[-1] + 1)]
    return [x[t - 1] - x[t] for t in listed]


@pytest.mark.parametrize("betas", CONSTANT["table"]["adam"])
@pytest.mark.parametrize("row", CONSTANT["table"])
def test_the_step_over_alpha_on_a_constant_gradient(row, betas):
    beta1, beta2 = (float(part.split("=")[1]) for part in betas.split(","))
    name, *option = row.split(", ")
    hyperparameters = {"beta1": beta1, "beta2": beta2}
    expected = np.array(CONSTANT["table"][row][betas])
    if "correction=constant" in option:
        hyperparameters["correction"] = "constant"
    if len(option) == 2:  # Dozat's schedule, and his extra factor nu under the root taken out
        hyperparameters["beta1"] = lambda t: beta1 * (1 - 0.5 * 0.96 ** (t / 250))
        expected *= math.sqrt(beta2)
    np.testing.assert_allclose(step_over_alpha(RULES[name], **hyperparameters), expected, 1e-12)


def test_the_tutorials_nadam_hides_a_decay_that_the_real_one_does_not_have():
    settings = {"beta1": 0.8, "beta2": 0.999}
    simplified = step_over_alpha(nadam, correction="constant", **settings)
    assert simplified[0] == pytest.approx(1.80, abs=0.005)
    assert simplified[-1] == pytest.approx(0.158, abs=0.0005)
    real = step_over_alpha(nadam, **settings)
    assert real[0] == pytest.approx(1.44, abs=0.005)
    assert real[-1] == pytest.approx(1.0, abs=1e-12)


def test_adagrad_s_steps_vanish_and_rmsprop_s_do_not():
    t = np.array(CONSTANT["steps"])
    np.testing.assert_allclose(step_over_alpha(adagrad), 1 / np.sqrt(t), rtol=1e-12)
    expected = 1 / np.sqrt(1 - 0.9**t)
    np.testing.assert_allclose(step_over_alpha(rmsprop, beta2=0.9), expected, rtol=1e-12)


# --- schedules ----------------------------------------------------------------------------------


def test_nadam_with_a_schedule_of_beta1_uses_running_products():
    def mu(t):
        return 0.99 * (1 - 0.5 * 0.96 ** (t / 25))

    beta2, alpha, eps = 0.99, 0.02, 1e-8
    trace = minimize(
        ravine, ravine.start(4), nadam, 80, alpha=alpha, beta1=mu, beta2=beta2, eps=eps
    )
    x, m, n = ravine.start(4), np.zeros(2), np.zeros(2)
    for t in range(1, 81):
        g = ravine.gradient(x)
        m = mu(t) * m + (1 - mu(t)) * g
        n = beta2 * n + (1 - beta2) * g**2
        so_far = math.prod(mu(i) for i in range(1, t + 1))
        m_hat = mu(t + 1) * m / (1 - so_far * mu(t + 1)) + (1 - mu(t)) * g / (1 - so_far)
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        np.testing.assert_allclose(trace.x[t], x, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("rule", [adam, adamax])
def test_the_bias_correction_is_right_for_a_schedule_of_beta1(rule):
    # On a constant gradient the corrected average is that gradient, whatever the schedule; the
    # power of today's beta1 in place of the product would miss by far.
    def beta1(t):
        return 0.9 if t < 10 else 0.5

    no_eps = {"eps": 0.0} if rule is adam else {}
    records = rule_records(rule, lambda x: 1.0, 50, {"alpha": 1.0, "beta1": beta1, **no_eps})
    np.testing.assert_allclose(np.diff([step.x for step in records]), -1.0, rtol=1e-12)


def test_the_bias_correction_is_right_for_a_schedule_of_beta2():
    records = rule_records(
        adam, lambda x: 3.0, 50, {"alpha": 1.0, "beta2": lambda t: 1 - 1 / (t + 1), "eps": 0.0}
    )
    np.testing.assert_allclose(np.diff([step.x for step in records]), -1.0, rtol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_a_schedule_of_alpha_is_asked_at_t_1_2_3(name):
    # alpha = 1 at t = 3 alone: the only move is the third.
    records = rule_records(
        RULES[name], lambda x: 1.0, 5, {"alpha": lambda t: 1.0 if t == 3 else 0.0}
    )
    assert (np.diff([step.x for step in records]) != 0).tolist() == [False, False, True] + [
        False
    ] * 2


# --- special cases that must coincide -----------------------------------------------------------


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("rule", [momentum, nesterov])
def test_without_momentum_they_are_gradient_descent(rule, name):
    f = OBJECTIVES[name]
    path = minimize(f, f.start(5), gradient_descent, 50, alpha=1e-6).x
    np.testing.assert_array_equal(minimize(f, f.start(5), rule, 50, alpha=1e-6, beta=0).x, path)


@pytest.mark.parametrize("rule", [adam, adamax, nadam])
def test_without_memory_they_step_along_the_sign(rule):
    no_eps = {} if rule is adamax else {"eps": 0.0}
    trace = minimize(ravine, [0.3, -1.7], rule, 20, alpha=2.0**-5, beta1=0, beta2=0, **no_eps)
    signs = np.sign(ravine.gradient(trace.x[:-1].T)).T
    np.testing.assert_array_equal(np.diff(trace.x, axis=0), -(2.0**-5) * signs)


def test_nadam_without_momentum_is_adam_without_momentum():
    settings = {"alpha": 0.01, "beta1": 0.0}
    one = minimize(ravine, ravine.start(6), nadam, 100, **settings).x
    np.testing.assert_allclose(one, minimize(ravine, ravine.start(6), adam, 100, **settings).x)


def test_amsgrad_is_adam_without_correction_as_long_as_v_rises():
    # On x^4-like growth v never falls; then the maximum is v itself.
    up = [1.1**i for i in range(100)]
    settings = {"alpha": 0.01, "beta1": 0.9, "beta2": 0.99, "eps": 0.0}
    m = v = 0.0
    for g in up:
        m, v = 0.9 * m + (1 - 0.9) * g, 0.99 * v + (1 - 0.99) * g * g
    assert last(amsgrad, up, **settings) == pytest.approx(0.01 * m / math.sqrt(v), rel=1e-9)
