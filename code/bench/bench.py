"""How long does one Adam step take? ``minimize`` against a plain loop, torch and optax.

    make bench

Every contestant takes the same 60 Adam steps on the bowl from the same start, in float64, and
must end at the same point. Times are per setting and per step, the medians of interleaved
repeats. The exit code is 1 if a bar is missed.
"""

import platform
import sys
from functools import partial
from itertools import islice
from math import sqrt
from statistics import median
from time import perf_counter

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

from descent import adam, bowl, minimize
from descent.minimize import BLOCK

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)  # points of two numbers: a second thread could only cost

N_ITER = 60
ALPHAS = np.geomspace(1e-4, 1, 10_000)
SAMPLE = ALPHAS[::100]  # the settings that run one at a time are timed on every hundredth
TORCH_SAMPLE = ALPHAS[::1000]
X0 = bowl.start(1)
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8
REPEATS = 15
PIECES = np.array_split(ALPHAS, -(-len(X0) * len(ALPHAS) // BLOCK))  # the blocks of minimize


def derivative(*x):
    return np.asarray([2.0 * xi for xi in x])


def plain_loop(x0, alpha, n_iter=N_ITER):
    """Adam as tutorials write it: a NumPy point, and a Python loop over its variables."""
    x = np.array(x0)
    m = [0.0 for _ in x]
    v = [0.0 for _ in x]
    for t in range(n_iter):
        g = derivative(*x)
        for i in range(len(x)):
            m[i] = BETA1 * m[i] + (1.0 - BETA1) * g[i]
            v[i] = BETA2 * v[i] + (1.0 - BETA2) * g[i] ** 2
            m_hat = m[i] / (1.0 - BETA1 ** (t + 1))
            v_hat = v[i] / (1.0 - BETA2 ** (t + 1))
            x[i] = x[i] - alpha * m_hat / (sqrt(v_hat) + EPS)
    return x


def array_step(x0, alpha, n_iter=N_ITER):
    """The rule of the package, one setting, without the record that ``minimize`` keeps."""
    steps = adam(lambda x: 2.0 * x, x0, alpha=alpha)
    return next(islice(steps, n_iter, None)).x


def run_minimize(keep, alphas=ALPHAS):
    return minimize(bowl, X0, adam, N_ITER, keep=keep, alpha=alphas).x[-1]


def run_rule():
    """The rule alone: what NumPy takes for the arithmetic, with nothing checked or kept."""
    return np.concatenate([array_step(X0, piece) for piece in PIECES], axis=1)


def run_plain_loop():
    return np.stack([plain_loop(X0, alpha) for alpha in SAMPLE], axis=1)


def run_torch():
    ends = []
    for alpha in TORCH_SAMPLE:
        x = torch.tensor(X0, requires_grad=True)
        optimizer = torch.optim.Adam([x], lr=alpha, betas=(BETA1, BETA2), eps=EPS)
        for _ in range(N_ITER):
            x.grad = 2.0 * x.detach()  # by hand, as for all: no autodiff is timed
            optimizer.step()
        ends.append(x.detach().numpy())
    return np.stack(ends, axis=1)


def optax_search(keep, alphas=ALPHAS):
    """A compiled batch of searches; ``keep(x, moments)`` says what is kept of each step."""

    def search(alpha):
        optimizer = optax.adam(alpha, b1=BETA1, b2=BETA2, eps=EPS)

        def step(carry, _):
            x, state = carry
            updates, state = optimizer.update(2.0 * x, state)
            x = optax.apply_updates(x, updates)
            return (x, state), keep(x, state[0])

        start = (jnp.asarray(X0), optimizer.init(jnp.asarray(X0)))
        (x, _), kept = jax.lax.scan(step, start, length=N_ITER)
        return x, kept

    compiled = jax.jit(jax.vmap(search))
    alphas = jnp.asarray(alphas)

    def run():
        x, _ = jax.block_until_ready(compiled(alphas))
        return np.asarray(x).T

    return run


OPTAX_KEEPS = {
    "all": lambda x, moments: (x, jnp.sum(x * x), moments.mu, moments.nu),
    "x": lambda x, moments: x,
    "last": lambda x, moments: None,
}
OURS = {keep: f'descent.minimize, keep="{keep}"' for keep in OPTAX_KEEPS}
CONTESTANTS = {
    # name: (function, settings it runs, the minimize that it meets, most that this / it may be)
    OURS["all"]: (partial(run_minimize, "all"), ALPHAS, "all", None),
    "plain loop": (run_plain_loop, SAMPLE, "all", 1 / 50),
    "torch.optim.Adam": (run_torch, TORCH_SAMPLE, "all", 1 / 500),
    "optax, jit + scan + vmap": (optax_search(OPTAX_KEEPS["all"]), ALPHAS, "all", 1.3),
    OURS["x"]: (partial(run_minimize, "x"), ALPHAS, "x", None),
    "optax, path of x only": (optax_search(OPTAX_KEEPS["x"]), ALPHAS, "x", 6),
    OURS["last"]: (partial(run_minimize, "last"), ALPHAS, "last", None),
    "optax, last point only": (optax_search(OPTAX_KEEPS["last"]), ALPHAS, "last", 12),
    "descent.adam alone": (run_rule, ALPHAS, "last", 1.25),
}


def medians(runs, repeats):
    """The median time in seconds of each function.

    All run in turn, so that a busy moment of the machine hits all alike. Each runs twice and its
    second run counts: the first finds the caches and the memory as another left them.
    """
    times = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            run()
            begin = perf_counter()
            run()
            times[name].append(perf_counter() - begin)
    return {name: median(t) for name, t in times.items()}


def speed(ratio):
    """What a ratio of two times says in words."""
    return f"{1 / ratio:.1f} x faster" if ratio <= 1 else f"{ratio:.2f} x slower"


def check_same_end():
    """Raises AssertionError unless all contestants end where ``minimize`` does."""
    ours = dict(zip(ALPHAS, run_minimize("all").T, strict=True))
    for name, (run, alphas, _, _) in CONTESTANTS.items():
        expected = np.stack([ours[alpha] for alpha in alphas], axis=1)
        np.testing.assert_allclose(run(), expected, rtol=1e-9, atol=1e-12, err_msg=name)


def batch_table():
    """Print the table of the batch; return whether every bar is met."""
    seconds = medians({name: c[0] for name, c in CONTESTANTS.items()}, REPEATS)
    ns = {name: seconds[name] / len(c[1]) / N_ITER * 1e9 for name, c in CONTESTANTS.items()}
    print(f"{len(ALPHAS):,} settings of alpha x {N_ITER} steps of Adam, bowl, float64")
    print(f"{'':30} {'ns per setting':>14} {'minimize is':>16} {'bar':>20}")
    print(f"{'':30} {'and step':>14}")
    met = True
    for name, (_, _, keep, most) in CONTESTANTS.items():
        ratio = ns[OURS[keep]] / ns[name]
        verdict = "" if name == OURS[keep] else speed(ratio)
        bar = ""
        if most is not None:
            bar = f">= {1 / most:.0f} x faster" if most < 1 else f"<= {most} x slower"
            bar += " ok" if ratio <= most else " MISSED"
            met = met and ratio <= most
        print(f"{name:30} {ns[name]:14,.1f} {verdict:>16} {bar:>20}")
    print("Each line is compared with the minimize above it, which keeps as much.")
    print("optax is compiled beforehand; that is not counted.")
    return met


def operations_table():
    """Print what single operations take: NumPy makes a pass for each, optax one for all of a step.

    This is why it is out of reach: its step takes about as long as NumPy's square root alone.
    """
    x = np.linspace(1, 2, BLOCK).reshape(2, -1)
    operations = {
        "x + x": lambda: x + x,
        "x * x": lambda: x * x,
        "x / x": lambda: x / x,
        "sqrt(x)": lambda: np.sqrt(x),
    }
    runs = {name: lambda run=run: [run() for _ in range(20)] for name, run in operations.items()}
    print("\nOf these, single operations on the two coordinates of x, in a block of minimize")
    for name, seconds in medians(runs, REPEATS).items():
        print(f"{name:30} {seconds / 20 / x.shape[1] * 1e9:14.2f}")


def growth_table():
    """Print how the cost of a step grows with the number of settings."""
    print("\nFrom one setting to 100,000: us per step of the whole batch")
    print(f"{'settings':>8} {'keep=all':>10} {'keep=last':>10} {'/ one':>8} {'optax, last':>12}")
    one = None
    for n in (1, 10, 100, 1000, 10_000, 100_000):
        alphas = np.geomspace(1e-4, 1, n)
        runs = {keep: partial(run_minimize, keep, alphas) for keep in ("all", "last")}
        runs["optax"] = optax_search(OPTAX_KEEPS["last"], alphas)
        seconds = medians(runs, REPEATS if n < 100_000 else 5)
        us = {name: seconds[name] / N_ITER * 1e6 for name in runs}
        one = us["last"] if one is None else one
        print(
            f"{n:8,} {us['all']:10,.1f} {us['last']:10,.1f} {us['last'] / one:8,.1f} "
            f"{us['optax']:12,.1f}"
        )


def dimension_table():
    """Print one setting alone: the array step against the plain loop, by number of variables."""
    print("\nOne setting, d variables: the rule's array step against the plain loop")
    print(f"{'d':>4} {'array, us per step':>20} {'loop, us per step':>20} {'array is':>16}")
    for d in (2, 4, 8, 16, 32, 64):
        x0 = np.linspace(0.1, 1, d)
        np.testing.assert_allclose(array_step(x0, 0.02), plain_loop(x0, 0.02), rtol=1e-9)
        seconds = medians(
            {
                "array": lambda x0=x0: array_step(x0, 0.02),
                "loop": lambda x0=x0: plain_loop(x0, 0.02),
            },
            4 * REPEATS,
        )
        array, loop = (seconds[name] / N_ITER * 1e6 for name in ("array", "loop"))
        print(f"{d:4} {array:20.1f} {loop:20.1f} {speed(array / loop):>16}")


def main():
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, "
        f"torch {torch.__version__}, optax {optax.__version__}, jax {jax.__version__}"
    )
    check_same_end()
    met = batch_table()
    operations_table()
    growth_table()
    dimension_table()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
