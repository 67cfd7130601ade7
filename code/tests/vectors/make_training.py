"""Make training.json: what torch.optim makes of the digits, for the chapter on real data.

    python -m venv environment && environment/bin/pip install -r requirements.txt
    environment/bin/python make_training.py

The loss on the 1,000 training images at t = 0, 1, ..., 100, of both models of the chapter, with the
data, the split, the starts and the batches that its notebook has for seed 0. Nothing here uses
``descent``: torch reads the images from the file, and differentiates the loss itself.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
from make_vectors import call_text, versions

FOLDER = Path(__file__).parent
STEPS, SIZE = 100, 50
CALLS = {  # rule: (its settings, optimizer, its settings), by model
    "softmax": [
        ("adam", {"alpha": 0.03}, "Adam", {"lr": 0.03}),
        ("adamw", {"alpha": 0.03, "decay": 0.1}, "AdamW", {"lr": 0.03, "weight_decay": 0.1}),
        ("momentum", {"alpha": 0.3}, "SGD", {"lr": 0.3, "momentum": 0.9}),
    ],
    "network": [
        ("adam", {"alpha": 0.01}, "Adam", {"lr": 0.01}),
        ("adamw", {"alpha": 0.01, "decay": 0.1}, "AdamW", {"lr": 0.01, "weight_decay": 0.1}),
        ("momentum", {"alpha": 0.1}, "SGD", {"lr": 0.1, "momentum": 0.9}),
    ],
}


def training_images():
    """1,000 images as rows of 64 numbers, and their digits."""
    with gzip.open(FOLDER.parents[1] / "descent/data/digits.csv.gz", "rt") as file:
        rows = np.loadtxt(file, delimiter=",")
    rows = rows[np.random.RandomState(0).permutation(len(rows))][:1000]
    return torch.tensor(rows[:, :64] / 16), torch.tensor(rows[:, 64]).long()


def starting(model):
    """Weights and biases of each layer."""
    draw = np.random.RandomState(0)
    if model == "softmax":
        weights = 0.01 * draw.randn(65, 10)
        layers = [(weights[:64], weights[64])]
    else:
        first, second = draw.randn(65, 32) / np.sqrt(64), draw.randn(33, 10) / np.sqrt(32)
        layers = [(first[:64], np.zeros(32)), (second[:32], np.zeros(10))]
    return [torch.tensor(part, requires_grad=True) for layer in layers for part in layer]


def scores(parameters, images):
    for n in range(0, len(parameters), 2):
        images = images @ parameters[n] + parameters[n + 1]
        if n + 2 < len(parameters):
            images = torch.tanh(images)
    return images


def losses(model, optimizer, settings):
    images, digits = training_images()
    parameters = starting(model)
    loss_of = torch.nn.functional.cross_entropy
    optimizer = getattr(torch.optim, optimizer)(parameters, **settings)
    draw, batches, seen = np.random.RandomState(0), [], []
    for _ in range(STEPS + 1):
        with torch.no_grad():
            seen.append(loss_of(scores(parameters, images), digits).item())
        if not batches:
            batches = list(draw.permutation(1000).reshape(-1, SIZE))
        chosen = torch.tensor(batches.pop(0))
        optimizer.zero_grad()
        loss_of(scores(parameters, images[chosen]), digits[chosen]).backward()
        optimizer.step()
    return seen


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    runs = [
        {
            "model": model,
            "rule": rule,
            "hyperparameters": ours,
            "call": call_text("torch", optimizer, theirs),
            "loss": losses(model, optimizer, theirs),
        }
        for model, calls in CALLS.items()
        for rule, ours, optimizer, theirs in calls
    ]
    head = {"made_by": f"code/tests/vectors/{Path(__file__).name}", "versions": versions()}
    lines = ",\n".join(json.dumps(run) for run in runs)
    text = json.dumps(head, indent=1)[:-2] + ',\n "runs": [\n' + lines + "\n ]\n}\n"
    (FOLDER / "training.json").write_text(text)
    print(f"training.json: {len(runs)} runs, {len(text):,} bytes")
