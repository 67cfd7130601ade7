"""Make after_adam.json: AdamW, Adam with a penalty and Lion, for the chapter After Adam.

    python -m venv environment && environment/bin/pip install -r requirements.txt
    environment/bin/python make_after_adam.py

Nothing here uses ``descent``: surfaces, starts and steps are those of make_vectors.py, and each run
names the generator of the chapter's notebook, with its settings, that must give the same iterates.
"""

import json
from pathlib import Path

from make_vectors import PROBLEMS, RUN, STEPS, call_text, versions

PLACES = ("ravine", "rosenbrock", "himmelblau")
OURS = {"alpha": 0.02, "beta1": 0.8, "beta2": 0.99, "decay": 0.1}
TORCH = {"lr": 0.02, "betas": (0.8, 0.99), "weight_decay": 0.1}
OPTAX = {"learning_rate": 0.02, "b1": 0.8, "b2": 0.99, "weight_decay": 0.1}
CALLS = [  # generator, its settings, library, optimizer, its settings
    ("adamw", OURS, "torch", "AdamW", TORCH),
    ("adamw", OURS, "optax", "adamw", OPTAX),
    ("adamw", {"alpha": 0.05}, "torch", "AdamW", {"lr": 0.05}),
    ("adam_penalty", OURS, "torch", "Adam", TORCH),
    ("lion", OURS, "optax", "lion", OPTAX),
    ("lion", {"alpha": 0.05, "decay": 0.001}, "optax", "lion", {"learning_rate": 0.05}),
]

if __name__ == "__main__":
    runs = [
        {
            "rule": rule,
            "hyperparameters": ours,
            "problem": problem,
            "call": call_text(library, optimizer, theirs),
            "x": RUN[library](optimizer, theirs, *PROBLEMS[problem][:2]),
        }
        for problem in PLACES
        for rule, ours, library, optimizer, theirs in CALLS
    ]
    head = {
        "made_by": f"code/tests/vectors/{Path(__file__).name}",
        "versions": versions(),
        "steps": STEPS,
        "start": {problem: PROBLEMS[problem][1] for problem in PLACES},
    }
    lines = ",\n".join(json.dumps(run) for run in runs)
    text = json.dumps(head)[:-1] + ',\n "runs": [\n' + lines + "\n ]\n}\n"
    Path(__file__).with_name("after_adam.json").write_text(text)
    print(f"after_adam.json: {len(runs)} runs, {len(text):,} bytes")
