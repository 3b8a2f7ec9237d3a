"""Arithmetic of searches: quantiles of random trials, rungs of halving."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.estimate.trials.counts import best_share, halving_share, hyperband_share, random_trials, rounds_of

shares = st.floats(1e-3, 0.9)


@given(shares, shares)
def test_random_trials_are_the_least_that_do(best, certainty):
    trials = random_trials(best, certainty)
    assert 1 - (1 - best) ** trials >= certainty - 1e-9
    assert trials == 1 or 1 - (1 - best) ** (trials - 1) < certainty
    assert best_share(trials, certainty) <= best * (1 + 1e-6)


def test_sixty_trials_reach_the_best_twentieth():
    """The rule of thumb of Bergstra and Bengio 2012: 59 suffice, 60 is what people say."""
    assert random_trials(0.05, 0.95) == 59
    assert 1 - 0.95**60 > 0.95


@given(st.integers(1, 5000), st.floats(2, 10), st.integers(0, 6))
def test_halving_runs_less_than_everything_and_more_than_the_first_rung(trials, eta, rounds):
    share = halving_share(trials, eta, rounds)
    assert eta**-rounds - 1e-12 <= share <= 1 + 1e-12
    more = halving_share(trials, eta, rounds, promoted_too_many=True)
    assert share - 1e-12 <= more <= 1 + 1e-12


@given(st.integers(1, 5000), st.floats(2, 10))
def test_no_round_is_no_stopping(trials, eta):
    assert halving_share(trials, eta, 0) == pytest.approx(1)


def test_halving_by_hand():
    """81 trials, eta 3: 81 run 1/81, 27 go on to 3/81, 9 to 9/81, 3 to 27/81, 1 to the end."""
    ran = 81 * 1 + 27 * 2 + 9 * 6 + 3 * 18 + 1 * 54
    assert isclose(halving_share(81, 3, 4), ran / 81 / 81)


def test_hyperband_by_hand():
    """Li et al. 2018, Table 1: brackets of 81, 34, 15, 8 and 5 trials for R = 81 and eta = 3."""
    brackets = [(81, 4), (34, 3), (15, 2), (8, 1), (5, 0)]
    ran = sum(trials * halving_share(trials, 3, rungs) for trials, rungs in brackets)
    assert isclose(hyperband_share(3, 4), ran / sum(trials for trials, _ in brackets))


@given(st.floats(1, 1e6), st.floats(1.5, 10))
def test_rounds_leave_one(trials, eta):
    rounds = rounds_of(trials, eta)
    assert 0 <= rounds <= 3
    assert eta**rounds <= trials * (1 + 1e-6)
