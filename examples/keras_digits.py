"""A training by Keras with a callback of joulebook and a budget: what has been trained by then is kept.

Run it as it is:  python examples/keras_digits.py --budget "20 J"
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
from sklearn.datasets import load_digits

from joulebook.integrations.keras import JoulebookCallback


def main() -> None:
    """Train and print what the run has used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--budget", help='such as "20 J", "5 s" or "1 mgCO2e"')
    options = parser.parse_args()

    keras.utils.set_random_seed(0)
    images, labels = load_digits(return_X_y=True)
    layers = [keras.layers.Input((64,)), keras.layers.Dense(128, "relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential(layers)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    joulebook = JoulebookCallback("digits by keras", budget=options.budget)
    history = model.fit(
        images / 16, labels, epochs=options.epochs, validation_split=0.25, callbacks=[joulebook], verbose=0
    )

    print(f"accuracy {history.history['val_accuracy'][-1]:.3f} after {len(history.epoch)} epochs")
    if joulebook.run is not None and joulebook.run.id:
        print(f"ended  {joulebook.run.stopped}")
        print(f"energy {joulebook.run.statement.it_energy}")
        print(f"see    joulebook show {joulebook.run.id[:4]}")


if __name__ == "__main__":
    main()
