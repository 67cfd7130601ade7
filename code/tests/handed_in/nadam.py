"""Nadam as people hand it in; see gradient_descent.py."""

from itertools import count
from math import sqrt
from typing import Any, NamedTuple

import numpy as np


class NadamStep(NamedTuple):
    t: int
    x: Any
    m: Any
    n: Any


class At(NamedTuple):
    x: Any


# ---- right -----------------------------------------------------------------------------------


def right_chapter_loop(derivative, x0, alpha, mu, nu, eps, n_iter):
    x = list(x0)
    m, n = [0.0] * len(x), [0.0] * len(x)
    path = [list(x)]
    for t in range(1, n_iter + 1):
        g = derivative(*x)
        for i in range(len(x)):
            m[i] = mu * m[i] + (1 - mu) * g[i]
            n[i] = nu * n[i] + (1 - nu) * g[i] ** 2
            look_ahead = mu * m[i] / (1 - mu ** (t + 1))
            m_hat = look_ahead + (1 - mu) * g[i] / (1 - mu**t)
            n_hat = n[i] / (1 - nu**t)
            x[i] = x[i] - alpha * m_hat / (sqrt(n_hat) + eps)
        path.append(list(x))
    return path


def right_arrays(gradient, x0, lr=0.002, beta1=0.975, beta2=0.999, epsilon=1e-8):
    x, m, v = x0, np.zeros_like(x0), np.zeros_like(x0)
    yield At(x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        g_hat = g / (1 - beta1**t)
        m_hat = m / (1 - beta1 ** (t + 1))
        v_hat = v / (1 - beta2**t)
        m_bar = (1 - beta1) * g_hat + beta1 * m_hat
        x = x - lr * m_bar / (np.sqrt(v_hat) + epsilon)
        yield At(x)


def right_products(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    mu = beta1 if callable(beta1) else lambda t: beta1
    x, m, n = x0, 0 * x0, 0 * x0
    done = 1.0
    for t in count(1):
        yield NadamStep(t - 1, x, m, n)
        done *= mu(t)
        ahead = done * mu(t + 1)
        g = gradient(x)
        m = mu(t) * m + (1 - mu(t)) * g
        n = beta2 * n + (1 - beta2) * g * g
        step = mu(t + 1) / (1 - ahead) * m + (1 - mu(t)) / (1 - done) * g
        x = x - alpha * step / (np.sqrt(n / (1 - beta2**t)) + eps)


def right_in_place_on_copies(grad, theta, alpha=0.002, mu=0.975, nu=0.999, eps=1e-8):
    theta = np.array(theta)
    m, n = np.zeros_like(theta), np.zeros_like(theta)
    t = 0
    while True:
        yield At(theta.copy())
        t += 1
        g = grad(theta)
        m *= mu
        m += (1 - mu) * g
        n *= nu
        n += (1 - nu) * g**2
        update = mu * m / (1 - mu ** (t + 1))
        update += (1 - mu) * g / (1 - mu**t)
        update /= np.sqrt(n / (1 - nu**t)) + eps
        theta -= alpha * update


# ---- wrong -----------------------------------------------------------------------------------


def wrong_tutorial(derivative, x0, alpha, mu, nu, eps, n_iter):
    """the powers are missing, as in the simplified form"""
    x = list(x0)
    m, n = [0.0] * len(x), [0.0] * len(x)
    path = [list(x)]
    for _ in range(n_iter):
        g = derivative(*x)
        for i in range(len(x)):
            m[i] = mu * m[i] + (1.0 - mu) * g[i]
            n[i] = nu * n[i] + (1.0 - nu) * g[i] ** 2
            mhat = (mu * m[i] / (1.0 - mu)) + ((1 - mu) * g[i] / (1.0 - mu))
            nhat = nu * n[i] / (1.0 - nu)
            x[i] = x[i] - alpha / (sqrt(nhat) + eps) * mhat
        path.append(list(x))
    return path


def wrong_adam(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the look-ahead is missing"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        x = x - alpha * m / (1 - beta1**t) / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_ruder(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the look-ahead is corrected with the power of this step"""
    x, m, v = x0, 0 * x0, 0 * x0
    yield At(x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        nesterov = beta1 * m_hat + (1 - beta1) * g / (1 - beta1**t)
        x = x - alpha * nesterov / (np.sqrt(v_hat) + eps)
        yield At(x)


def wrong_extra_nu(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """a factor beta2 too many in the correction of n"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        n_hat = beta2 * n / (1 - beta2**t)
        x = x - alpha * m_hat / (np.sqrt(n_hat) + eps)
        yield NadamStep(t, x, m, n)


def wrong_no_correction_of_n(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """no bias correction of n"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - alpha * m_hat / (np.sqrt(n) + eps)
        yield NadamStep(t, x, m, n)


def wrong_no_correction_of_m(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """no bias correction of m"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m + (1 - beta1) * g
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_without_g(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the gradient is missing in the look-ahead"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1))
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_full_g(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the factor 1 - beta1 is missing at the gradient"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + g / (1 - beta1**t)
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_full_m(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """beta1 is missing in the look-ahead"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_old_m(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the look-ahead uses the old m"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        m = beta1 * m + (1 - beta1) * g
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_t_from_zero(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """t starts at 0"""
    x, m, n = x0, 0 * x0, 0 * x0
    for t in count():
        yield NadamStep(t, x, m, n)
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)


def wrong_inside(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """eps inside the root"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - alpha * m_hat / np.sqrt(n / (1 - beta2**t) + eps)
        yield NadamStep(t, x, m, n)


def wrong_one_weight(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the gradient is corrected with the power of the next step"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = (beta1 * m + (1 - beta1) * g) / (1 - beta1 ** (t + 1))
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_half_corrected(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the gradient is not corrected"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_of_this_step(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the look-ahead has the beta1 of this step"""
    x, m, n, product = x0, 0 * x0, 0 * x0, 1.0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        mu = beta1(t) if callable(beta1) else beta1
        product = product * mu
        g = gradient(x)
        m = mu * m + (1 - mu) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = mu * m / (1 - product * mu) + (1 - mu) * g / (1 - product)
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_uphill(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the step goes uphill"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x + alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_start_missing(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the start is missing; no bias correction of n"""
    x, m, n = x0, 0 * x0, 0 * x0
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - alpha * m_hat / (np.sqrt(n) + eps)
        yield NadamStep(t, x, m, n)


def wrong_ahead_of_x(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the gradient is taken at another point than x"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield NadamStep(0, x, m, n)
    for t in count(1):
        g = gradient(x - alpha * m)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - alpha * m_hat / (np.sqrt(n / (1 - beta2**t)) + eps)
        yield NadamStep(t, x, m, n)


def wrong_two(gradient, x0, alpha=0.002, beta1=0.975, beta2=0.999, eps=1e-8):
    """the root is missing; the factor 1 - beta2 is missing in n"""
    x, m, n = x0, 0 * x0, 0 * x0
    yield At(x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        n = beta2 * n + g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - alpha * m_hat / (n / (1 - beta2**t) + eps)
        yield At(x)
