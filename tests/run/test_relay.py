"""What a run with a budget and the runs inside it tell each other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import joulebook as jb
from joulebook.run.budget.relay import Order, Relay


def test_an_order_is_heard_as_it_was_told():
    relay = Relay.made()
    inside = Relay.around(relay.environment())
    assert inside is not None
    assert inside.heard() is None
    order = Order("budget 5 Wh spent", "100 % of 5 Wh", "5 Wh, 2 h", (18_000.5, 12.0))
    relay.tell(order)
    assert inside.heard() == order
    relay.remove()
    assert inside.heard() is None
    assert not Path(relay.folder).exists()
    assert Relay.around(relay.environment()) is None


def test_who_listens_is_known_while_it_lives():
    relay = Relay.made()
    assert relay.listeners() == []
    inside = Relay(relay.folder)
    inside.listen()
    inside.listen()
    assert relay.listeners() == [os.getpid()]
    inside.leave()
    assert relay.listeners() == []
    child = os.fork()
    if not child:
        Relay(relay.folder).listen()
        os._exit(0)
    os.waitpid(child, 0)
    assert relay.listeners() == []  # it has ended without a word
    relay.remove()


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"spent": "much"}', '{"over": 3}', "\x00" * 9_000])
def test_an_order_that_is_none_never_raises(text):
    relay = Relay.made()
    (Path(relay.folder) / "budget.json").write_text(text)
    found = relay.heard()
    assert found is None or found.spent == ()
    relay.remove()


def test_a_folder_that_is_gone_never_raises():
    relay = Relay("/nowhere")
    relay.tell(Order())
    relay.listen()
    relay.leave()
    relay.remove()
    assert relay.listeners() == []
    assert Relay.around({}) is None


def test_a_run_that_begins_when_the_budget_around_is_spent_has_no_step(monkeypatch):
    relay = Relay.made()
    monkeypatch.setenv(*next(iter(relay.environment().items())))
    relay.tell(Order("budget 5 Wh spent", "100 % of 5 Wh", "5 Wh", (18_000.0,)))
    with jb.track("late") as run:
        assert list(run.steps(range(9))) == []
    assert run.stopped == "budget"
    relay.remove()
