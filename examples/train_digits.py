"""Trains a small neural network on scikit-learn's handwritten digits; knows nothing of joulebook.

Meter it as any other command:  joulebook run -- python examples/train_digits.py
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

BATCH = 32


def main() -> None:
    """Train for some epochs and print the accuracy on held-out images after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--hidden", type=int, default=128, help="neurons in each of the two hidden layers")
    options = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(images / 16, labels, test_size=0.25, random_state=0)
    network = MLPClassifier((options.hidden, options.hidden), learning_rate_init=1e-3, random_state=0)
    order = np.random.default_rng(0)
    for epoch in range(1, options.epochs + 1):
        shuffled = order.permutation(len(train_x))
        for start in range(0, len(shuffled), BATCH):
            rows = shuffled[start : start + BATCH]
            network.partial_fit(train_x[rows], train_y[rows], classes=np.arange(10))
        accuracy = network.score(test_x, test_y)
        print(f"epoch {epoch:2d}  loss {network.loss_:.4f}  accuracy {accuracy:.3f}", flush=True)


if __name__ == "__main__":
    main()
