"""Trainings with scikit-learn and NumPy, on its digits, on made-up numbers and on the help texts of Python."""

from __future__ import annotations

import gzip
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from pydoc_data.topics import topics
from random import Random

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_digits, make_classification
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from trainings import Plan, Told

Split = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def digits(random: Random, held_out: float = 0.25) -> Split:
    images, labels = load_digits(return_X_y=True)
    images = StandardScaler().fit_transform(images)
    x, x_test, y, y_test = train_test_split(images, labels, test_size=held_out, random_state=random.randrange(10**6))
    return x, x_test, y, y_test


def made_up(random: Random, rows: int, columns: int) -> Split:
    x, y = make_classification(
        rows, columns, n_informative=columns // 4, flip_y=0.08, class_sep=0.6, random_state=random.randrange(10**6)
    )
    x, x_test, y, y_test = train_test_split(x, y, random_state=1)
    return x, x_test, y, y_test


def saved(array: np.ndarray) -> None:
    """A checkpoint on the disk, as a training that must not lose it writes it."""
    with tempfile.TemporaryFile() as file:
        np.save(file, array)
        file.flush()
        os.fsync(file.fileno())


def quiet() -> None:
    warnings.filterwarnings("ignore")  # "has not converged": it is not meant to, in one step


def network(random: Random, *width: int) -> MLPClassifier:
    quiet()
    return MLPClassifier(width, learning_rate_init=10 ** random.uniform(-4, -2.5), random_state=random.randrange(99))


def epochs_of_a_network(random: Random) -> Iterator[Told]:
    """One step is an epoch."""
    x, _, y, _ = digits(random)
    model = network(random, random.choice((64, 128, 256)), 64)
    yield Plan(total := random.choice((60, 100, 160)))
    for _ in range(total):
        for _ in range(4):
            model.partial_fit(x, y, classes=range(10))
        yield None


def epochs_with_evaluation(random: Random) -> Iterator[Told]:
    """Every few epochs the accuracy on many more images than it learns from."""
    x, x_test, y, y_test = digits(random, 0.5)
    model = network(random, random.choice((128, 256)))
    every, copies = random.choice((2, 4, 5)), random.randint(30, 100)
    many, answers = np.tile(x_test, (copies, 1)), np.tile(y_test, copies)
    yield Plan(total := random.choice((80, 120, 200)))
    for epoch in range(total):
        for _ in range(6):
            model.partial_fit(x, y, classes=range(10))
        if epoch % every == every - 1:
            model.score(many, answers)
            yield "evaluate"
        else:
            yield None


def batches_with_evaluation_and_checkpoints(random: Random) -> Iterator[Told]:
    """Steps of one batch with a linear model; an evaluation at one period, a checkpoint at another."""
    x, x_test, y, y_test = made_up(random, 30_000, 200)
    model = SGDClassifier(loss="log_loss", random_state=1)
    batch, every, save = random.choice((256, 512, 1024)), random.choice((20, 25, 40)), random.choice((15, 30, 50))
    yield Plan(total := random.choice((500, 800, 1_200)))
    for step in range(total):
        chosen = np.random.default_rng(step).integers(0, len(x), batch)
        for _ in range(8):
            model.partial_fit(x[chosen], y[chosen], classes=(0, 1))
        told = ""
        if step % every == every - 1:
            for _ in range(5):
                log_loss(y_test, model.predict_proba(x_test))
            told = "evaluate"
        if step % save == save - 1:
            saved(np.tile(model.coef_, (2_000, 1)))
            told += " save"
        yield told.strip() or None


def boosting(random: Random) -> Iterator[Told]:
    """Each step adds trees; the evaluation every tenth step takes longer with each of them."""
    x, x_test, y, y_test = made_up(random, 6_000, 60)
    each, every = random.choice((1, 2)), 10
    model = GradientBoostingClassifier(n_estimators=each, warm_start=True, max_depth=random.choice((2, 3)))
    yield Plan(total := random.choice((100, 150)))
    for step in range(total):
        model.fit(x, y)
        if step % every == every - 1:
            log_loss(y_test, model.predict_proba(x_test))
            yield "evaluate"
        else:
            yield None
        model.n_estimators += each


def forest(random: Random) -> Iterator[Told]:
    """Each step adds trees of independent samples."""
    x, _, y, _ = made_up(random, 6_000, 30)
    model = RandomForestClassifier(2, warm_start=True, max_features=random.choice((5, 10)), random_state=3)
    yield Plan(total := random.choice((80, 150, 200)))
    for _ in range(total):
        model.fit(x, y)
        model.n_estimators += 2
        yield None


