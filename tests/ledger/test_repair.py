from hypothesis import given
from hypothesis import strategies as st

from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.repair import LONGEST, repaired

LINE = frame(to_json({"n": 3, "head": {"format": 1, "run": "a" * 12, "name": "x" * 300}}))


def turned(line, *places):
    data = bytearray(line)
    for byte, bit in places:
        data[byte] ^= 1 << bit
    return bytes(data)


def test_every_single_bit_is_put_right():
    for byte in range(len(LINE) - 1):
        for bit in range(8):
            assert repaired(turned(LINE, (byte, bit))) == LINE, (byte, bit)


@given(st.sets(st.tuples(st.integers(0, len(LINE) - 2), st.integers(0, 7)), min_size=2, max_size=5))
def test_two_and_more_bits_are_left_alone(places):
    assert repaired(turned(LINE, *places)) in (None, LINE)  # where the checksum itself is torn, nothing is invented


@given(st.binary(max_size=200))
def test_rubbish_is_no_record(data):
    assert repaired(data) is None or repaired(data) == LINE


def test_what_is_too_long_is_not_tried():
    assert repaired(turned(frame(b"1" * LONGEST), (20, 1))) is None
