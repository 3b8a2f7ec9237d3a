import json
import math
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.ledger.frame import MAX_RECORD, fitting_head, frame, from_json, plain, to_json, unframe

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), st.integers(0, 2**60))
def test_what_is_framed_comes_back(payload, number):
    record = {**payload, "n": number}
    assert from_json(unframe(frame(to_json(record)))) == record


@given(st.binary(max_size=80))
def test_bytes_that_are_no_frame_are_refused_without_an_error(line):
    text = unframe(line)
    assert text is None or frame(text) == line


def test_a_frame_is_canonical_ascii_with_checksum_and_length():
    line = frame(to_json({"n": 1, "s": "µ\ud800"}))
    assert line.isascii()
    assert line.endswith(b"\n")
    assert line[9:12] == b"26 "
    assert int(line[:8], 16) == zlib.crc32(line[9:-1])
    assert from_json(unframe(line))["s"] == "µ\ud800"


@pytest.mark.parametrize("change", [str.upper, lambda text: text.replace(" 9 ", " 09 "), lambda text: text[:-1]])
def test_another_way_to_write_the_same_frame_is_refused(change):
    line = frame(b'{"n":171}').decode()
    assert any(letter in "abcdef" for letter in line[:8])
    changed = change(line)
    assert changed != line
    assert unframe(changed.encode()) is None


@pytest.mark.parametrize(
    "text",
    [b'{"n":1,"n":1}', b'{"n":1,"a":{"b":1,"b":2}}', b'{"n":1,"x":NaN}', b'{"n":1,"x":-Infinity}', b'{"n":1,"x":1e999}',
     b"[1]", b"1", b'{"n":-1}', b'{"n":true}', b'{"n":1.0}', b"{}", b'{"n":1}}', b"\xff", b"", b'{"n":' + b"9" * 5000 + b"}",
     b'{"n":1,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"],
)  # fmt: skip
def test_what_is_not_strict_json_of_a_record_is_refused(text):
    with pytest.raises(ValueError):
        from_json(text)


class Odd(Exception):
    """What no list of exceptions holds."""


class Hostile:
    def __init__(self, error):
        self.error = error

    def __repr__(self):
        raise self.error


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (-math.inf, "-Infinity"),
        ((1, 2.5, None), [1, 2.5, None]),
        (
            {
                1,
            },
            "{1}",
        ),
        (b"x", "b'x'"),
        ({1: "a", "1": "b"}, {"1": "a", "1#2": "b"}),
        ({None: 1, (2, 3): 4}, {"None": 1, "(2, 3)": 4}),
        ([True, 1], [True, 1]),
        (Hostile(ValueError("no")), "<Hostile>"),
        (Hostile(RecursionError()), "<Hostile>"),
        (Hostile(Odd()), "<Hostile>"),
        ([Hostile(Odd())], ["<Hostile>"]),
        ({Hostile(Odd()): 1}, {"<Hostile>": 1}),
    ],
)
def test_foreign_values_become_json(value, expected):
    assert plain(value) == expected
    json.dumps(plain(value), allow_nan=False)


def test_huge_and_deep_values_become_text():
    assert plain(10**5000).startswith("0x")
    assert plain([10**5000, 1])[0].startswith("0x")
    deep = []
    for _ in range(5_000):
        deep = [deep]
    assert to_json({"n": 0, "x": deep}).count(b"[") < 60
    endless: dict = {}
    endless["self"] = endless
    assert len(to_json({"n": 0, "x": endless})) < 1_000


def test_subclasses_of_plain_types_become_plain():
    class Name(str):
        __slots__ = ()

        def __str__(self):
            return "other"

    class Ratio(float):
        pass

    assert plain(Name("x")) == "x"
    assert type(plain(Name("x"))) is str
    assert type(plain(Ratio(2.0))) is float


def test_nothing_that_a_subclass_overrides_is_called():
    def raises(*_):
        raise Odd

    for base, value in ((int, 4), (float, 4.5), (str, "four"), (list, [4]), (tuple, (4,)), (dict, {"four": 4})):
        names = ("__int__", "__float__", "__str__", "__iter__", "__len__", "bit_length", "items", "keys")
        hostile = type("Hostile", (base,), {name: raises for name in names if hasattr(base, name)})(value)
        assert plain(hostile) == plain(value)

    class Liar:
        __class__ = property(raises)

    assert "Liar" in plain(Liar())


def test_what_holds_itself_twice_ends():
    endless: list = []
    endless += [endless, endless, {"x": endless}]
    room = [10_000]
    assert "... (3 values)" in to_json({"n": 0, "x": plain(endless, room=room)}).decode()
    assert plain(list(range(10_001)), room=[10_000]) == "... (10001 values)"


def test_many_keys_of_one_text_stay_short():
    class Same:
        def __repr__(self):
            return "same"

    found = plain({Same(): index for index in range(5_000)})
    assert len(found) == 5_000
    assert max(map(len, found)) < 12


def test_a_length_that_is_not_that_of_the_text_is_refused_under_a_true_checksum():
    for body in (b'10 {"n":171}', b'09 {"n":171}', b' {"n":171}', b'{"n":171}'):
        assert unframe(b"%08x %b\n" % (zlib.crc32(body), body)) is None


def test_a_head_with_too_much_of_anything_fits_after_all():
    head = {"channels": [{"name": "x"}], "sensors": [{"detail": "y" * 2 * MAX_RECORD}], "argv": ["z" * 2 * MAX_RECORD]}
    fitting = fitting_head(head)
    assert len(to_json(fitting)) < MAX_RECORD
    assert fitting["channels"] == head["channels"]
    assert "omitted" in fitting["sensors"][0]