def clusters(random: Random) -> Iterator[Told]:
    """Mini-batch k-means."""
    x = digits(random)[0]
    model = MiniBatchKMeans(random.choice((50, 100)), batch_size=512, random_state=2, reassignment_ratio=0.01)
    yield Plan(total := random.choice((400, 700, 1_000)))
    for step in range(total):
        chosen = np.random.default_rng(step).integers(0, len(x), 1_024)
        for _ in range(10):
            model.partial_fit(x[chosen])
        yield None


def ended_by_patience(random: Random) -> Iterator[Told]:
    """A network over epochs, ended when the loss on held-out images has not become better for a while."""
    x, x_test, y, y_test = digits(random, random.choice((0.3, 0.6)))
    x, y = np.tile(x, (20, 1)) + np.random.default_rng(1).normal(0, 1, (20 * len(x), 64)), np.tile(y, 20)
    model = network(random, random.choice((32, 64, 128)))
    yield Plan(total := random.choice((100, 150, 250)), patience=(patience := random.randint(4, 10)))
    best, waited = 9e9, 0
    for _ in range(total):
        model.partial_fit(x, y, classes=range(10))
        loss = log_loss(y_test, model.predict_proba(x_test))
        yield loss
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited >= patience:
            return


def boosting_ended_by_patience(random: Random) -> Iterator[Told]:
    """Boosting that stops where held-out rows gain no more."""
    x, x_test, y, y_test = made_up(random, 3_000, 40)
    model = GradientBoostingClassifier(
        n_estimators=2, warm_start=True, max_depth=random.choice((2, 4)), learning_rate=random.uniform(0.05, 0.4)
    )
    yield Plan(total := random.choice((150, 250)), patience=(patience := random.randint(5, 10)))
    best, waited = 9e9, 0
    for _ in range(total):
        model.fit(x, y)
        loss = log_loss(y_test, model.predict_proba(x_test))
        yield loss
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited >= patience:
            return
        model.n_estimators += 2


def linear_ended_by_accuracy(random: Random) -> Iterator[Told]:
    """A linear model whose accuracy on held-out rows is watched: it goes up, in jumps."""
    x, x_test, y, y_test = made_up(random, 15_000, 100)
    model = SGDClassifier(loss="log_loss", alpha=1e-3, learning_rate="constant", eta0=10 ** random.uniform(-7, -5.5))
    yield Plan(total := random.choice((120, 200)), patience=(patience := random.randint(5, 12)), mode="max")
    best, waited = -1.0, 0
    for _ in range(total):
        for _ in range(8):
            model.partial_fit(x, y, classes=(0, 1))
        accuracy = float(model.score(x_test, y_test))
        yield accuracy
        best, waited = (accuracy, 0) if accuracy > best else (best, waited + 1)
        if waited >= patience:
            return


def texts(random: Random) -> Iterator[Told]:
    """One help text of Python a step: the longest has a hundred times as many words as the shortest."""
    vectors = HashingVectorizer(n_features=2**14, ngram_range=(1, 3))
    model = SGDClassifier(loss="log_loss")
    names = sorted(topics)
    batch = random.choice((12, 24, 48))
    yield Plan(total := random.choice((300, 500)))
    for _ in range(total):
        chosen = random.choices(names, k=batch)
        rows = [line for name in chosen for line in (topics[name], topics[name][::-1])]
        model.partial_fit(vectors.transform(rows), [0, 1] * batch, classes=(0, 1))
        yield None


