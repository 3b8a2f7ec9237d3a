"""A training that says after a tenth of its steps what it will use: watts and forecast in the bar, and as figures.

On a terminal a bar is shown; the program itself asks once, after a tenth, and compares with what came.
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import joulebook as jb

BATCH = 32


def main() -> None:
    """Train in steps of one batch, with an evaluation every so many steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--evaluate-every", type=int, default=100)
    parser.add_argument("--hidden", type=int, default=128, help="neurons in each of the two hidden layers")
    options = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(images / 16, labels, test_size=0.25, random_state=0)
    network = MLPClassifier((options.hidden, options.hidden), learning_rate_init=1e-3, random_state=0)
    random = np.random.default_rng(0)
    tenth = options.steps // 10
    early = None
    with jb.track("forecast example") as run:
        for step in run.steps(range(1, options.steps + 1)):
            rows = random.integers(len(train_x), size=BATCH)
            network.partial_fit(train_x[rows], train_y[rows], classes=np.arange(10))
            if step % options.evaluate_every == 0:
                with run.stage("evaluate"):
                    accuracy = float(np.mean([network.score(test_x, test_y) for _ in range(10)]))
                run.log(accuracy=accuracy, step=step)
            if step == tenth + 1:
                early = run.forecast

    statement = run.statement
    if early is None or early.duration is None or statement.duration is None:
        print("no forecast:", early.reason if early else "too few steps")
        return
    print(f"after {early.done} of {early.total} steps")
    print("  duration", early.duration, " it was", statement.duration)
    print("  energy  ", early.energy or early.reason, " it was", statement.energy)
    print("  carbon  ", early.carbon, " it was", statement.carbon)
    print("  cost    ", early.cost, " it was", statement.cost)
    held = early.duration.low <= statement.duration.value <= early.duration.high
    print("the duration is", "inside" if held else "outside", "the interval")


if __name__ == "__main__":
    main()
