"""The models and mini-batches of the chapter on real data, as its notebook defines them."""

import json
import re
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from course import ROOT

from descent import RULES, digits
from descent.progress import progress

TRAINING = json.loads((ROOT / "code/tests/vectors/training.json").read_text(encoding="utf-8"))
DEFINITIONS = (  # the cells, by their ids
    *("imports", "load", "split", "linear", "entropy", "linear-gradient", "model"),
    *("minibatch", "learn", "layers", "network-gradient", "network"),
)


def adamw(gradient, x0, alpha, decay, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam that shrinks x beside its step: Loshchilov and Hutter (2019), as in torch."""
    x, m, v = x0, 0.0, 0.0
    yield SimpleNamespace(x=x)
    for t in count(1):
        g = gradient(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        x = x - alpha * decay * x - alpha * m_hat / (np.sqrt(v_hat) + eps)
        yield SimpleNamespace(x=x)


def cells():
    """The cells of the notebook, by their ids."""
    text = (ROOT / "book/real_data/notebook.ipynb").read_text("utf-8")
    return {cell["id"]: cell for cell in json.loads(text)["cells"]}


@pytest.fixture(scope="module")
def notebook():
    """What these cells define, run as they are but for what they print."""
    sources = {id: "".join(cell["source"]) for id, cell in cells().items()}
    names = {"print": lambda *_: None, "largest_gap": lambda _: 0.0}
    for cell in DEFINITIONS:
        exec(compile(sources[cell], cell, "exec"), names)
    return names


def test_the_split_is_a_partition(notebook):
    """Every image is used once: 1,000 to train, 297 to choose, 500 to test."""
    images, labels = digits()
    parts = [notebook[name] for name in ("train", "valid", "test")]
    assert [len(c) for _, c in parts] == [1000, 297, 500]
    rows = np.concatenate([np.column_stack([16 * a[:, :64], c]) for a, c in parts])
    assert all((a[:, 64] == 1).all() for a, _ in parts)
    expected = np.column_stack([images.reshape(-1, 64), labels])
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, expected.tolist()))


@pytest.mark.parametrize("run", TRAINING["runs"], ids=lambda run: f"{run['model']}-{run['rule']}")
def test_the_loss_is_that_of_torch(notebook, run):
    """The same data, start, batches and rule: within 1e-8 at each of the first 100 steps."""
    model = notebook[run["model"]]
    path = notebook["learn"](
        (RULES | {"adamw": adamw})[run["rule"]],
        model.start(0),
        notebook["stochastic"](model, 0),
        steps=100,
        every=1,
        **run["hyperparameters"],
    )
    ours = np.array([notebook["loss"](model, x, notebook["train"]) for x in path])
    assert len(ours) == len(run["loss"]) == 101
    assert np.abs(ours - run["loss"]).max() < 1e-8
    assert ours[-1] < 0.5 * ours[0]


@pytest.mark.parametrize("name", ["softmax", "network"])
def test_a_batch_of_settings_is_its_members(notebook, name):
    """To rounding; with the batches that each of them draws alone."""
    model, alphas = notebook[name], np.array([0.001, 0.01, 0.03])

    def end(alpha):
        return notebook["learn"](
            RULES["adam"], model.start(1), notebook["stochastic"](model, 1), 60, 60, alpha=alpha
        )[-1]

    together = end(alphas)
    for i, alpha in enumerate(alphas):
        np.testing.assert_allclose(together[:, i], end(alpha), rtol=0, atol=1e-9)


def test_each_epoch_takes_every_image_once(notebook):
    indices = notebook["batches"](seed=3, size=50)
    epochs = [np.concatenate([next(indices) for _ in range(20)]) for _ in range(2)]
    for epoch in epochs:
        assert sorted(epoch.tolist()) == list(range(1000))
    assert (epochs[0] != epochs[1]).any()


def test_every_rule_reads_most_digits():
    """As stored, which nbval holds: the mean share of five seeds, at each rule's best alpha."""
    (output,) = cells()["final-table"]["outputs"]
    softmax, network = "".join(output["text"]).split("one hidden layer")
    for table, least in ((softmax, 95), (network, 97)):
        shares = dict(re.findall(r"^(\w+) .* (\S+) %", table, re.M))
        assert list(shares) == list(RULES)
        assert min(map(float, shares.values())) >= least


def test_progress_is_shown_only_where_somebody_watches(monkeypatch, capsys):
    """And the line is cleared at the end."""
    cleared = []
    monkeypatch.setattr("IPython.display.clear_output", lambda wait=False: cleared.append(wait))
    for watched, lines in ((False, []), (True, ["searches: 1 of 2", "searches: 2 of 2"])):
        content = {"allow_stdin": watched}
        kernel = SimpleNamespace(get_parent=lambda content=content: {"content": content})
        monkeypatch.setattr(
            "IPython.get_ipython", lambda kernel=kernel: SimpleNamespace(kernel=kernel)
        )
        assert list(progress("ab", "searches")) == ["a", "b"]
        assert capsys.readouterr().out.splitlines() == lines
    assert cleared == [True, True, False]
    monkeypatch.setattr("IPython.get_ipython", lambda: None)  # a script
    assert list(progress([1], "searches")) == [1]
