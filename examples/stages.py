"""The same training with its stages named, so that the account says where the joules went.

Run it as it is:  python examples/stages.py
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
    """Train under `jb.track` and print the statement of the run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()

    with jb.track("digits", config={"epochs": options.epochs, "batch": BATCH}) as run:
        with run.stage("load"):
            images, labels = load_digits(return_X_y=True)
            train_x, test_x, train_y, test_y = train_test_split(images / 16, labels, test_size=0.25, random_state=0)

        with run.stage("train"):
            network = MLPClassifier((128, 128), learning_rate_init=1e-3, random_state=0)
            step = 0
            for _ in range(options.epochs):
                for start in range(0, len(train_x), BATCH):
                    rows = slice(start, start + BATCH)
                    network.partial_fit(train_x[rows], train_y[rows], classes=np.arange(10))
                    run.log(loss=float(network.loss_), step=step)
                    step += 1

        with run.stage("evaluate"):
            right = int((network.predict(test_x) == test_y).sum())
            run.count(answers=len(test_y), useful=right)

    print(f"{right} of {len(test_y)} digits read correctly")
    print(f"energy {run.statement.it_energy}")
    print(f"see    joulebook show {run.id[:4]}")


if __name__ == "__main__":
    main()
