"""A training by Lightning with a callback of joulebook: phases, steps, metrics and the forecast come from the Trainer.

Run it as it is:  python examples/lightning_digits.py
"""

from __future__ import annotations

import argparse

import lightning
import torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

from joulebook.integrations.lightning import JoulebookCallback


class Digits(lightning.LightningModule):
    """Two layers that read handwritten digits."""

    def __init__(self, hidden: int, rate: float) -> None:  # noqa: ARG002 - kept by save_hyperparameters
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Sequential(torch.nn.Linear(64, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 10))

    def training_step(self, batch: list[torch.Tensor]) -> torch.Tensor:
        """The loss of a batch."""
        loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log("loss", loss)
        return loss

    def validation_step(self, batch: list[torch.Tensor]) -> None:
        """The part of a batch that is read correctly."""
        self.log("accuracy", (self.net(batch[0]).argmax(1) == batch[1]).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam."""
        return torch.optim.Adam(self.parameters(), self.hparams["rate"])


def main() -> None:
    """Train and print what the run has used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()

    lightning.seed_everything(0, verbose=False)
    images, labels = load_digits(return_X_y=True)
    data = TensorDataset(torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels))
    train, test = random_split(data, [0.75, 0.25])
    joulebook = JoulebookCallback("digits by lightning", labels={"framework": "lightning"})
    trainer = lightning.Trainer(
        max_epochs=options.epochs, callbacks=[joulebook], accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, log_every_n_steps=10,
    )  # fmt: skip
    trainer.fit(Digits(128, 1e-3), DataLoader(train, batch_size=32, shuffle=True), DataLoader(test, batch_size=256))

    print(f"accuracy {trainer.callback_metrics['accuracy']:.3f}")
    if joulebook.run is not None and joulebook.run.id:
        print(f"energy {joulebook.run.statement.it_energy}")
        print(f"see    joulebook show {joulebook.run.id[:4]}")


if __name__ == "__main__":
    main()
