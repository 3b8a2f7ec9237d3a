"""What a callback costs each framework per step, in trainings of the framework itself.

    python benchmarks/callbacks.py [--steps 400] [--only keras] [--hidden 768]

Steps take turns within one training: in every other step the hooks of the callback return at once. The time of a step
is CPU time of the trained thread from one beginning to the next; `paired` is the median of the differences between
neighbours with its 90 % interval, `in the hooks` what is spent in our functions alone. The recorder runs beside all of
the time, as in any training; poller.py says what it costs. Exits 1 when the hooks take more than 0.5 % of a step, or
when the whole interval of the paired difference is above that.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from statistics import median
from time import thread_time_ns
from typing import Any, NamedTuple

from stopwatch import about, scratch, table, verdict

BAR = 0.5
"""Percent of a step."""
FIRST = 20
"""Steps that warm up."""


class Turns:
    """Puts the hooks of a callback to sleep in every other step, and keeps the times."""

    def __init__(self, callback: object, begin: str, end: str = "") -> None:
        self.stamps: list[int] = []
        self.hooks: list[int] = []
        """Time inside our hooks, by step."""
        self._awake = False
        for name in filter(None, (begin, end)):
            setattr(callback, name, self._turned(getattr(callback, name), first=name == begin))

    def _turned(self, hook: Callable[..., Any], *, first: bool) -> Callable[..., Any]:
        def turned(*args: Any, **kwargs: Any) -> Any:
            if first:
                self.begin()
            if not self._awake:
                return None
            before = thread_time_ns()
            found = hook(*args, **kwargs)
            self.hooks[-1] += thread_time_ns() - before
            return found

        return turned

    def begin(self) -> bool:
        """A step begins; whether the hooks are awake in it."""
        self._awake = not self._awake
        self.hooks.append(0)
        self.stamps.append(thread_time_ns())
        return self._awake


class Cost(NamedTuple):
    """Of one framework; medians."""

    step_ms: float
    paired_us: float
    spread_us: tuple[float, float]
    hooks_us: float
    steps: int


def cost(turns: Turns) -> Cost:
    """Medians over the steps; the interval of the median of the differences is that of its order statistics, 90 %."""
    times = [after - before for before, after in zip(turns.stamps, turns.stamps[1:], strict=False)]
    awake, asleep = times[FIRST::2], times[FIRST + 1 :: 2]
    pairs = sorted(a - b for a, b in zip(awake, asleep, strict=False))
    half = round(0.822 * len(pairs) ** 0.5)
    low, high = pairs[max(0, len(pairs) // 2 - half)], pairs[min(len(pairs) - 1, len(pairs) // 2 + half)]
    hooks = median(turns.hooks[FIRST : len(times) : 2])
    return Cost(median(asleep) / 1e6, median(pairs) / 1e3, (low / 1e3, high / 1e3), hooks / 1e3, len(times))


def data(rows: int, features: int = 64) -> Any:
    import torch
    from torch.utils.data import TensorDataset

    torch.manual_seed(0)
    return TensorDataset(torch.randn(rows, features), torch.randint(0, 10, (rows,)))


def network(hidden: int) -> Any:
    from torch import nn

    return nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def lightning(steps: int, hidden: int) -> Turns:
    import lightning
    import torch

    from joulebook.integrations.lightning import JoulebookCallback

    class Net(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = network(hidden)

        def training_step(self, batch: Any) -> Any:
            loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters())

    callback = JoulebookCallback("lightning")
    turns = Turns(callback, "on_train_batch_start", "on_train_batch_end")
    loader = torch.utils.data.DataLoader(data(steps * 128), batch_size=128)
    trainer = lightning.Trainer(
        max_epochs=1, callbacks=[callback], logger=False, accelerator="cpu", enable_progress_bar=False,
        enable_model_summary=False, enable_checkpointing=False,
    )  # fmt: skip
    trainer.fit(Net(), loader)
    return turns


def transformers(steps: int, hidden: int) -> Turns:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

    from joulebook.integrations.transformers import JoulebookCallback

    del hidden
    small = {"hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 512}
    model = BertForSequenceClassification(BertConfig(vocab_size=1_000, max_position_embeddings=64, **small))
    rows = [{"input_ids": torch.randint(0, 1_000, (32,)), "labels": at % 2} for at in range(steps * 16)]
    callback = JoulebookCallback("transformers")
    turns = Turns(callback, "on_step_begin", "on_step_end")
    arguments = TrainingArguments(
        "out", num_train_epochs=1, per_device_train_batch_size=16, report_to=[], disable_tqdm=True, use_cpu=True,
        save_strategy="no", logging_steps=50,
    )  # fmt: skip
    Trainer(model, arguments, train_dataset=rows, callbacks=[callback]).train()
    return turns


def keras(steps: int, hidden: int) -> Turns:
    import keras

    from joulebook.integrations.keras import JoulebookCallback

    layers = [keras.layers.Dense(hidden, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.layers.Input((64,)), *layers, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    callback = JoulebookCallback("keras")
    turns = Turns(callback, "on_train_batch_begin", "on_train_batch_end")
    x, y = (one.numpy() for one in data(steps * 128).tensors)
    model.fit(x, y, batch_size=128, epochs=1, verbose=0, callbacks=[callback])
    return turns


def accelerate(steps: int, hidden: int) -> Turns:
    import torch
    from accelerate import Accelerator

    from joulebook.integrations.accelerate import JoulebookTracker

    tracker = JoulebookTracker("accelerate")
    accelerator = Accelerator(cpu=True, log_with=tracker)
    accelerator.init_trackers("accelerate")
    turns = Turns(tracker, "log")
    model = network(hidden)
    loader = torch.utils.data.DataLoader(data(steps * 128), batch_size=128)
    model, optimizer, loader = accelerator.prepare(model, torch.optim.Adam(model.parameters()), loader)
    for step, (x, y) in enumerate(loader):
        loss = torch.nn.functional.cross_entropy(model(x), y)
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        accelerator.log({"loss": loss.item()}, step=step)
    accelerator.end_training()
    return turns


def plain(steps: int, hidden: int) -> Turns:
    """`watch`: the hook at the optimizer."""
    import torch

    from joulebook.integrations.torch import watch

    model = network(hidden)
    optimizer = torch.optim.Adam(model.parameters())
    turns = Turns(None, "")
    with watch(optimizer, "torch", total=steps, progress=False):
        ours = optimizer._optimizer_step_post_hooks  # noqa: SLF001 - nothing public takes a hook away for a while
        hooks = dict(ours)
        for x, y in torch.utils.data.DataLoader(data(steps * 128), batch_size=128):
            ours.clear()
            if turns.begin():
                ours.update(hooks)
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()
    return turns


def sklearn(steps: int, hidden: int) -> Turns:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    from joulebook.integrations.sklearn import JoulebookCallback

    del hidden
    callback = JoulebookCallback("sklearn")
    turns = Turns(callback, "on_fit_task_begin", "on_fit_task_end")
    x, y = (one.numpy() for one in data(8_192).tensors)
    x = x * np.logspace(0, 3, x.shape[1])  # takes many iterations
    LogisticRegression(C=1e9, tol=1e-12, max_iter=steps).set_callbacks(callback).fit(x, y)
    return turns


FRAMEWORKS: dict[str, Callable[[int, int], Turns]] = {
    "lightning": lightning,
    "transformers": transformers,
    "keras": keras,
    "accelerate": accelerate,
    "torch": plain,
    "sklearn": sklearn,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--hidden", type=int, default=768, help="neurons in each of the two hidden layers")
    parser.add_argument("--only", choices=FRAMEWORKS, action="append")
    options = parser.parse_args(arguments)
    about("Callbacks: CPU time of the trained thread per step, with the hooks awake and asleep by turns")
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    rows, missed = [], False
    with scratch() as home:
        os.environ.update(JOULEBOOK_HOME=str(home / "book"), KERAS_BACKEND="torch")
        os.chdir(home)
        import torch

        torch.set_num_threads(1)
        for name in options.only or FRAMEWORKS:
            found = cost(FRAMEWORKS[name](options.steps, options.hidden))
            part = found.hooks_us / found.step_ms / 10
            low, high = found.spread_us
            missed |= max(part, low / found.step_ms / 10) > BAR
            rows.append((
                name, found.steps, f"{found.step_ms:.2f}", f"{found.hooks_us:.0f}" if found.hooks_us else "not timed",
                f"{part:.2f} %" if part else "",
                f"{found.paired_us:+.0f} ({low:+.0f}..{high:+.0f})", f"{found.paired_us / found.step_ms / 10:+.2f} %",
                verdict(max(part, low / found.step_ms / 10), BAR),
            ))  # fmt: skip
    header = (
        "framework", "steps", "a step, ms", "in the hooks, us", "of a step", "paired, us (90 %)", "of a step",
        f"bar {BAR} %",
    )  # fmt: skip
    table("A callback per step", header, rows)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
