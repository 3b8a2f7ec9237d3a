"""BMCs by Redfish on the loopback: where a power may stand, over how long it is averaged, and certificates."""

from __future__ import annotations

import shutil
import ssl
import subprocess

import pytest

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.sensors.base import OUTSIDE, POWER, SOCKET
from joulebook.sensors.outer.redfish import Redfish, seconds
from joulebook.testing.bmc import PASSWORD, FakeMeters
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND, Load, VirtualClock

CHASSIS = "/redfish/v1/Chassis"


@pytest.fixture
def bmc(clock):
    with FakeMeters(Load.square(200.0, 500.0, 600.0), clock) as fake:
        yield fake


class TestContract(SensorContract):
    @pytest.fixture(autouse=True)
    def _server(self):
        self.now = VirtualClock()
        with FakeMeters(Load.square(200.0, 500.0, 60.0), lambda: self.now()) as fake:  # noqa: PLW0108 - it is set later
            self.fake = fake
            yield

    def make_sensor(self, clock):
        self.now = clock
        sensor = Redfish(self.fake.address("redfish"), clock)
        close = sensor.close
        sensor.close = lambda: (close(), self.fake.at_rest.wait(5))
        return sensor


def raws(sensor):
    return [reading.raw for reading in sensor.read()]


def with_environment(bmc, reading, interval=None):
    bmc.overrides[f"{CHASSIS}/1"] = {
        "EnvironmentMetrics": {"@odata.id": f"{CHASSIS}/1/EnvironmentMetrics"},
        "Power": {"@odata.id": f"{CHASSIS}/1/Power"},
    }
    sensor = f"{CHASSIS}/1/Sensors/TotalPower"
    bmc.overrides[f"{CHASSIS}/1/EnvironmentMetrics"] = {"PowerWatts": {"Reading": reading, "DataSourceUri": sensor}}
    bmc.overrides[sensor] = {"Reading": reading, "AveragingInterval": interval} if interval else None


def test_power_control_of_the_first_chassis_that_has_one(bmc, clock):
    bmc.overrides[CHASSIS] = {"Members": [{"@odata.id": f"{CHASSIS}/Rack"}, {"@odata.id": f"{CHASSIS}/1"}]}
    bmc.overrides[f"{CHASSIS}/Rack"] = {"Id": "Rack"}
    sensor = Redfish(bmc.address("redfish"), clock)
    (channel,) = sensor.channels
    assert (channel.form, channel.kind, channel.within, channel.period_ns) == (POWER, SOCKET, OUTSIDE, 0)
    assert f"{CHASSIS}/1/Power" in channel.method
    clock.advance(10 * SECOND)
    assert raws(sensor) == [pytest.approx(bmc.load.power_uw(clock()), abs=0.5e6)]


def test_environment_metrics_are_preferred_and_their_interval_kept(bmc, clock):
    with_environment(bmc, 321.5, "PT5M")
    (channel,) = (sensor := Redfish(bmc.address("redfish"), clock)).channels
    assert channel.period_ns == 300 * SECOND
    assert "averages over 300 s" in channel.method
    assert raws(sensor) == [321_500_000]


@pytest.mark.parametrize("reading", [None, "321 W", True])
def test_environment_metrics_without_a_number_are_passed_over(bmc, clock, reading):
    with_environment(bmc, reading)
    assert "PowerControl" in Redfish(bmc.address("redfish"), clock)._names


def test_interval_that_the_user_knows_better(bmc, clock):
    with_environment(bmc, 300.0, "PT1S")
    assert Redfish(bmc.address("redfish", window_ns=60 * SECOND), clock).channels[0].period_ns == 60 * SECOND


def test_path_in_the_address_chooses_the_chassis(bmc, clock):
    Redfish(bmc.address("redfish", CHASSIS.strip("/") + "/1"), clock)
    assert CHASSIS not in bmc.asked
    with pytest.raises(SensorError, match="404"):
        Redfish(bmc.address("redfish", CHASSIS.strip("/") + "/9"), clock)


@pytest.mark.parametrize("members", [[], None, "many", [{}], [None], [{"@odata.id": 5}]])
def test_bmc_without_a_power_is_a_reason(bmc, clock, members):
    bmc.overrides[CHASSIS] = {"Members": members}
    with pytest.raises(SensorUnavailable, match="no chassis shows a power"):
        Redfish(bmc.address("redfish"), clock)


@pytest.mark.parametrize("link", ["/redfish v1", "http://elsewhere/x", "/x\r\nHost: elsewhere", "", "/\u00e4"])
def test_links_that_are_no_path_are_not_followed(bmc, clock, link):
    bmc.overrides[CHASSIS] = {"Members": [{"@odata.id": link}]}
    with pytest.raises(SensorError):
        Redfish(bmc.address("redfish"), clock)
    assert bmc.asked == [CHASSIS]


def test_password_is_asked_for_once_and_sent_from_then_on(bmc, clock):
    bmc.password = PASSWORD
    with pytest.raises(SensorDenied, match="401"):
        Redfish(bmc.address("redfish"), clock)
    bmc.asked.clear()
    sensor = Redfish(bmc.address("redfish", user="admin", password=PASSWORD), clock)
    raws(sensor)
    assert [asked for asked in bmc.asked if "with a password" not in asked] == [CHASSIS]


def test_each_question_is_one_request_and_not_oftener_than_every_five_seconds(bmc, clock):
    sensor = Redfish(bmc.address("redfish"), clock)
    bmc.asked.clear()
    for _ in range(600):
        sensor.read()
        clock.advance(SECOND // 10)
    assert set(bmc.asked) == {f"{CHASSIS}/1/Power"}
    assert 10 <= len(bmc.asked) <= 13


@pytest.mark.parametrize(
    ("text", "expected"),
    [("PT5M", 300), ("PT1.5S", 1.5), ("PT1H", 3600), ("PT1M30S", 90), ("P1D", 0), ("PT2H", 0), ("PT5", 0), ("PTxS", 0), (None, 0)],
)  # fmt: skip
def test_durations(text, expected):
    assert seconds(text) == expected


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_certificates_are_checked_unless_the_address_says_otherwise(bmc, clock, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ("-subj", "/CN=bmc", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-nodes")
    made = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *subject)
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    bmc._server.socket = context.wrap_socket(bmc._server.socket, server_side=True)
    with pytest.raises(SensorError, match="certificate is not trusted") as caught:
        Redfish(bmc.address("redfish", tls=True), clock)
    assert "?ca=" in caught.value.remedy
    assert type(raws(Redfish(bmc.address("redfish", tls=True, ca=str(certificate)), clock))[0]) is int
    assert type(raws(Redfish(bmc.address("redfish", tls=True, verify=False), clock))[0]) is int
    with pytest.raises(SensorError, match="the certificates in"):
        Redfish(bmc.address("redfish", tls=True, ca=str(tmp_path / "none.pem")), clock)
