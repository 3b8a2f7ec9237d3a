"""Lightning's own ways: `Trainer` with checkpoints, early stopping, limits, and other processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from joulebook.index import Book
from joulebook.integrations import training as room
from joulebook.meter.ranks.launcher import rank_here

STEPS = 6


@pytest.fixture
def lab(lab_of):
    return lab_of("lightning")


def looks(monkeypatch):
    """What is forecast after each step."""
    seen = []
    finish = room.Training.finish_step

    def looked(self):
        over = finish(self)
        seen.append(self.run.forecast)
        return over

    monkeypatch.setattr(room.Training, "finish_step", looked)
    return seen


def test_a_resumed_fit_counts_the_steps_behind_it(lab, monkeypatch, tmp_path):
    first = lab.trainer([lab.Callback("ft")], epochs=2)
    module = lab.module()
    first.fit(module, lab.loader(), lab.loader())
    first.save_checkpoint(tmp_path / "last.ckpt")
    assert b"joulebook" not in (tmp_path / "last.ckpt").read_bytes()
    seen = looks(monkeypatch)
    lab.trainer([lab.Callback("ft")], epochs=3).fit(
        module, lab.loader(), lab.loader(), ckpt_path=tmp_path / "last.ckpt"
    )
    assert [(one.done, one.total) for one in seen] == [(2 * STEPS + at, 3 * STEPS) for at in range(1, STEPS + 1)]


@pytest.mark.parametrize(
    ("options", "total"),
    [
        ({"max_steps": 4}, 4),
        ({"limit_train_batches": 3}, 6),
        ({"accumulate_grad_batches": 2}, 2 * STEPS),
    ],
)
def test_limits_of_the_trainer_are_the_end_of_the_forecast(lab, monkeypatch, options, total):
    seen = looks(monkeypatch)
    lab.trainer([lab.Callback("ft")], **options).fit(lab.module(), lab.loader())
    assert (seen[-1].done, seen[-1].total) == (total, total)


def test_an_end_that_nobody_knows_is_not_forecast(lab, monkeypatch):
    from lightning.pytorch.callbacks import LambdaCallback

    def end(trainer, module):
        trainer.should_stop = True

    seen = looks(monkeypatch)
    stop = LambdaCallback(on_train_epoch_end=end)
    callback = lab.Callback("ft")
    lab.trainer([callback, stop], epochs=-1).fit(lab.module(), lab.loader())
    assert {one.total for one in seen} == {None}
    assert callback.problems == []
    assert callback.run.stopped == "finished"


def test_early_stopping_is_reckoned_with(lab, monkeypatch):
    from lightning.pytorch.callbacks import EarlyStopping

    asked = []
    foresee = room.Training.foresee
    monkeypatch.setattr(room.Training, "foresee", lambda self, steps: (asked.append(steps), foresee(self, steps)))
    stop = EarlyStopping("val_loss", patience=1, min_delta=9.0)
    callback = lab.Callback("ft")
    lab.trainer([callback, stop], epochs=9).fit(lab.module(), lab.loader(), lab.loader())
    assert (asked[0].metric, asked[0].patience, asked[0].mode) == ("val_loss", 1, "min")
    assert callback.run.stopped == "finished"


def test_a_validation_in_the_middle_of_an_epoch_interrupts_the_training(lab, told):
    callback = lab.Callback("ft")
    lab.trainer([callback], epochs=1, val_check_interval=3).fit(lab.module(), lab.loader(), lab.loader())
    paths, metrics = told(callback.run.id)
    assert [path for path in paths if "/" not in path] == [
        "sanity check",
        "train",
        "validation",
        "train",
        "validation",
        "train",
    ]
    assert [one["step"] for one in metrics if "val_loss" in one] == [3, 6]


def test_hyperparameters_and_size_are_the_configuration(lab):
    callback = lab.Callback(config={"lr": 0.1})
    lab.train([callback], epochs=1)
    head = Book().recordings(callback.run.id)[0].head
    assert head["name"] == "Net"
    assert {"model": "Net", "parameters": 15, "lr": 0.1, "max_epochs": 1}.items() <= head["config"].items()


def test_processes_that_lightning_starts_itself_are_ranks_of_one_launch():
    common = {"WORLD_SIZE": "2", "NODE_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "40123"}
    ranks = [rank_here({**common, "LOCAL_RANK": str(at)}, "boot", str) for at in range(2)]
    assert [(one.rank, one.of, one.launcher) for one in ranks] == [(0, 2, "lightning"), (1, 2, "lightning")]
    assert len({one.group for one in ranks}) == 1
    assert rank_here({**common, "LOCAL_RANK": "0"}, "another boot", str).group != ranks[0].group
    assert rank_here({**common, "LOCAL_RANK": "0", "NODE_RANK": "1"}, "boot", str) is None


@pytest.mark.long
def test_two_processes_train_as_one_run(environment, tmp_path):
    program = tmp_path / "ddp.py"
    program.write_text(
        "import lightning, torch\n"
        "from joulebook.integrations.lightning import JoulebookCallback\n"
        "class Net(lightning.LightningModule):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.net = torch.nn.Linear(4, 1)\n"
        "    def training_step(self, batch):\n"
        "        return self.net(batch).square().mean()\n"
        "    def configure_optimizers(self):\n"
        "        return torch.optim.SGD(self.parameters())\n"
        "if __name__ == '__main__':\n"
        "    callback = JoulebookCallback('ddp')\n"
        "    lightning.Trainer(max_epochs=1, devices=2, strategy='ddp', accelerator='cpu', logger=False,\n"
        "        enable_checkpointing=False, enable_progress_bar=False, callbacks=[callback]).fit(\n"
        "        Net(), torch.utils.data.DataLoader(torch.randn(64, 4), batch_size=8))\n"
        "    assert callback.problems == []\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(program)], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "joulebook" not in done.stdout + done.stderr
    (row,) = Book().rows()
    assert (row["name"], row["status"]) == ("ddp", "finished")
    assert len(Book().recordings(row["id"])) == 2
