"""Trainings with PyTorch on the processor: networks, convolutions, recurrence, attention over texts of any length."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from pydoc_data.topics import topics
from random import Random

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

from trainings import Plan, Told

torch.set_num_threads(1)


def digits(random: Random, rows: int, noise: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Noisy images of 8 x 8 to learn from and others to test with."""
    images, labels = load_digits(return_X_y=True)
    rng = np.random.default_rng(random.randrange(10**6))
    order = rng.permutation(len(images))
    train, test = order[:1_200], order[1_200:]
    chosen = rng.choice(train, rows)
    x = images[chosen] / 16 + rng.normal(0, noise, (rows, 64))
    tested = images[test] / 16 + rng.normal(0, noise, (len(test), 64))
    pictures = [torch.tensor(one, dtype=torch.float32).reshape(-1, 1, 8, 8) for one in (x, tested)]
    return pictures[0], pictures[1], torch.tensor(labels[chosen]), torch.tensor(labels[test])


def learnt(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> None:
    optimizer.zero_grad()
    functional.cross_entropy(model(x), y).backward()
    optimizer.step()


def loss_of(model: nn.Module, x: Tensor, y: Tensor) -> float:
    model.eval()
    with torch.no_grad():
        found = float(functional.cross_entropy(model(x), y))
    model.train()
    return found


def saved(*parts: nn.Module | torch.optim.Optimizer) -> None:
    """A checkpoint on the disk."""
    buffer = io.BytesIO()
    torch.save([part.state_dict() for part in parts], buffer)
    with tempfile.TemporaryFile() as file:
        file.write(buffer.getbuffer())
        file.flush()
        os.fsync(file.fileno())


def perceptron(width: int) -> nn.Module:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10)
    )


def convolutions(width: int, dropout: float = 0.0) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, 2 * width, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Dropout(dropout), nn.Flatten(), nn.Linear(32 * width, 10),
    )  # fmt: skip


def batches_of_a_perceptron(random: Random) -> Iterator[Told]:
    """Equal steps."""
    x, _, y, _ = digits(random, 8_000, 0.2)
    model = perceptron(random.choice((256, 512, 1024)))
    optimizer = torch.optim.Adam(model.parameters())
    yield Plan(total := random.choice((400, 700, 1_000)))
    for _ in range(total):
        for _ in range(4):
            chosen = torch.randint(len(x), (128,))
            learnt(model, optimizer, x[chosen], y[chosen])
        yield None


def epochs_of_convolutions(random: Random) -> Iterator[Told]:
    """A step is an epoch with its evaluation; every fifth writes a checkpoint."""
    x, x_test, y, y_test = digits(random, random.choice((2_000, 4_000)), 0.3)
    model = convolutions(random.choice((8, 16)))
    optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9)
    yield Plan(total := random.choice((30, 50, 80)))
    for epoch in range(total):
        for rows in torch.randperm(len(x)).split(64):
            learnt(model, optimizer, x[rows], y[rows])
        loss_of(model, x_test, y_test)
        if epoch % 5 == 4:
            saved(model, optimizer)
            yield "save"
        else:
            yield None


def convolutions_with_evaluation(random: Random) -> Iterator[Told]:
    """Steps of one batch; an evaluation at one period, a checkpoint at another."""
    x, x_test, y, y_test = digits(random, 6_000, 0.3)
    model = convolutions(random.choice((16, 32)))
    optimizer = torch.optim.Adam(model.parameters())
    every, save = random.choice((15, 25, 40)), random.choice((20, 30, 50))
    yield Plan(total := random.choice((600, 900)))
    for step in range(total):
        chosen = torch.randint(len(x), (128,))
        learnt(model, optimizer, x[chosen], y[chosen])
        told = ""
        if step % every == every - 1:
            for _ in range(5):
                loss_of(model, x_test, y_test)
            told = "evaluate"
        if step % save == save - 1:
            saved(model, optimizer)
            told += " save"
        yield told.strip() or None


def scripted(random: Random) -> Iterator[Told]:
    """A compiled model: the first steps are traced, specialised and fused. An evaluation every so often."""
    x, x_test, y, y_test = digits(random, 4_000, 0.3)
    model = torch.jit.script(convolutions(random.choice((8, 24))))
    optimizer = torch.optim.Adam(model.parameters())
    every = random.choice((20, 30))
    yield Plan(total := random.choice((400, 700)))
    for step in range(total):
        chosen = torch.randint(len(x), (96,))
        learnt(model, optimizer, x[chosen], y[chosen])
        if step % every == every - 1:
            loss_of(model, x_test, y_test)
            yield "evaluate"
        else:
            yield None


def caches_that_fill(random: Random) -> Iterator[Told]:
    """The first steps make the parts of a data set, each when it is first asked for."""
    cache: dict[int, tuple[Tensor, Tensor, Tensor, Tensor]] = {}
    model = perceptron(random.choice((512, 1024)))
    optimizer = torch.optim.Adam(model.parameters())
    parts = random.choice((5, 10, 15))
    yield Plan(total := random.choice((300, 500)))
    for step in range(total):
        if step % parts not in cache:
            cache[step % parts] = digits(random, 10_000, 0.2)
        x, _, y, _ = cache[step % parts]
        for rows in torch.randint(len(x), (2, 128)):
            learnt(model, optimizer, x[rows], y[rows])
        yield None


