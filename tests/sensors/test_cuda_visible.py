"""CUDA_VISIBLE_DEVICES as CUDA reads it: numbers, uuids, prefixes, slices, the first bad entry, another order."""

from __future__ import annotations

import pytest

from joulebook.sensors.cuda_visible import Board, Slice, Visible, choose, shown

ONE, TWO, THREE = Slice("MIG-aa11"), Slice("MIG-aa22"), Slice("MIG-GPU-c/3/0")
BOARDS = [Board("GPU-a1b2", "H100", (ONE, TWO)), Board("GPU-a1c3", "H100"), Board("GPU-c", "H100", (THREE,))]
UNLIKE = [Board("GPU-a", "A100"), Board("GPU-b", "T4")]


@pytest.mark.parametrize(
    ("devices", "seen"),
    [
        (None, {0: [], 1: [], 2: [THREE]}),
        ("", {}),
        ("-1", {}),
        ("NoDevFiles", {}),
        ("0", {0: []}),
        ("1,0", {1: [], 0: []}),
        (" 1 , 0 ", {1: [], 0: []}),
        ("1,1", {1: []}),
        ("1,7,0", {1: []}),
        ("0,-1,1", {0: []}),
        ("2", {2: [THREE]}),
        ("GPU-a1c3", {1: []}),
        ("gpu-A1C3", {1: []}),
        ("GPU-a1", {}),
        ("GPU-a1b", {0: []}),
        ("GPU-c,GPU-a1b", {2: [], 0: []}),
        ("MIG-aa11", {0: [ONE]}),
        ("MIG-aa", {}),
        ("MIG-aa11,MIG-aa22,MIG-aa11", {0: [ONE, TWO]}),
        ("MIG-GPU-c/3/0", {2: [THREE]}),
        ("MIG-GPU-a1c3/9/0", {1: [Slice("MIG-GPU-a1c3/9/0")]}),
        ("MIG-GPU-zz/1/0", {}),
        ("³", {}),
    ],
)
def test_what_a_program_sees(devices, seen):
    assert choose(Visible(devices), BOARDS).seen == seen


def test_numbers_among_unlike_gpus_are_certain_only_in_the_order_of_the_bus():
    doubtful = choose(Visible("0"), UNLIKE)
    assert set(doubtful.seen) == {0, 1}
    assert "by speed" in doubtful.remark
    assert "CUDA_DEVICE_ORDER=PCI_BUS_ID" in doubtful.remedy
    for certain in (Visible("0", "PCI_BUS_ID"), Visible("GPU-a")):
        assert choose(certain, UNLIKE) == ({0: []}, "", "")


def test_value_in_a_message_is_short_and_printable():
    assert shown(Visible("0,1")) == "0,1"
    assert shown(Visible("")) == "''"
    assert shown(Visible("\x1b[31m0")) == "[31m0"
    assert len(shown(Visible("GPU-" * 100))) < 70
