"""Addresses of outer meters: what they may say, whose password it is, and that it is never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import ConfigError
from joulebook.sensors.outer.address import Address, parse
from joulebook.sensors.outer.http import digest
from joulebook.settings import load, without_user


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ipmi", Address("ipmi")),
        ("ipmi:///dev/ipmi1", Address("ipmi", path="dev/ipmi1")),
        ("shelly://192.168.1.20", Address("shelly", "192.168.1.20", 80)),
        ("shelly://192.168.1.20:8080/1", Address("shelly", "192.168.1.20", 8080, path="1")),
        ("redfish+https://bmc.local", Address("redfish", "bmc.local", 443, tls=True)),
        (
            "redfish+https://me:p%40ss@[fe80::1]/redfish/v1/Chassis/1?window=300&verify=off",
            Address(
                "redfish", "fe80::1", 443, tls=True, path="redfish/v1/Chassis/1", window_ns=300 * 10**9,
                verify=False, user="me", password="p@ss",
            ),
        ),
    ],
)  # fmt: skip
def test_addresses(text, expected):
    assert parse(text, {}) == expected


@pytest.mark.parametrize(
    "text",
    ["", "://x", "shelly+ftp://x", "shelly://x:99999", "shelly://x?window=-1", "shelly://x?window=9999", "shelly://x?colour=1"],
)  # fmt: skip
def test_bad_addresses_are_refused_with_what_was_expected(text):
    with pytest.raises(ConfigError, match="expected KIND://HOST"):
        parse(text, {})


def test_password_comes_from_the_address_then_the_environment_then_netrc(tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine plug login ada password of-netrc\n")
    netrc.chmod(0o600)
    env = {"NETRC": str(netrc)}
    assert parse("shelly://plug", env)[-2:] == ("ada", "of-netrc")
    assert parse("shelly://other", env)[-2:] == ("", "")
    env |= {"JOULEBOOK_METER_USER": "eve", "JOULEBOOK_METER_PASSWORD": "of-env"}
    assert parse("shelly://plug", env)[-2:] == ("eve", "of-env")
    assert parse("shelly://bob:own@plug", env)[-2:] == ("bob", "own")


def test_damaged_netrc_costs_nothing(tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_bytes(b"\xff machine nonsense")
    assert parse("shelly://plug", {"NETRC": str(netrc)})[-2:] == ("", "")


SECRET = st.text(st.characters(categories=("L", "N")), min_size=6, max_size=12).map(lambda text: f"Q{text}Q")


@given(
    SECRET, st.sampled_from(("shelly://u:{}@plug", "shelly://{}@plug/1", "a b://u:{}@plug", "shelly://u:{}@plug:port"))
)
def test_a_password_is_never_shown(secret, shape):
    text = shape.format(secret)
    assert secret not in without_user(text)
    try:
        shown = parse(text, {}).name
    except ConfigError as error:
        shown = str(error)
    assert secret not in shown


def test_settings_show_addresses_without_passwords():
    settings = load({"JOULEBOOK_METERS": "shelly://u:secret@plug,ipmi"}, "/", lenient=False)
    assert settings.meters == ("shelly://u:secret@plug", "ipmi")
    assert {one.name: one.value for one in settings.explain()}["meters"] == ("shelly://plug", "ipmi")
    with pytest.raises(ConfigError) as caught:
        load({"JOULEBOOK_METERS": "shelly://u:secret@plug,shelly://u:secret@plug"}, "/")
    assert "secret" not in str(caught.value)


def test_the_file_of_a_project_may_name_no_meter(tmp_path):
    (tmp_path / "joulebook.toml").write_text('region = "FR"\nmeters = ["shelly://u:secret@plug"]\n')
    with pytest.raises(ConfigError, match="no meters in the file of a project") as caught:
        load({}, str(tmp_path))
    assert "secret" not in str(caught.value)
    lenient = load({"XDG_CONFIG_HOME": str(tmp_path / "none")}, str(tmp_path), lenient=True)
    assert (lenient.region, lenient.meters, len(lenient.problems)) == ("FR", (), 1)


def test_the_file_of_the_user_may(tmp_path):
    (tmp_path / "joulebook").mkdir()
    (tmp_path / "joulebook" / "config.toml").write_text('meters = ["ipmi"]\n')
    assert load({"XDG_CONFIG_HOME": str(tmp_path)}, "/").meters == ("ipmi",)


def test_digest_is_that_of_the_specification():
    """The example of RFC 7616, section 3.9.1, in SHA-256."""
    challenge = (
        'realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    who = Address("x", user="Mufasa", password="Circle of Life")
    said = digest(who, "/dir/index.html", challenge, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in said
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in said