def convolutions_ended_by_patience(random: Random) -> Iterator[Told]:
    """Epochs until the loss on other images has not become better for a while."""
    x, x_test, y, y_test = digits(random, random.choice((1_000, 3_000)), random.uniform(0.3, 0.9))
    model = convolutions(8, random.choice((0.0, 0.5)))
    optimizer = torch.optim.SGD(model.parameters(), 10 ** random.uniform(-2.7, -1.3), momentum=0.9)
    yield Plan(total := random.choice((60, 100, 150)), patience=(patience := random.randint(4, 10)))
    best, waited = 9e9, 0
    for _ in range(total):
        for rows in torch.randperm(len(x)).split(64):
            learnt(model, optimizer, x[rows], y[rows])
        loss = loss_of(model, x_test, y_test)
        yield loss
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited >= patience:
            return


class Recurrent(nn.Module):
    """Letters to the next letter."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.letters = nn.Embedding(128, 32)
        self.memory = nn.GRU(32, width, batch_first=True)
        self.out = nn.Linear(width, 128)

    def forward(self, text: Tensor) -> Tensor:
        """The scores of each letter that may follow."""
        return self.out(self.memory(self.letters(text))[0]).transpose(1, 2)


class Attention(nn.Module):
    """The same with two layers of attention; its time grows with the square of the length."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.letters = nn.Embedding(128, width)
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, batch_first=True, dropout=0.0)
        self.layers = nn.TransformerEncoder(layer, 2)
        self.out = nn.Linear(width, 128)

    def forward(self, text: Tensor) -> Tensor:
        """The scores of each letter that may follow."""
        mask = nn.Transformer.generate_square_subsequent_mask(text.shape[1])
        return self.out(self.layers(self.letters(text), mask, is_causal=True)).transpose(1, 2)


def letters() -> Tensor:
    text = "\n".join(topics[name] for name in sorted(topics))
    return torch.tensor([min(ord(one), 127) for one in text])


def paragraphs() -> list[Tensor]:
    """The paragraphs of Python's help texts, as numbers, with at most 600 letters."""
    parts = [part for name in sorted(topics) for part in topics[name].split("\n\n") if len(part) > 2]
    return [torch.tensor([min(ord(one), 127) for one in part[:600]]) for part in parts]


def recurrent(random: Random) -> Iterator[Told]:
    """A recurrent network on pieces of equal length, with a checkpoint every so often."""
    text, length = letters(), random.choice((40, 80))
    model = Recurrent(random.choice((64, 128)))
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    save = random.choice((25, 40))
    yield Plan(total := random.choice((300, 600)))
    for step in range(total):
        starts = torch.randint(len(text) - length - 1, (24,))
        rows = torch.stack([text[at : at + length + 1] for at in starts.tolist()])
        learnt(model, optimizer, rows[:, :-1], rows[:, 1:])
        if step % save == save - 1:
            saved(model, optimizer)
            yield "save"
        else:
            yield None


def attention(random: Random) -> Iterator[Told]:
    """Paragraphs as they come: the longest of a batch decides how long the step is."""
    rows, size = paragraphs(), random.choice((1, 2, 4))
    model = Attention(random.choice((32, 64)))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    in_order = random.random() < 0.5
    yield Plan(total := random.choice((400, 700)))
    for step in range(total):
        following = [rows[(step * size + at) % len(rows)] for at in range(size)]
        chosen = following if in_order else random.choices(rows, k=size)
        text = nn.utils.rnn.pad_sequence(chosen, batch_first=True)
        learnt(model, optimizer, text[:, :-1], text[:, 1:])
        yield None


def longer_and_longer(random: Random) -> Iterator[Told]:
    """A curriculum: the pieces get longer in four stages."""
    text, longest = letters(), random.choice((80, 160))
    model = Recurrent(64)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    yield Plan(total := random.choice((300, 500)))
    for step in range(total):
        length = longest * (1 + 4 * step // total) // 4
        starts = torch.randint(len(text) - length - 1, (24,))
        rows = torch.stack([text[at : at + length + 1] for at in starts.tolist()])
        learnt(model, optimizer, rows[:, :-1], rows[:, 1:])
        yield None


def two_threads_then_one(random: Random) -> Iterator[Told]:
    """The number of threads changes on the way, as when a neighbour claims its cores."""
    x, _, y, _ = digits(random, 8_000, 0.2)
    model = perceptron(1_024)
    optimizer = torch.optim.Adam(model.parameters())
    yield Plan(total := random.choice((80, 120)))
    change = random.randrange(total)
    torch.set_num_threads(2)
    for step in range(total):
        if step == change:
            torch.set_num_threads(1)
        for rows in torch.randint(len(x), (2, 256)):
            learnt(model, optimizer, x[rows], y[rows])
        yield None


TRAININGS = {
    "steady": (batches_of_a_perceptron, epochs_of_convolutions),
    "warm-up": (scripted, caches_that_fill),
    "evaluation": (convolutions_with_evaluation, recurrent),
    "early stop": (convolutions_ended_by_patience,),
    "data-dependent": (attention,),
    "changing": (longer_and_longer, two_threads_then_one),
}