def growing_batches(random: Random) -> Iterator[Told]:
    """A curriculum: the batch becomes larger in four stages."""
    x, _, y, _ = digits(random)
    model = network(random, 128)
    small, factor = random.choice((64, 128)), random.choice((1.25, 1.5, 2))
    yield Plan(total := random.choice((600, 1_000)))
    for step in range(total):
        rows = int(small * factor ** (4 * step // total))
        chosen = np.random.default_rng(step).integers(0, len(x), rows)
        for _ in range(4):
            model.partial_fit(x[chosen], y[chosen], classes=range(10))
        yield None


def shards(random: Random) -> Iterator[Told]:
    """Data in compressed files: the first step of each file waits until it has been read and unpacked."""
    x, _, y, _ = made_up(random, 6_000, 200)
    model = SGDClassifier(loss="log_loss")
    size = random.choice((20, 35, 60))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.gz" for number in range(4)]
        for path in paths:
            path.write_bytes(gzip.compress(np.tile(x, (6, 1)).tobytes(), 1))
        yield Plan(total := random.choice((700, 1_200)))
        for step in range(total):
            if step % size == 0:
                x = np.frombuffer(gzip.decompress(paths[step // size % 4].read_bytes())).reshape(-1, 200)
            chosen = np.random.default_rng(step).integers(0, len(y), 800)
            for _ in range(8):
                model.partial_fit(x[chosen], y[chosen], classes=(0, 1))
            yield None


def with_a_neighbour(random: Random) -> Iterator[Told]:
    """Another program takes half of the core for some seconds, once or twice, wherever that falls."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    x, _, y, _ = digits(random)
    model = network(random, 128)
    yield Plan(total := random.choice((200, 300)))
    bursts = sorted(random.sample(range(total // 20, total), random.choice((1, 2))))
    busy = 0
    try:
        for step in range(total):
            if bursts and step >= bursts[0] and not busy:
                bursts.pop(0)
                busy = os.fork()
                if not busy:
                    _burn(random.uniform(1, 3))
            for _ in range(3):
                model.partial_fit(x, y, classes=range(10))
            if busy and os.waitpid(busy, os.WNOHANG)[0]:
                busy = 0
            yield None
    finally:
        if busy:
            os.waitpid(busy, 0)


def _burn(seconds: float) -> None:
    end = os.times().elapsed + seconds
    while os.times().elapsed < end:
        pass
    os._exit(0)


def resumed(random: Random) -> Iterator[Told]:
    """Goes on at a step in the middle, with cold caches, evaluations and checkpoints."""
    x, x_test, y, y_test = digits(random, 0.5)
    model = network(random, 256)
    first, every = random.choice((130, 415, 980)), random.choice((10, 20))
    total = first + random.choice((400, 700))
    many, answers = np.tile(x_test, (8, 1)), np.tile(y_test, 8)
    yield Plan(total, first=first)
    for step in range(first, total):
        chosen = np.random.default_rng(step).integers(0, len(x), 300)
        for _ in range(3):
            model.partial_fit(x[chosen], y[chosen], classes=range(10))
        if step % every == every - 1:
            model.score(many, answers)
            saved(model.coefs_[0])
            yield "evaluate save"
        else:
            yield None


def pole(random: Random) -> Iterator[Told]:
    """A policy learns to balance a pole: the better it is, the longer an episode lasts."""
    rng = np.random.default_rng(random.randrange(10**6))
    weights, rate = np.zeros(4), random.uniform(0.02, 0.1)
    yield Plan(total := random.choice((300, 500)))
    for _ in range(total):
        gradients, returns = [], []
        for _ in range(8):
            gradient, lasted = _episode(weights, rng)
            gradients.append(gradient)
            returns.append(lasted)
        scale = np.array(returns) - np.mean(returns)
        weights = weights + rate * (scale[:, None] * np.array(gradients)).mean(0) / (np.std(returns) + 1)
        yield None


def _episode(weights: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """The sum of the gradients of one episode, and how many ticks the pole stood."""
    state, gradient = rng.uniform(-0.05, 0.05, 4), np.zeros(4)
    for tick in range(200):
        right = 1 / (1 + np.exp(-weights @ state))
        push = rng.random() < right
        gradient += (push - right) * state
        _, v, angle, turn = state
        force = (10.0 if push else -10.0) + 0.05 * turn**2 * np.sin(angle)
        bend = (9.8 * np.sin(angle) - np.cos(angle) * force / 1.1) / (0.5 * (4 / 3 - 0.1 * np.cos(angle) ** 2 / 1.1))
        move = force / 1.1 - 0.05 * bend * np.cos(angle) / 1.1
        state = state + 0.02 * np.array([v, move, turn, bend])
        if abs(state[0]) > 2.4 or abs(state[2]) > 0.21:
            return gradient, tick
    return gradient, 200


TRAININGS = {
    "steady": (epochs_of_a_network, forest, clusters),
    "evaluation": (epochs_with_evaluation, batches_with_evaluation_and_checkpoints, boosting, shards),
    "early stop": (ended_by_patience, boosting_ended_by_patience, linear_ended_by_accuracy),
    "data-dependent": (texts,),
    "changing": (growing_batches, with_a_neighbour, pole),
    "resumed": (resumed,),
}
