"""Charts: what is in them, that no peak, gap, interval or basis is lost, and that nothing is told by colour alone."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.terms import Statement
from joulebook.errors import ConfigError, MissingExtra, UnknownBackend
from joulebook.meter.series import Band, History, PowerSeries
from joulebook.quantity import Basis
from joulebook.registry import FIGURES, load, names
from joulebook.report.bins import by_device, rebinned, together

alt = pytest.importorskip("altair")

from joulebook.report.charts import theme  # noqa: E402 - altair may be missing
from joulebook.report.charts.picture import Frame, fitting, pdf, png, specification, svg, values  # noqa: E402

ONE_RUN = ("power", "stages", "devices", "shares")


@pytest.fixture(scope="session")
def items_for(account, recorded, item):
    """The runs that a figure of that kind is made of."""
    second = account(run="b7c0ffee0000", name="train.py --wide", factor=1.7), recorded()
    return lambda kind: [item] if kind in ONE_RUN else [item, second]


def numbers(specification):
    """Every number in the data of a chart, and every text."""
    found = [row for rows in specification["datasets"].values() for row in rows]
    return [value for row in found for value in row.values()]


@pytest.mark.parametrize("kind", names("figure"))
def test_every_figure_has_title_table_and_both_themes(kind, items_for):
    for dark in (False, True):
        picture = load("figure", kind)(items_for(kind), Frame(dark=dark))
        document = specification(picture)
        colors = theme.look(dark=dark)
        assert document["background"] == colors.paper
        assert " ".join(document["title"]["text"]) == picture.title
        assert picture.subtitle
        assert picture.table.rows
        assert {len(row) for row in picture.table.rows} == {len(picture.table.columns)}
        json.dumps(document, allow_nan=False)


@pytest.mark.parametrize("kind", names("figure"))
@pytest.mark.parametrize("width", [340, 700])
def test_every_figure_becomes_a_picture_no_wider_than_asked(kind, width, items_for):
    drawn = svg(load("figure", kind)(items_for(kind), Frame(width)), titled=False)
    assert drawn.startswith("<svg")
    shown = float(drawn.partition('width="')[2].partition('"')[0])
    assert 0.9 * width < shown < width + 16


def test_png_and_pdf_are_what_they_are_called(items_for):
    picture = load("figure", "shares")(items_for("shares"), Frame())
    assert png(picture).startswith(b"\x89PNG")
    assert pdf(picture).startswith(b"%PDF")


def test_unknown_figures_and_missing_extras_are_named(monkeypatch):
    with pytest.raises(UnknownBackend, match="no figure named 'pie'; known: compare, devices"):
        load("figure", "pie")
    missing = FIGURES["power"]._replace(path="joulebook_nowhere:power")
    monkeypatch.setitem(FIGURES, "power", missing)
    with pytest.raises(MissingExtra, match=r"figure 'power' needs  pip install 'joulebook\[report\]'"):
        load("figure", "power")


def test_the_row_guard_is_kept():
    values({"x": 1.0} for _ in range(5_000))
    with pytest.raises(alt.MaxRowsError):
        values({"x": 1.0} for _ in range(5_001))


def test_a_day_at_any_resolution_stays_within_the_guard_and_keeps_its_peak(account, recorded):
    history = recorded(bins=5_000)
    picture = load("figure", "power")([(account(), history)], Frame())
    document = specification(picture)
    assert max(map(len, document["datasets"].values())) < 5_000
    peaks = [max(value for value in series.high_w if value is not None) for series in history.series]
    drawn = [value for value in numbers(document) if isinstance(value, float)]
    assert set(peaks) <= set(drawn)


# -- bins ---------------------------------------------------------------------------------------------------------

WATTS = st.floats(0, 1e4, allow_nan=False)
BIN = st.one_of(st.none(), st.tuples(WATTS, WATTS, WATTS).map(sorted))


def series_of(bins, device="cpu", **fields):
    columns = zip(*((None, None, None) if one is None else one for one in bins), strict=True)
    low, mean, high = map(tuple, columns)
    base = {"channel": "a", "kind": "cpu", "basis": "measured", "within": "", "start_ns": 0, "step_ns": 100, **fields}
    return PowerSeries(device, **base, low_w=low, mean_w=mean, high_w=high)


@given(st.lists(BIN, min_size=1, max_size=60), st.integers(1, 30))
def test_wider_bins_keep_every_peak_and_every_long_gap(bins, most):
    series = series_of(bins)
    wide = rebinned(series, most)
    assert len(wide.mean_w) <= max(most, 1)
    assert wide.step_ns * len(wide.mean_w) >= series.step_ns * len(bins)
    known = [one for one in bins if one is not None]
    pairs = ((wide.low_w, min, 0), (wide.high_w, max, 2))
    for column, end, place in pairs:
        left = [value for value in column if value is not None]
        assert (end(left) if left else None) == (end(one[place] for one in known) if known else None)
    for low, mean, high in zip(wide.low_w, wide.mean_w, wide.high_w, strict=True):
        assert (low is None) == (mean is None) == (high is None)
        if mean is not None:
            assert low <= mean * (1 + 1e-12)
            assert mean <= high * (1 + 1e-12)


def test_channels_of_a_device_are_added_and_parts_of_others_are_not():
    idle = series_of([(1, 1, 1), (1, 1, 1), None], channel="idle", basis="assumed")
    active = series_of([(0, 2, 5), None, None], channel="active", basis="modelled")
    inside = series_of([(9, 9, 9)] * 3, "cpu/core", within="cpu")
    elsewhere = series_of([(9, 9, 9)], "gpu", step_ns=300)
    history = History((idle, active, inside, elsewhere))
    both, *others = by_device(history)
    assert (both.low_w, both.mean_w, both.high_w) == ((1, None, None), (3, None, None), (6, None, None))
    assert both.basis == "assumed"
    assert others == [inside, elsewhere]
    assert together(history) == both
    assert together(History()) is None


# -- power --------------------------------------------------------------------------------------------------------


def power_of(history, statement=None, width=700):
    return load("figure", "power")([(statement or Statement("a3f9", ""), history)], Frame(width))


def test_a_gap_divides_line_and_band_and_is_named(account, recorded):
    picture = power_of(recorded(), account())
    document = specification(picture)
    stretches = {row["part"] for rows in document["datasets"].values() for row in rows if "part" in row}
    assert stretches == {1, 2}
    assert "no readings" in svg(picture)
    assert "Grey: no readings." in picture.subtitle
    assert dict(zip(picture.table.columns, picture.table.rows[0], strict=True))[">known"] == "88\N{NO-BREAK SPACE}%"


def test_a_single_known_bin_is_as_wide_as_it_lasted():
    bins = [None] * 50 + [(1, 2, 3)] + [None] * 49
    picture = power_of(History((series_of(bins, step_ns=1_000_000_000),)))
    points = [row for rows in specification(picture)["datasets"].values() for row in rows if "part" in row]
    assert [(row["x"], row["low"], row["mean"], row["y"]) for row in points] == [(50.0, 1, 2, 3), (51.0, 1, 2, 3)]


def test_stages_stand_above_by_name_and_visits_less_than_a_pixel_apart_are_one():
    second = 1_000_000_000
    visits = [Band("step", 0, place * second, (place + 1) * second - 1) for place in range(2_000)]
    inner = Band("step/a\\/b", 1, 0, 1_500 * second)
    picture = power_of(History((series_of([(1, 2, 3)] * 100, step_ns=20 * second),), (*visits, inner)))
    drawn = svg(picture)
    assert ">step<" in drawn
    assert ">a/b<" in drawn
    boxes = [row for rows in specification(picture)["datasets"].values() for row in rows if "foot" in row]
    assert len(boxes) == 2


def test_visits_that_cannot_be_told_apart_are_left_out_and_that_is_said():
    second = 1_000_000_000
    visits = [Band(f"stage {place % 40}", 0, place * 30 * second, (place + 1) * 30 * second) for place in range(2_880)]
    picture = power_of(History((series_of([(1, 2, 3)] * 100, step_ns=864 * second),), tuple(visits)))
    assert not [row for rows in specification(picture)["datasets"].values() for row in rows if "foot" in row]
    assert "too many visits to be told apart" in picture.subtitle


def test_nothing_recorded_is_said():
    picture = power_of(History())
    assert picture.title == "Power over time"
    assert "no power was recorded" in svg(picture)
    unknown = power_of(History((series_of([None, None]),)))
    assert unknown.table.rows == (("cpu", "measured", "unknown", "unknown", "unknown", "0\N{NO-BREAK SPACE}%"),)


def test_time_is_that_of_the_run_not_of_its_last_bin(account):
    picture = power_of(History((series_of([(1, 2, 3)], step_ns=10**12),)), account(stages={}))
    xs = [row["x"] for rows in specification(picture)["datasets"].values() for row in rows if "part" in row]
    assert max(xs) == pytest.approx(451 / 60, rel=1e-4)


# -- amounts ------------------------------------------------------------------------------------------------------


def test_bars_end_at_the_values_and_lines_at_the_intervals(item):
    statement, _ = item
    picture = load("figure", "stages")([item], Frame())
    rows = [row for rows in specification(picture)["datasets"].values() for row in rows]
    train = sum(line.quantity.to("kJ").value for line in statement.of_kind("it_energy", "train"))
    whole = [row["end"] for row in rows if "end" in row and row["row"] == 1]
    assert max(whole) == pytest.approx(train)
    (mark,) = [row for row in rows if "high" in row and row["row"] == 1][:1]
    assert mark["low"] < train < mark["high"]
    assert mark["basis"] == "assumed"
    assert picture.title == "train: 70\N{NO-BREAK SPACE}% of the energy"  # the calibrations of all stages are the same
    assert [row[0].strip() for row in picture.table.rows] == [
        "load", "train", "forward", "backward", "evaluate", "outside stages",
    ]  # fmt: skip


def test_what_used_most_is_named_only_without_doubt(account):
    near = [("cpu", "cpu", 51, Basis.ASSUMED, 0.7), ("ram", "ram", 49, Basis.ASSUMED, 0.7)]
    far = [("gpu-0", "gpu", 90, Basis.MEASURED, 0.02), ("cpu", "cpu", 10, Basis.ASSUMED, 0.7)]
    titles = [load("figure", "devices")([(account(devices=two), History())], Frame()).title for two in (near, far)]
    assert titles[0] == "Energy by device"
    assert titles[1].startswith("gpu-0: 84 to 97")


def test_of_many_stages_the_largest_are_drawn_and_all_are_in_the_table(account):
    stages = {f"stage {place}": place / 1_000 for place in range(1, 41)}
    picture = load("figure", "stages")([(account(stages=stages), History())], Frame())
    drawn = [row["name"] for rows in specification(picture)["datasets"].values() for row in rows if "name" in row]
    assert drawn == [*(f"stage {place}" for place in range(18, 41)), "outside stages"]
    assert len(picture.table.rows) == 41
    assert "The 24 largest of 41" in picture.subtitle


def test_a_run_without_stages_shows_its_devices(account):
    bare = [(account(stages={}), History())]
    assert load("figure", "stages")(bare, Frame()).table == load("figure", "devices")(bare, Frame()).table


def test_what_is_unknown_or_nothing_is_drawn_without_failing():
    empty = [(Statement("a3f9", "2026"), History())]
    for kind in names("figure"):
        drawn = svg(load("figure", kind)(empty * (2 if kind == "compare" else 1), Frame()))
        width = float(drawn.partition('width="')[2].partition('"')[0])
        assert 300 < width < 800, kind
    assert load("figure", "runs")(empty, Frame()).table.rows[0][3] == "unknown"
    assert load("figure", "shares")(empty, Frame()).title.startswith("How the energy is known: ")


def test_shares_say_how_much_was_measured(item, account):
    assert load("figure", "shares")([item], Frame()).title == "83\N{NO-BREAK SPACE}% of the energy was measured"
    assumed = account(devices=[("ram", "ram", 10, Basis.ASSUMED, 0.5)])
    assert load("figure", "shares")([(assumed, History())], Frame()).title == "None of the energy was measured"


def test_the_least_of_several_runs_is_named_only_without_doubt(account):
    runs = [
        (account(run=name * 12, name=name, factor=factor), History())
        for name, factor in (("a", 1.0), ("b", 0.98), ("c", 3.0))
    ]
    assert load("figure", "runs")(runs, Frame()).title == "Energy of 3 runs"
    assert load("figure", "runs")(runs[1:], Frame()).title == "b bbbbbb used the least energy"


def test_wide_range_of_energies_is_logarithmic(account):
    runs = [(account(factor=factor), History()) for factor in (1e-6, 1.0)]
    text = json.dumps(specification(load("figure", "runs")(runs, Frame())))
    assert '"type": "log"' in text
    near = [(account(factor=factor), History()) for factor in (0.9, 1.0)]
    assert '"type": "log"' not in json.dumps(specification(load("figure", "runs")(near, Frame())))


def test_contributions_sum_to_the_difference_and_need_two_runs(items_for, item):
    items = items_for("compare")
    picture = load("figure", "compare")(items, Frame())
    rows = [row for rows in specification(picture)["datasets"].values() for row in rows if "end" in row]
    *terms, together_ = sorted(rows, key=lambda row: row["row"])
    assert sum(row["end"] - row["start"] for row in terms) == pytest.approx(together_["end"])
    assert picture.title == "B used 1.7 times the energy of A"
    with pytest.raises(ConfigError, match="two: A and B"):
        load("figure", "compare")([item], Frame())


def test_a_run_compared_with_itself_has_no_bars(item):
    picture = load("figure", "compare")([item, item], Frame())
    assert png(picture)
    assert {row[1] for row in picture.table.rows} == {"0 J"}


# -- theme --------------------------------------------------------------------------------------------------------


def test_no_two_colours_of_a_theme_are_equal_so_that_light_can_become_dark():
    exchanges = theme.exchanges()
    mixed = len(theme.KINDS) * len({theme.BAND, *(one.fill for one in theme.PATTERNS.values())})
    assert len(exchanges) == len(theme.LIGHT) + mixed
    assert set(theme.LIGHT).isdisjoint(theme.DARK)


def test_a_basis_is_told_by_dashes_and_filling_and_is_never_guessed_stronger():
    for one, other in combinations(theme.PATTERNS.values(), 2):
        assert one.dash != other.dash
        assert abs(one.fill - other.fill) > 0.2
    assert list(theme.PATTERNS) == ["measured", "reported", "modelled", "assumed"]
    assert theme.pattern("who knows") == theme.PATTERNS["assumed"]


@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK])
def test_contrast_of_text_and_of_every_class_of_device(colors):
    def luminance(color):
        parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one, other):
        high, low = sorted((luminance(one), luminance(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    assert contrast(colors.ink, colors.paper) > 10
    assert contrast(colors.quiet, colors.paper) > 4.5
    for kind in theme.KINDS:
        assert contrast(theme.color(kind, colors), colors.paper) > 3


def test_the_themes_are_registered_and_not_forced_on_anybody():
    assert {"joulebook", "joulebook-dark"} <= set(alt.theme.names())
    assert alt.theme.active == "default"


@given(st.text(max_size=80), st.floats(30, 700))
def test_a_shortened_name_keeps_both_its_ends(name, pixels):
    short = fitting(name, pixels)
    assert len(short) <= max(len(name), 3)
    if short != name:
        assert name.startswith(short.partition("\N{HORIZONTAL ELLIPSIS}")[0])
