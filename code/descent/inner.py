"""What a rule computes between a gradient and a step: its average, its divisor, its rate."""

import numpy as np

from .arithmetic import ratio
from .checks import check_whole, hyperparameters, name_of
from .rules import RULES

# The field of a rule's record whose root (AdaMax: itself) divides the average.
_DIVISORS = {
    "adagrad": "s",
    "rmsprop": "v",
    "adam": "v",
    "adamax": "u",
    "amsgrad": "v_max",
    "nadam": "n",
}


def inner_values(trace, g):
    """The numbers between the gradients g and the steps, {name: array of the shape of trace.x}.

        average  what takes the place of the gradient: m_hat, or b, or g itself
        root     what the average is divided by, before eps is added: sqrt(v_hat), u, ...
        rate     alpha / (root + eps), the effective rate; alpha where there is no root
        step     average / (root + eps), the step against the gradient, over alpha

    To the bits of the rule, but for AdaMax, which divides in another order: there the last bit of
    step can differ. The row of t = 0 is nan. Of a rule that is not the book's only the step is
    known, (x_{t-1} - x_t) / alpha, without the division if it has no alpha.

    trace   what ``minimize`` returned
    g       the gradients that the rule was given, in the shape of trace.x; row 0 is not looked at
    """
    alpha = over_time(trace, "alpha")
    if not _is_ours(trace):
        step = -np.diff(trace.x, axis=0, prepend=np.nan)
        return {"step": step if alpha is None else step / alpha}
    root, rate = _root(trace), effective_rate(trace)
    with np.errstate(all="ignore"):
        average = _average(trace, g)
        if root is None:
            step, rate = average, np.broadcast_to(alpha, average.shape)
        else:
            step = ratio(average, root + _eps(trace))
    values = {"average": average, "root": root, "rate": rate, "step": step}
    values = {name: np.array(value) for name, value in values.items() if value is not None}
    for value in values.values():
        value[0] = np.nan
    return values


def effective_rate(trace):
    """alpha_t over the divisor of each coordinate, shape (n_iter + 1, d, *S); nan at t = 0.

        adagrad  alpha / (sqrt(s_t) + eps)          adam     alpha / (sqrt(v_hat_t) + eps)
        rmsprop  alpha / (sqrt(v_t) + eps)          adamax   alpha / u_t
        amsgrad  alpha / (sqrt(v_max_t) + eps)      nadam    alpha / (sqrt(n_hat_t) + eps)

    It is what multiplies the (corrected) gradient average. None for any other rule: the three
    without a divisor take every coordinate at the one rate alpha.

    Raises ValueError for a trace that does not keep "all".
    """
    check_whole("the trace", trace)
    root = _root(trace) if _is_ours(trace) else None
    if root is None:
        return None
    with np.errstate(all="ignore"):
        rate = over_time(trace, "alpha") / (root + _eps(trace))
    rate[0] = np.nan
    return rate


def over_time(trace, name):
    """A hyperparameter at t = 0, 1, ..., shaped to broadcast against trace.x; None if unknown.

    Its value at t = 0 has no meaning; it is that of t = 1.
    """
    value = {**hyperparameters(trace.rule), **trace.hyperparameters}.get(name)
    if not callable(value) and not isinstance(value, (int, float, np.ndarray)):
        return None
    n = len(trace.x)
    values = [value(max(t, 1)) if callable(value) else value for t in range(n)]
    values = np.array(values, dtype=float)
    gap = trace.x.ndim - 1 - (values.ndim - 1)
    return values.reshape(n, *(1,) * gap, *values.shape[1:])


def _is_ours(trace):
    return RULES.get(name_of(trace.rule)) is trace.rule


def _eps(trace):
    eps = over_time(trace, "eps")
    return 0.0 if eps is None else eps


def _is_simplified(trace):
    return trace.hyperparameters.get("correction") == "constant"


def _power(trace, name):
    """beta^t, as the running product that the rules keep; 1 at t = 0."""
    beta = over_time(trace, name)
    beta[0] = 1.0
    return np.cumprod(beta, axis=0)


def _root(trace):
    name = name_of(trace.rule)
    if name not in _DIVISORS:
        return None
    divisor = getattr(trace.state, _DIVISORS[name])
    if name == "adamax":
        return divisor
    with np.errstate(all="ignore"):
        if name in ("adam", "nadam"):
            beta2 = over_time(trace, "beta2")
            if _is_simplified(trace):
                divisor = beta2 * divisor / (1 - beta2)
            else:
                divisor = divisor / (1 - _power(trace, "beta2"))
        return np.sqrt(divisor)


def _average(trace, g):
    name, state = name_of(trace.rule), trace.state
    if name == "momentum":
        return state.b
    if name == "nesterov":
        return g + over_time(trace, "beta") * state.b
    if name == "amsgrad":
        return state.m
    if name in ("adam", "adamax"):
        return state.m / (1 - _power(trace, "beta1"))
    if name == "nadam":
        beta1 = over_time(trace, "beta1")
        if _is_simplified(trace):
            return (beta1 * state.m + (1 - beta1) * g) / (1 - beta1)
        power, after = _power(trace, "beta1"), _beta1_after(trace, beta1)
        return after * state.m / (1 - power * after) + (1 - beta1) * g / (1 - power)
    return g


def _beta1_after(trace, beta1):
    """beta1 one step later: Nadam looks one step ahead."""
    schedule = trace.hyperparameters.get("beta1")
    last = np.full_like(beta1[:1], schedule(len(beta1)) if callable(schedule) else beta1[-1])
    return np.concatenate([beta1[1:], last])
