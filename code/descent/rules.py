"""The update rules, each a generator: its loop in plain sight, its state in local variables.

Every rule is called as ``rule(gradient, x0, **hyperparameters)`` and yields one flat record per
step, beginning with the start (t = 0), so that the index of a record is its t. It never stops by
itself: take as many records as you want, or let ``descent.minimize`` do it.

    gradient   function of x, asked exactly once per step, at x_{t-1}; it may be a stream that
               answers differently each time (mini-batches, an online problem)
    x0         the start: shape (d,), or (d, *S) for many points at once, or one plain number
    others     each a number, an array (a batch of settings that broadcasts against S), or a
               function of t (a schedule)

Notation is the book's: g_t is the gradient at x_{t-1}, products and squares are element by
element, and the records hold what stands at the end of step t. 0/0 counts as 0. A rule checks
nothing; ``minimize`` checks everything before the first step.
"""

from itertools import count
from typing import Any, NamedTuple

from .arithmetic import at, maximum, ratio, sqrt, start, zero

__all__ = [  # the rules, in the order of the book
    "gradient_descent",
    "momentum",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adam",
    "adamax",
    "amsgrad",
    "nadam",
]


class GradientDescentStep(NamedTuple):
    t: int
    x: Any


def gradient_descent(gradient, x0, alpha=0.1):
    """Gradient descent with step size alpha.

        x_t = x_{t-1} - alpha g_t

    Source: Cauchy (1847).
    """
    x = start(x0, alpha)
    yield GradientDescentStep(0, x)
    for t in count(1):
        (alpha_t,) = at(t, alpha)
        g = gradient(x)
        x = x - alpha_t * g
        yield GradientDescentStep(t, x)


class MomentumStep(NamedTuple):
    t: int
    x: Any
    b: Any


def momentum(gradient, x0, alpha=0.01, beta=0.9):
    """The heavy ball: steps along a decaying sum of all gradients so far.

        b_t = beta b_{t-1} + g_t
        x_t = x_{t-1} - alpha b_t

    Source: Polyak (1964), in the form of Sutskever et al. (2013) with alpha
    outside the sum.
    """
    x = start(x0, alpha, beta)
    b = zero(x)
    yield MomentumStep(0, x, b)
    for t in count(1):
        alpha_t, beta_t = at(t, alpha, beta)
        g = gradient(x)
        b = beta_t * b + g
        x = x - alpha_t * b
        yield MomentumStep(t, x, b)


def nesterov(gradient, x0, alpha=0.01, beta=0.9):
    """Nesterov's accelerated gradient, rewritten at the current point.

        b_t = beta b_{t-1} + g_t
        x_t = x_{t-1} - alpha (g_t + beta b_t)

    The look-ahead form takes the gradient at y - alpha beta b; x here is that
    look-ahead point, so the gradient is taken where we stand. The two agree
    for a constant alpha and beta.

    Source: Nesterov (1983), in the form of Sutskever et al. (2013).
    """
    x = start(x0, alpha, beta)
    b = zero(x)
    yield MomentumStep(0, x, b)
    for t in count(1):
        alpha_t, beta_t = at(t, alpha, beta)
        g = gradient(x)
        b = beta_t * b + g
        x = x - alpha_t * (g + beta_t * b)
        yield MomentumStep(t, x, b)


class AdaGradStep(NamedTuple):
    t: int
    x: Any
    s: Any


def adagrad(gradient, x0, alpha=0.01, eps=1e-10):
    """AdaGrad: steps divided by the root of the sum of all squared gradients.

        s_t = s_{t-1} + g_t^2
        x_t = x_{t-1} - alpha g_t / (sqrt(s_t) + eps)

    Source: Duchi, Hazan & Singer (2011), the diagonal form; eps outside the
    root.
    """
    x = start(x0, alpha, eps)
    s = zero(x)
    yield AdaGradStep(0, x, s)
    for t in count(1):
        alpha_t, eps_t = at(t, alpha, eps)
        g = gradient(x)
        s = s + g * g
        x = x - alpha_t * ratio(g, sqrt(s) + eps_t)
        yield AdaGradStep(t, x, s)


