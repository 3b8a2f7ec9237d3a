"""A loop with Accelerate and joulebook as its tracker: the loop is yours, so its steps are taken from the run.

Run it as it is:  python examples/accelerate_digits.py
"""

from __future__ import annotations

import argparse

import torch
from accelerate import Accelerator
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

from joulebook.integrations.accelerate import JoulebookTracker


def main() -> None:
    """Train and print what the run has used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()

    torch.manual_seed(0)
    images, labels = load_digits(return_X_y=True)
    x, y = torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)
    joulebook = JoulebookTracker("digits by accelerate", config={"epochs": options.epochs})
    accelerator = Accelerator(cpu=True, log_with=joulebook)
    accelerator.init_trackers("digits")
    model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters())
    loader = DataLoader(TensorDataset(x[:1400], y[:1400]), batch_size=32, shuffle=True)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)

    run = joulebook.run
    if run is None:
        raise SystemExit("init_trackers has begun no run")
    for epoch in run.steps(range(options.epochs)):
        with run.stage("train"):
            for images_, labels_ in loader:
                loss = torch.nn.functional.cross_entropy(model(images_), labels_)
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()
        with run.stage("validation"), torch.no_grad():
            accuracy = (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
        accelerator.log({"loss": loss.item(), "accuracy": accuracy}, step=epoch)
    accelerator.end_training()

    print(f"accuracy {accuracy:.3f}")
    if run.id:
        print(f"energy {run.statement.it_energy}")
        print(f"see    joulebook show {run.id[:4]}")


if __name__ == "__main__":
    main()
