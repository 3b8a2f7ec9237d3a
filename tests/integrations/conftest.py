"""Small real trainings, one for each framework, that all behave alike: six steps an epoch, a validation, a test.

Nothing is downloaded: models of some hundred parameters on random data, seeded.
"""

from __future__ import annotations

import os
import warnings

import pytest

from joulebook.index import Book
from joulebook.run.running import current

STEPS = 6
BATCH = 8


@pytest.fixture(autouse=True)
def book_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path / "book"))
    monkeypatch.setenv("JOULEBOOK_SENSORS", "fake")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    yield
    left = current()
    assert left is None or not left.recording, "a run was left open"


@pytest.fixture(autouse=True)
def warnings_of_others():
    """Frameworks may warn, of what they like; joulebook may not."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        yield
    assert [str(one.message) for one in seen if "joulebook" in one.filename] == []


class Lightning:
    """`Trainer.fit` of a small classifier."""

    epochs_of_metrics = ("loss_epoch", "val_loss")
    reports_exceptions = True

    def __init__(self, tmp_path):
        from joulebook.integrations.lightning import JoulebookCallback

        self.Callback = JoulebookCallback
        self.tmp_path = tmp_path

    def module(self, fail_at=0):
        import lightning
        import torch

        class Net(lightning.LightningModule):
            def __init__(self):
                super().__init__()
                self.net = torch.nn.Linear(4, 3)
                self.seen = 0

            def training_step(self, batch, batch_idx):
                self.seen += 1
                if self.seen == fail_at:
                    raise RuntimeError("theirs")
                loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
                self.log("loss", loss, on_step=True, on_epoch=True)
                return loss

            def validation_step(self, batch, batch_idx):
                self.log("val_loss", torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

            def test_step(self, batch, batch_idx):
                self.log("test_loss", torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

            def predict_step(self, batch, batch_idx):
                return self.net(batch[0])

            def configure_optimizers(self):
                return torch.optim.SGD(self.parameters(), lr=0.1)

        torch.manual_seed(0)
        return Net()

    def loader(self):
        from torch.utils.data import DataLoader

        return DataLoader(rows(), batch_size=BATCH)

    def trainer(self, callbacks, epochs=2, **options):
        import lightning

        return lightning.Trainer(
            max_epochs=epochs, callbacks=callbacks, logger=False, accelerator="cpu", log_every_n_steps=2,
            enable_progress_bar=False, enable_model_summary=False, default_root_dir=self.tmp_path,
            **{"enable_checkpointing": False, **options},
        )  # fmt: skip

    def train(self, callbacks, *, epochs=2, fail_at=0):
        module = self.module(fail_at)
        self.trainer(callbacks, epochs).fit(module, self.loader(), self.loader())
        return [one.detach().numpy().copy() for one in module.parameters()]

    def alone(self, callbacks):
        trainer = self.trainer(callbacks)
        trainer.test(self.module(), self.loader(), verbose=False)
        trainer.predict(self.module(), self.loader())
        return ["test", "predict"]


class Transformers:
    """`Trainer.train` of a small module."""

    epochs_of_metrics = ("eval_loss", "loss", "learning_rate")
    reports_exceptions = False

    def __init__(self, tmp_path):
        from joulebook.integrations.transformers import JoulebookCallback

        self.Callback = JoulebookCallback
        self.tmp_path = tmp_path

    def trainer(self, callbacks, epochs=2, fail_at=0, **options):
        import torch
        from transformers import Trainer, TrainingArguments

        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.net = torch.nn.Linear(4, 3)
                self.seen = 0

            def forward(self, x, labels):
                self.seen += self.training
                if self.seen == fail_at and self.training:
                    raise RuntimeError("theirs")
                out = self.net(x)
                return {"loss": torch.nn.functional.cross_entropy(out, labels), "logits": out}

        def collate(rows):
            return {"x": torch.stack([x for x, _ in rows]), "labels": torch.stack([y for _, y in rows])}

        torch.manual_seed(0)
        usual = {"eval_strategy": "epoch", "save_strategy": "no"}
        arguments = TrainingArguments(
            str(self.tmp_path / "out"), num_train_epochs=epochs, per_device_train_batch_size=BATCH, logging_steps=3,
            report_to=[], disable_tqdm=True, use_cpu=True, **{**usual, **options},
        )  # fmt: skip
        data = rows()
        return Trainer(
            Net(), arguments, data_collator=collate, train_dataset=data, eval_dataset=data, callbacks=callbacks
        )

    def train(self, callbacks, *, epochs=2, fail_at=0):
        trainer = self.trainer(callbacks, epochs, fail_at)
        trainer.train()
        return [one.detach().numpy().copy() for one in trainer.model.parameters()]

    def alone(self, callbacks):
        trainer = self.trainer(callbacks)
        trainer.evaluate()
        trainer.predict(rows())
        return ["predict", "predict"]


class Keras:
    """`Model.fit` of a small classifier, on the torch backend."""

    epochs_of_metrics = ("loss", "val_loss")
    reports_exceptions = False

    def __init__(self, tmp_path):
        from joulebook.integrations.keras import JoulebookCallback

        self.Callback = JoulebookCallback

    def model(self):
        import keras

        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    def fit(self, model, callbacks, *, epochs=2, **options):
        x, y = (one.numpy() for one in rows().tensors)
        usual = {"batch_size": BATCH, "validation_data": (x, y), "verbose": 0}
        return model.fit(x, y, epochs=epochs, callbacks=callbacks, **{**usual, **options})

    def train(self, callbacks, *, epochs=2, fail_at=0):
        import keras

        seen = []

        def fail(batch, logs):
            seen.append(batch)
            if len(seen) == fail_at:
                raise RuntimeError("theirs")

        model = self.model()
        self.fit(model, [*callbacks, keras.callbacks.LambdaCallback(on_train_batch_end=fail)], epochs=epochs)
        return model.get_weights()

    def alone(self, callbacks):
        model = self.model()
        x, y = (one.numpy() for one in rows().tensors)
        model.evaluate(x, y, verbose=0, callbacks=callbacks)
        model.predict(x, verbose=0, callbacks=callbacks)
        return ["test", "predict"]


def rows():
    import torch
    from torch.utils.data import TensorDataset

    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(1)
    x = torch.randn(STEPS * BATCH, 4, generator=random)
    return TensorDataset(x, torch.randint(0, 3, (len(x),), generator=random))


LABS = {"lightning": Lightning, "transformers": Transformers, "keras": Keras}


@pytest.fixture(params=LABS)
def lab(request, tmp_path):
    """Each framework in turn; a package that is missing fails the test: the suite brings them all."""
    return LABS[request.param](tmp_path)


@pytest.fixture
def lab_of(tmp_path):
    return lambda name: LABS[name](tmp_path)


@pytest.fixture
def tensors():
    return rows()


@pytest.fixture
def told():
    """What the journal of a run tells: paths of the stages that were entered, in order, and the metrics."""

    def of(run_id):
        names, paths, metrics = {0: ""}, [], []
        for recording in Book().recordings(run_id):
            for _, kind, payload in recording.events:
                if kind == "+":
                    sid, parent, name = payload
                    names[sid] = f"{names[parent]}/{name}".lstrip("/")
                    paths.append(names[sid])
                elif kind == "l":
                    metrics.append(payload)
        return paths, metrics

    return of


@pytest.fixture
def runs():
    """All runs of the book, the oldest first: name and status."""
    return lambda: [(row["name"], row["status"]) for row in reversed(list(Book().rows()))]


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "JOULEBOOK_HOME": str(tmp_path / "book")}