class RMSPropStep(NamedTuple):
    t: int
    x: Any
    v: Any


def rmsprop(gradient, x0, alpha=0.01, beta2=0.9, eps=1e-8):
    """RMSProp: AdaGrad with an exponential average in place of the sum.

        v_t = beta2 v_{t-1} + (1 - beta2) g_t^2
        x_t = x_{t-1} - alpha g_t / (sqrt(v_t) + eps)

    Source: Tieleman & Hinton (2012), lecture 6e; eps, which the lecture leaves
    out, outside the root.
    """
    x = start(x0, alpha, beta2, eps)
    v = zero(x)
    yield RMSPropStep(0, x, v)
    for t in count(1):
        alpha_t, beta2_t, eps_t = at(t, alpha, beta2, eps)
        g = gradient(x)
        v = beta2_t * v + (1 - beta2_t) * (g * g)
        x = x - alpha_t * ratio(g, sqrt(v) + eps_t)
        yield RMSPropStep(t, x, v)


class AdamStep(NamedTuple):
    t: int
    x: Any
    m: Any
    v: Any


def adam(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8, *, project=None):
    """Adam: a mean of gradients over the root of a mean of their squares.

        m_t = beta1 m_{t-1} + (1 - beta1) g_t
        v_t = beta2 v_{t-1} + (1 - beta2) g_t^2
        m_hat = m_t / (1 - beta1^t)
        v_hat = v_t / (1 - beta2^t)
        x_t = x_{t-1} - alpha m_hat / (sqrt(v_hat) + eps)

    The powers are running products, so that a schedule of beta1 or beta2 is
    corrected by what it really was. ``project``, a function of x, returns the
    nearest feasible point; default: all points are feasible.

    Source: Kingma & Ba (2015), Algorithm 1; the projection is that of Reddi et
    al. (2018).
    """
    x = start(x0, alpha, beta1, beta2, eps)
    m, v = zero(x), zero(x)
    beta1_power, beta2_power = 1.0, 1.0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        alpha_t, beta1_t, beta2_t, eps_t = at(t, alpha, beta1, beta2, eps)
        g = gradient(x)
        m = beta1_t * m + (1 - beta1_t) * g
        v = beta2_t * v + (1 - beta2_t) * (g * g)
        beta1_power = beta1_power * beta1_t
        beta2_power = beta2_power * beta2_t
        m_hat = m / (1 - beta1_power)
        v_hat = v / (1 - beta2_power)
        x = x - alpha_t * ratio(m_hat, sqrt(v_hat) + eps_t)
        x = x if project is None else project(x)
        yield AdamStep(t, x, m, v)


class AdaMaxStep(NamedTuple):
    t: int
    x: Any
    m: Any
    u: Any


def adamax(gradient, x0, alpha=0.002, beta1=0.9, beta2=0.999):
    """AdaMax: Adam with a decaying maximum of |g| for the root mean square.

        m_t = beta1 m_{t-1} + (1 - beta1) g_t
        u_t = max(beta2 u_{t-1}, |g_t|)
        x_t = x_{t-1} - alpha / (1 - beta1^t) m_t / u_t

    No eps, as in the paper; 0/0 counts as 0.

    Source: Kingma & Ba (2015), Algorithm 2.
    """
    x = start(x0, alpha, beta1, beta2)
    m, u = zero(x), zero(x)
    beta1_power = 1.0
    yield AdaMaxStep(0, x, m, u)
    for t in count(1):
        alpha_t, beta1_t, beta2_t = at(t, alpha, beta1, beta2)
        g = gradient(x)
        m = beta1_t * m + (1 - beta1_t) * g
        u = maximum(beta2_t * u, abs(g))
        beta1_power = beta1_power * beta1_t
        x = x - alpha_t / (1 - beta1_power) * ratio(m, u)
        yield AdaMaxStep(t, x, m, u)


class AMSGradStep(NamedTuple):
    t: int
    x: Any
    m: Any
    v: Any
    v_max: Any


