"""How many trials a search needs, and how much of a full training the average trial runs: plain arithmetic.

Random search: n independent trials contain one of the best share q with certainty c where 1 - (1 - q)^n >= c, whatever
the number of hyper-parameters (J. Bergstra, Y. Bengio. Random search for hyper-parameter optimization. JMLR 13, 2012).

Successive halving: of n trials floor(n / eta^k) reach rung k, where they have run the share eta^(k - rounds) of a
full training; what is promoted goes on from where it was (L. Li et al. Hyperband. JMLR 18:185, 2018). Hyperband runs
brackets of 0 to `rounds` rungs. Asynchronous halving promotes some sqrt(n) trials too many at each rung (L. Li et al.
A system for massively parallel hyperparameter tuning. MLSys 2020).
"""

from __future__ import annotations

from math import ceil, floor, fsum, log, sqrt


def random_trials(best: float, certainty: float) -> int:
    """Trials at random until one of the best share `best` is among them with that certainty: 59 for 5 % and 95 %."""
    return max(ceil(log(1 - certainty) / log(1 - best) - 1e-9), 1)


def best_share(trials: float, certainty: float) -> float:
    """The best share of all candidates that so many random trials reach with that certainty; inverse of the above."""
    missed: float = (1 - certainty) ** (1 / trials)
    return 1 - missed


def rounds_of(trials: float, eta: float) -> int:
    """How often so many trials can be divided by `eta` before one is left; at most 3: a first look at 1/27 for 3."""
    return min(floor(log(max(trials, 1)) / log(eta) + 1e-9), 3)


def halving_share(trials: float, eta: float, rounds: int, *, promoted_too_many: bool = False) -> float:
    """Share of a full training that the average trial runs under successive halving, going on where it was.

    `promoted_too_many` adds sqrt(n) trials at each rung, as asynchronous halving does.
    """
    reaching, ran, parts = float(trials), 0.0, []
    for rung in range(rounds + 1):
        until = eta ** (rung - rounds)
        parts.append(reaching * (until - ran))
        ran = until
        wrongly = sqrt(reaching) if promoted_too_many else 0.0
        promoted = max(floor(reaching / eta + 1e-9), 1) + wrongly
        reaching = min(promoted, reaching)
    return fsum(parts) / trials


def hyperband_share(eta: float, rounds: int) -> float:
    """Share of a full training that the average trial runs in one pass through all brackets of Hyperband."""
    begun, ran = 0, []
    for rungs in range(rounds, -1, -1):
        trials = ceil((rounds + 1) / (rungs + 1) * eta**rungs - 1e-9)
        begun += trials
        ran.append(trials * halving_share(trials, eta, rungs))
    return fsum(ran) / begun
