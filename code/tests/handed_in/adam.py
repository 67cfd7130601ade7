"""Adam as people hand it in; see gradient_descent.py."""

import math
from itertools import count
from typing import Any, NamedTuple

import numpy as np


class AdamStep(NamedTuple):
    t: int
    x: Any
    m: Any
    v: Any


class Iterate(NamedTuple):
    k: int
    x: Any


# ---- right -----------------------------------------------------------------------------------


def right_chapter_loop(derivative, x0, alpha, beta1, beta2, eps, n_iter):
    x = list(x0)
    m, v = [0.0] * len(x), [0.0] * len(x)
    path = [list(x)]
    for t in range(1, n_iter + 1):
        g = derivative(*x)
        for i in range(len(x)):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
            m_hat = m[i] / (1 - beta1**t)
            v_hat = v[i] / (1 - beta2**t)
            x[i] = x[i] - alpha * m_hat / (math.sqrt(v_hat) + eps)
        path.append(list(x))
    return path


def right_reordered(gradient, x0, lr=0.001, b1=0.9, b2=0.999, e=1e-8):
    # the paper's reordering, with the eps that belongs to it
    x, m, v = x0, np.zeros_like(x0), np.zeros_like(x0)
    for k in count():
        yield Iterate(k, x)
        g = gradient(x)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        c1, c2 = 1 - b1 ** (k + 1), 1 - b2 ** (k + 1)
        x = x - lr * math.sqrt(c2) / c1 * m / (np.sqrt(v) + e * math.sqrt(c2))