def amsgrad(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8, *, project=None):
    """AMSGrad: Adam whose divisor never falls, because it is a running maximum.

        m_t = beta1 m_{t-1} + (1 - beta1) g_t
        v_t = beta2 v_{t-1} + (1 - beta2) g_t^2
        v_max_t = max(v_max_{t-1}, v_t)
        x_t = x_{t-1} - alpha m_t / (sqrt(v_max_t) + eps)

    No bias correction, as in the paper, which writes v_hat for v_max and has
    no eps. ``project``, a function of x, returns the nearest feasible point;
    default: all points are feasible. The paper weights that distance by
    sqrt(v_max); for a box, clipping is nearest either way.

    Source: Reddi, Kale & Kumar (2018), Algorithm 2.
    """
    x = start(x0, alpha, beta1, beta2, eps)
    m, v, v_max = zero(x), zero(x), zero(x)
    yield AMSGradStep(0, x, m, v, v_max)
    for t in count(1):
        alpha_t, beta1_t, beta2_t, eps_t = at(t, alpha, beta1, beta2, eps)
        g = gradient(x)
        m = beta1_t * m + (1 - beta1_t) * g
        v = beta2_t * v + (1 - beta2_t) * (g * g)
        v_max = maximum(v_max, v)
        x = x - alpha_t * ratio(m, sqrt(v_max) + eps_t)
        x = x if project is None else project(x)
        yield AMSGradStep(t, x, m, v, v_max)


class NadamStep(NamedTuple):
    t: int
    x: Any
    m: Any
    n: Any


def nadam(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8, correction="power"):
    """Nadam: Adam with Nesterov's look-ahead in place of plain momentum.

        m_t = beta1_t m_{t-1} + (1 - beta1_t) g_t
        n_t = beta2 n_{t-1} + (1 - beta2) g_t^2
        m_hat = beta1_{t+1} m_t / (1 - prod_{i<=t+1} beta1_i)
              + (1 - beta1_t) g_t / (1 - prod_{i<=t} beta1_i)
        n_hat = n_t / (1 - beta2^t)
        x_t = x_{t-1} - alpha m_hat / (sqrt(n_hat) + eps)

    A schedule of beta1 is asked one step ahead. ``correction="constant"`` is a
    widely read tutorial's simplified form, kept to reproduce its numbers:

        m_hat = (beta1 m_t + (1 - beta1) g_t) / (1 - beta1)
        n_hat = beta2 n_t / (1 - beta2)

    Source: Dozat (2016), Algorithm 2, where mu is our beta1 and nu our beta2;
    without the extra factor nu in n_hat, which Algorithm 2 has and its author's
    own code does not have.
    """
    if correction not in ("power", "constant"):
        allowed = '"power" or "constant"'
        raise ValueError(f"correction must be {allowed}, got {correction!r}")
    x = start(x0, alpha, beta1, beta2, eps)
    m, n = zero(x), zero(x)
    beta1_power, beta2_power = 1.0, 1.0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        alpha_t, beta1_t, beta2_t, eps_t = at(t, alpha, beta1, beta2, eps)
        (beta1_next,) = at(t + 1, beta1)
        g = gradient(x)
        m = beta1_t * m + (1 - beta1_t) * g
        n = beta2_t * n + (1 - beta2_t) * (g * g)
        if correction == "power":
            beta1_power = beta1_power * beta1_t
            beta2_power = beta2_power * beta2_t
            look_ahead = beta1_next * m / (1 - beta1_power * beta1_next)
            m_hat = look_ahead + (1 - beta1_t) * g / (1 - beta1_power)
            n_hat = n / (1 - beta2_power)
        else:
            m_hat = (beta1_t * m + (1 - beta1_t) * g) / (1 - beta1_t)
            n_hat = beta2_t * n / (1 - beta2_t)
        x = x - alpha_t * ratio(m_hat, sqrt(n_hat) + eps_t)
        yield NadamStep(t, x, m, n)


RULES = {name: globals()[name] for name in __all__}
