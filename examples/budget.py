"""A training on handwritten digits with a budget: its loop ends when that is spent, and the model is saved.

    python examples/budget.py                        # 40 J: a few seconds
    python examples/budget.py --budget "5 Wh, 1 h"   # whichever is spent first

On a terminal the bar shows watts, the budget, and what the training will have used at its end, with intervals.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import joulebook as jb

BATCH = 32


def main() -> None:
    """Train in steps of one batch until the budget is spent or all steps are done; then save and evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", default="40 J", help="what the training may use: '5 Wh', '2 gCO2e', '1 h' (40 J)")
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--model", type=Path, help="where the model is saved (a temporary file)")
    options = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(images / 16, labels, test_size=0.25, random_state=0)
    network = MLPClassifier((128, 128), learning_rate_init=1e-3, random_state=0)
    random = np.random.default_rng(0)
    done, asked = 0, None
    with jb.track("budget example", budget=options.budget) as run:
        for step in run.steps(range(1, options.steps + 1)):
            rows = random.integers(len(train_x), size=BATCH)
            network.partial_fit(train_x[rows], train_y[rows], classes=np.arange(10))
            done = step
            if step == 25:
                asked = run.budget
        with run.stage("save"):  # after the loop, whether it was ended or not
            path = options.model or Path(tempfile.mkstemp(prefix="digits-", suffix=".pickle")[1])
            path.write_bytes(pickle.dumps(network))

    if asked is not None:
        print(f"after 25 of {options.steps} steps: spent {asked.spent}, left {asked.left}")
        print(f"  forecast {asked.forecast}, above the budget with a probability of {asked.probability}")
    print(f"{done} steps, {run.over or 'within the budget'}; run.stopped is {run.stopped!r}")
    for notice in run.notices:
        print("  said:", notice)
    print("energy", run.statement.energy, run.statement.status, run.statement.reason)
    saved = pickle.loads(path.read_bytes())  # noqa: S301 - our own file
    print(f"accuracy {saved.score(test_x, test_y):.3f} of the model in {path}")


if __name__ == "__main__":
    main()
