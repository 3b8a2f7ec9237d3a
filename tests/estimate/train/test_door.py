"""A training by hours and power: the rows of Strubell et al. 2019, to the unit."""

import pytest

import joulebook as jb

POUNDS_PER_KG = 1 / 0.45359237


def row(count, hours, power, price="0.43..1.46"):
    return jb.estimate.training(
        count=count, hours=hours, power=power, price=price, device="P100", pue=1.58, intensity="0.954 lb/kWh"
    )


@pytest.mark.parametrize(
    ("count", "hours", "power", "price", "printed"),
    [
        (8, 12, 1415.78, "0.43..1.46", (27, 26, 41, 140)),
        (8, 84, 1515.43, "0.43..1.46", (201, 192, 289, 981)),
        (3, 336, 517.66, "0.43..1.46", (275, 262, 433, 1472)),
        (64, 79.2, 12041.51, "0.74..2.48", (1507, 1438, 3751, 12571)),
        (8, 274120, 1515.43, "0.43..1.46", (656347, 626155, 942973, 3201722)),
    ],
)
def test_table_3(count, hours, power, price, printed):
    """Strubell, Ganesh, McCallum 2019, Table 3: energy x PUE, carbon in lb, and the two prices of cloud hire."""
    found = row(count, hours, power, price)
    pounds = found.carbon.to("kgCO2e").value * POUNDS_PER_KG
    assert tuple(map(round, (found.energy.to("kWh").value, pounds, found.cost.low, found.cost.high))) == printed


def test_status_and_json():
    found = row(8, 84, "1515.43 W")
    plain = found.as_dict()
    assert plain["status"] == "estimated"
    assert {"rates", "sensitivity", "alternatives"} <= plain.keys()
    assert plain["sensitivity"]["cost"][0]["ids"] == ["given price 0.43..1.46"]


def test_uncertain_hours_reach_every_figure():
    sure = jb.estimate.training(device="H100", count=8, hours=100, device_power=500, region="FR")
    unsure = jb.estimate.training(device="H100", count=8, hours=(50, 200), device_power=500, region="FR")
    assert unsure.energy.value == pytest.approx(sure.energy.value)
    for name in ("duration", "energy", "carbon", "carbon_embodied", "cost_hire", "water"):
        narrow, wide = getattr(sure, name), getattr(unsure, name)
        assert wide.high / wide.low > narrow.high / narrow.low, name


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"hours": -3}, "hours"),
        ({"hours": float("nan")}, "hours"),
        ({"hours": "ten"}, "hours"),
        ({"hours": "10 kg"}, "hours"),
        ({"hours": 10, "count": 0}, "count"),
        ({"hours": 10, "power": 5, "device_power": 5}, "one of them"),
        ({"hours": 10, "power": "5 W", "pue": 0.5}, "pue"),
        ({"hours": 10, "power": "5 W", "price": "3 kg"}, "price"),
    ],
)
def test_bad_input_is_told(asked, says):
    with pytest.raises(jb.JoulebookError, match=says):
        jb.estimate.training(device="H100", **asked)


def test_unknown_device_names_near_ones():
    with pytest.raises(LookupError, match="h100"):
        jb.estimate.training(device="H1000", hours=1, power=1)
