"""A training by the Trainer of Transformers with a callback of joulebook; the model is built here, nothing downloaded.

A digit is read as a text of 64 words, each one the brightness of a point. The `with` block ends the run in the right
way even when something is raised: the Trainer has no hook for that.

Run it as it is:  python examples/transformers_digits.py
"""

from __future__ import annotations

import argparse
import tempfile

import torch
from sklearn.datasets import load_digits
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

from joulebook.integrations.transformers import JoulebookCallback

SMALL = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}


def main() -> None:
    """Train and print what the run has used."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=float, default=1)
    options = parser.parse_args()

    torch.manual_seed(0)
    images, labels = load_digits(return_X_y=True)
    rows = [
        {"input_ids": torch.tensor(image, dtype=torch.long), "labels": int(label)}
        for image, label in zip(images, labels, strict=True)
    ]
    model = BertForSequenceClassification(BertConfig(vocab_size=17, max_position_embeddings=64, num_labels=10, **SMALL))
    with tempfile.TemporaryDirectory() as folder, JoulebookCallback("digits by transformers") as joulebook:
        arguments = TrainingArguments(
            folder, num_train_epochs=options.epochs, per_device_train_batch_size=32, learning_rate=2e-3, report_to=[],
            eval_strategy="epoch", save_strategy="epoch", logging_steps=10, disable_tqdm=True, use_cpu=True,
        )  # fmt: skip
        trainer = Trainer(model, arguments, train_dataset=rows[:1400], eval_dataset=rows[1400:], callbacks=[joulebook])
        trainer.train()

    if joulebook.run is not None and joulebook.run.id:
        print(f"energy {joulebook.run.statement.it_energy}")
        print(f"see    joulebook show {joulebook.run.id[:4]}")


if __name__ == "__main__":
    main()