def right_torch_style(gradient, x0, learning_rate=1e-3, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    x = np.asarray(x0, dtype=float).copy()
    exp_avg, exp_avg_sq = np.zeros(x.shape), np.zeros(x.shape)
    yield Iterate(0, x.copy())
    for step in count(1):
        grad = gradient(x)
        exp_avg += (grad - exp_avg) * (1 - beta_1)
        exp_avg_sq *= beta_2
        exp_avg_sq += (1 - beta_2) * grad * grad
        denominator = np.sqrt(exp_avg_sq) / np.sqrt(1 - beta_2**step) + epsilon
        x -= learning_rate / (1 - beta_1**step) * exp_avg / denominator
        yield Iterate(step, x.copy())


class right_class:
    def __init__(self, gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.gradient, self.x = gradient, x0
        self.alpha, self.beta1, self.beta2, self.eps = alpha, beta1, beta2, eps
        self.t, self.m, self.v = 0, 0.0, 0.0

    def __iter__(self):
        while True:
            yield AdamStep(self.t, self.x, self.m, self.v)
            self.step()

    def step(self):
        self.t += 1
        g = self.gradient(self.x)
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g**2
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        self.x = self.x - self.alpha * m_hat / (np.sqrt(v_hat) + self.eps)


def right_weighted_sums(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    # no recursion: the weighted means written out, weights normalised by their own sum
    x, seen = x0, []
    for t in count():
        yield Iterate(t, x)
        seen.append(gradient(x))
        age = np.arange(t, -1, -1.0)[:, None]
        w1, w2 = beta1**age, beta2**age
        mean = (w1 * seen).sum(0) / w1.sum()
        square = (w2 * np.square(seen)).sum(0) / w2.sum()
        x = x - alpha * mean / (np.sqrt(square) + eps)


def right_products(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    def now(h, t):
        return h(t) if callable(h) else h

    x, m, v, p1, p2 = x0, 0 * x0, 0 * x0, 1.0, 1.0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        b1, b2 = now(beta1, t), now(beta2, t)
        g = gradient(x)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        p1, p2 = p1 * b1, p2 * b2
        x = x - now(alpha, t) * (m / (1 - p1)) / (np.sqrt(v / (1 - p2)) + now(eps, t))
        yield AdamStep(t, x, m, v)


def right_greek(gradient, x0, η=0.001, β1=0.9, β2=0.999, ε=1e-8):
    x, m, v = x0, 0 * x0, 0 * x0
    yield Iterate(0, x)
    for k in count(1):
        g = gradient(x)
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g**2
        x = x - η * m / (1 - β1**k) / (ε + (v / (1 - β2**k)) ** 0.5)
        yield Iterate(k, x)


def right_one_variable(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    x, m, v = x0, 0.0, 0.0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (1 - beta1**t) / (math.sqrt(v / (1 - beta2**t)) + eps)
        yield AdamStep(t, x, m, v)


def right_asks_ahead(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    x, m, v, t = x0, 0, 0, 0
    g = gradient(x)
    while True:
        yield Iterate(t, x)
        t += 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        g = gradient(x)


def right_options(
    gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0, amsgrad=False
):
    x, m, v, v_max = x0, 0 * x0, 0 * x0, 0 * x0
    for t in count():
        yield AdamStep(t, x, m, v)
        g = gradient(x) + weight_decay * x
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v, v_max) if amsgrad else v
        v_hat = v_max / (1 - beta2 ** (t + 1))
        x = x - alpha * (m / (1 - beta1 ** (t + 1))) / (np.sqrt(v_hat) + eps)


def right_letters(gradient, x0, a, b, c, d):
    x, m, v = x0, 0 * x0, 0 * x0
    for t in count():
        yield AdamStep(t, x, m, v)
        g = gradient(x)
        m = b * m + (1 - b) * g
        v = c * v + (1 - c) * g**2
        x = x - a * m / (1 - b ** (t + 1)) / (np.sqrt(v / (1 - c ** (t + 1))) + d)


# ---- wrong -----------------------------------------------------------------------------------


def wrong_no_correction_of_v(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """no bias correction of v"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        x = x - alpha * m_hat / (np.sqrt(v) + eps)
        yield AdamStep(t, x, m, v)


def wrong_no_correction_of_m(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """no bias correction of m"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = v / (1 - beta2**t)
        x = x - alpha * m / (np.sqrt(v_hat) + eps)
        yield AdamStep(t, x, m, v)


def wrong_no_correction(derivative, x0, alpha, beta1, beta2, eps, n_iter):
    """no bias correction of m; no bias correction of v"""
    x = list(x0)
    m, v = [0.0] * len(x), [0.0] * len(x)
    path = [list(x)]
    for _ in range(n_iter):
        g = derivative(*x)
        for i in range(len(x)):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
            x[i] = x[i] - alpha * m[i] / (math.sqrt(v[i]) + eps)
        path.append(list(x))
    return path


def wrong_no_power(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the power t is missing"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1)
        v_hat = v / (1 - beta2)
        x = x - alpha * m_hat / (np.sqrt(v_hat) + eps)
        yield AdamStep(t, x, m, v)


def wrong_t_from_zero(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """t starts at 0"""
    x, m, v = x0, 0 * x0, 0 * x0
    for t in count():
        yield AdamStep(t, x, m, v)
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x = x - alpha * m_hat / (np.sqrt(v_hat) + eps)


def wrong_t_from_zero_in_floats(df, x0, alpha, beta1, beta2, eps, n_iter):
    """t starts at 0"""
    x = [float(c) for c in x0]
    m, v = [0.0, 0.0], [0.0, 0.0]
    path = [tuple(x)]
    for t in range(n_iter):
        g = [float(d) for d in df(*x)]
        rate = alpha * math.sqrt(1 - beta2**t) / (1 - float(beta1) ** t)
        for i in (0, 1):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
            x[i] -= rate * m[i] / (math.sqrt(v[i]) + eps * math.sqrt(1 - beta2**t))
        path.append(tuple(x))
    return path


def wrong_inside(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """eps inside the root"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x = x - alpha * m_hat / np.sqrt(v_hat + eps)
        yield AdamStep(t, x, m, v)


def wrong_reordered(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """eps is added before the correction of v"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        alpha_t = alpha * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        x = x - alpha_t * m / (np.sqrt(v) + eps)
        yield AdamStep(t, x, m, v)


def wrong_no_root(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the root is missing"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (1 - beta1**t) / (v / (1 - beta2**t) + eps)
        yield AdamStep(t, x, m, v)


def wrong_not_squared(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the gradient is not squared in v"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield AdamStep(t, x, m, v)


def wrong_old_gradient_in_m(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """m uses the old gradient"""
    x, m, v, g = x0, 0 * x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        m = beta1 * m + (1 - beta1) * g
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield AdamStep(t, x, m, v)


def wrong_step_before_m(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the step uses the old m"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        m = beta1 * m + (1 - beta1) * g
        yield AdamStep(t, x, m, v)


def wrong_fed_back(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the corrected m is carried on; the corrected v is carried on"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield Iterate(0, x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m = m / (1 - beta1**t)
        v = v / (1 - beta2**t)
        x = x - alpha * m / (np.sqrt(v) + eps)
        yield Iterate(t, x)


def wrong_betas_swapped(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """beta1 and beta2 are swapped"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta2 * m + (1 - beta2) * g
        v = beta1 * v + (1 - beta1) * g**2
        m_hat = m / (1 - beta2**t)
        v_hat = v / (1 - beta1**t)
        x = x - alpha * m_hat / (np.sqrt(v_hat) + eps)
        yield AdamStep(t, x, m, v)


def wrong_correction_swapped(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """m is corrected with the wrong beta; v is corrected with the wrong beta"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta2**t)
        v_hat = v / (1 - beta1**t)
        x = x - alpha * m_hat / (np.sqrt(v_hat) + eps)
        yield AdamStep(t, x, m, v)


def wrong_no_weight(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the factor 1 - beta2 is missing in v"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x = x - alpha * m_hat / (np.sqrt(v_hat) + eps)
        yield AdamStep(t, x, m, v)


def wrong_rmsprop(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """this is rmsprop"""
    x, v = x0, 0 * x0
    yield Iterate(0, x)
    for t in count(1):
        g = gradient(x)
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * g / (np.sqrt(v) + eps)
        yield Iterate(t, x)


def wrong_uphill(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the step goes uphill"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x = x + alpha * m_hat / (np.sqrt(v_hat) + eps)
        yield AdamStep(t, x, m, v)


def wrong_in_place(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """x is changed in place"""
    x, m, v = np.array(x0), np.zeros(2), np.zeros(2)
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x -= alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield AdamStep(t, x, m, v)


def wrong_in_place_too(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """x is changed in place; no bias correction of v"""
    x, m, v = np.array(x0), np.zeros(2), np.zeros(2)
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g**2 - v)
        x -= alpha * m / (1 - beta1**t) / (np.sqrt(v) + eps)
        yield AdamStep(t, x, m, v)


def wrong_at_the_start(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the gradient is always taken at the start"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x0)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield AdamStep(t, x, m, v)


def wrong_late_gradient(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the gradient is taken at the x of the step before"""
    x, old, m, v = x0, x0, 0 * x0, 0 * x0
    yield Iterate(0, x)
    for t in count(1):
        g = gradient(old)
        old = x
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield Iterate(t, x)


def wrong_last_powers(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """the correction forgets the earlier betas of a schedule"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        b1 = beta1(t) if callable(beta1) else beta1
        g = gradient(x)
        m = b1 * m + (1 - b1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (1 - b1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield AdamStep(t, x, m, v)


def wrong_three(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """?"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + g
        v = beta2 * v + g**2
        x = x + alpha * m / (np.sqrt(v + eps))
        yield AdamStep(t, x, m, v)


def wrong_adabelief(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """v uses the gradient minus m"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g - m) ** 2
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        yield AdamStep(t, x, m, v)


def wrong_eps_fixed(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """eps is fixed"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield AdamStep(0, x, m, v)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + 1e-8)
        yield AdamStep(t, x, m, v)
