"""Where a setting comes from, which one wins, and what happens to one that cannot be used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from joulebook.errors import ConfigError
from joulebook.settings import Settings, load, user_file, write_user


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config/joulebook").mkdir(parents=True)
    return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project/deep/down"
    folder.mkdir(parents=True)
    return folder


def origins(found: Settings) -> dict[str, str]:
    return {setting.name: setting.origin for setting in found.explain() if setting.origin != "default"}


def test_defaults(env: dict[str, str], project: Path) -> None:
    found = load(env, str(project))
    assert found == Settings()
    assert [(s.name, s.value, s.origin) for s in found.explain()] == [
        ("home", "", "default"),
        ("region", "", "default"),
        ("site", "", "default"),
        ("sensors", (), "default"),
        ("interval", 0.1, "default"),
        ("share", "machine", "default"),
        ("powercap_root", "", "default"),
        ("price", "", "default"),
        ("carbon_price", "", "default"),
        ("currency", "", "default"),
        ("meters", (), "default"),
        ("budget", "", "default"),
        ("off", False, "default"),
    ]


def test_the_nearer_place_wins(env: dict[str, str], project: Path) -> None:
    user = Path(user_file(env))
    user.write_text('region = "DE"\nsite = "lab"\nshare = "process"\ninterval = 1\n')
    above = project.parent.parent / "joulebook.toml"
    above.write_text('# ours\n\nregion = "FR"\nshare = "machine"\ninterval = 2\n')
    env |= {"JOULEBOOK_SHARE": "process", "JOULEBOOK_INTERVAL": "3", "JOULEBOOK_PRICE": ""}
    found = load(env, str(project), {"interval": 4, "region": None})
    assert (found.region, found.site, found.share, found.interval) == ("FR", "lab", "process", 4)
    assert origins(found) == {
        "region": f"{above}:3",
        "site": f"{user}:2",
        "share": "JOULEBOOK_SHARE",
        "interval": "--interval",
    }


def test_nearest_project_file_alone_counts(env: dict[str, str], project: Path) -> None:
    (project.parent / "joulebook.toml").write_text('region = "FR"\nsite = "far"\n')
    near = project / "pyproject.toml"
    near.write_text('[project]\nname = "x"\n\n[tool.joulebook]\nregion = "SE"\n[tool.other]\nregion = "DE"\n')
    found = load(env, str(project))
    assert (found.region, found.site) == ("SE", "")
    assert origins(found) == {"region": f"{near}:5"}
    (project / "joulebook.toml").write_text('region = "NO"\n')
    assert load(env, str(project)).region == "NO"


def test_pyproject_of_others_is_passed_by(env: dict[str, str], project: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\ndependencies = ["joulebook"]\n')
    (project.parent / "joulebook.toml").write_text('region = "FR"\n')
    assert load(env, str(project)).region == "FR"
    (project / "pyproject.toml").write_text('[tool]\njoulebook.region = "IT"\n')
    assert load(env, str(project)).region == "IT"
    (project / "pyproject.toml").write_text('[ tool . "joulebook" ]\nregion = "ES"\n')
    assert load(env, str(project)).region == "ES"


def test_every_variable_is_read(env: dict[str, str], project: Path) -> None:
    env |= {
        "JOULEBOOK_HOME": "book",
        "JOULEBOOK_REGION": " FR ",
        "JOULEBOOK_SITE": "lab",
        "JOULEBOOK_SENSORS": "rapl, ram_model",
        "JOULEBOOK_INTERVAL": "0.5",
        "JOULEBOOK_SHARE": "process",
        "JOULEBOOK_POWERCAP_ROOT": "/tree",
        "JOULEBOOK_PRICE": "0.18..0.34 EUR/kWh",
        "JOULEBOOK_BUDGET": "5 Wh",
        "JOULEBOOK_OFF": "1",
        "JOULEBOOK_RUN": "a3f9",
    }
    found = load(env, str(project))
    assert found[:11] == (
        str(project / "book"), "FR", "lab", ("rapl", "ram_model"), 0.5, "process", "/tree", "0.18..0.34 EUR/kWh", (),
        "5 Wh", True,
    )  # fmt: skip


def test_paths_start_from_where_they_are_written(env: dict[str, str], project: Path) -> None:
    (project.parent / "joulebook.toml").write_text('home = "../book"\npowercap_root = "~/tree"\n')
    found = load(env, str(project))
    assert found.home == str(project.parent.parent / "book")
    assert found.powercap_root == str(Path.home() / "tree")


BAD = [
    ("interval", "0.001", "seconds from 0.02 to 60"),
    ("interval", "61", "seconds from 0.02 to 60"),
    ("interval", "nan", "seconds from 0.02 to 60"),
    ("interval", "fast", "seconds from 0.02 to 60"),
    ("share", "mine", "machine, process or allocated"),
    ("sensors", "rapl,,nvml", "names of sensors"),
    ("sensors", "rapl,rapl", "names of sensors"),
    ("off", "maybe", "1 or 0"),
    ("price", "cheap", "USD/kWh"),
    ("price", "0.3", "USD/kWh"),
    ("price", "0.4..0.2 EUR/kWh", "USD/kWh"),
    ("price", "1..2..3 EUR/kWh", "USD/kWh"),
    ("price", "inf EUR/kWh", "USD/kWh"),
    ("price", "nan EUR/kWh", "USD/kWh"),
    ("price", "1e308 EUR/kWh", "USD/kWh"),
    ("price", "1 GBX/kWh", "EUR/MWh"),
    ("price", "1 kWh", "EUR/MWh"),
    ("region", "F\x07R", "name of a region"),
]


@pytest.mark.parametrize(("name", "value", "expected"), BAD)
def test_bad_variable_is_refused_or_skipped(
    name: str, value: str, expected: str, env: dict[str, str], project: Path
) -> None:
    env[f"JOULEBOOK_{name.upper()}"] = value
    env["JOULEBOOK_SITE"] = "lab"
    with pytest.raises(ConfigError, match=expected) as caught:
        load(env, str(project))
    assert f"{name} = {value!r} (from JOULEBOOK_{name.upper()})" in str(caught.value)
    found = load(env, str(project), lenient=True)
    assert found.problems == (str(caught.value),)
    assert found._replace(site="", origins={}, problems=()) == Settings()
    assert found.site == "lab"


@pytest.mark.parametrize(
    "line", ["interval = true", "interval = [1]", "sensors = 3", "sensors = []", "region = 5", "off = 2"]
)
def test_bad_line_of_a_file_is_named(line: str, env: dict[str, str], project: Path) -> None:
    file = project / "joulebook.toml"
    file.write_text(f"\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        load(env, str(project))
    assert f"(from {file}:2): expected" in str(caught.value)


def test_weaker_place_fills_in_for_a_bad_value(env: dict[str, str], project: Path) -> None:
    (project / "joulebook.toml").write_text("interval = 0.5\n")
    found = load(env | {"JOULEBOOK_INTERVAL": "0"}, str(project), lenient=True)
    assert found.interval == 0.5
    assert len(found.problems) == 1


def test_unknown_setting_lists_the_known_ones(env: dict[str, str], project: Path) -> None:
    (project / "joulebook.toml").write_text("intervall = 1\n")
    with pytest.raises(
        ConfigError, match=r"intervall = 1 .*joulebook.toml:1\): expected one of the settings home, reg"
    ):
        load(env, str(project))
    with pytest.raises(ConfigError, match="from --colour"):
        load(env, str(project.parent), {"colour": "red"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'region = "FR"\nshare = \n', ":2: not TOML"),
        (b"region = \xff\n", "not UTF-8"),
        (b"region = " + b"[" * 100_000, "not TOML"),
        (b'region = """never closed', "not TOML"),
    ],
)
@pytest.mark.parametrize("place", ["project", "user"])
def test_broken_file_is_named(content: bytes, reason: str, place: str, env: dict[str, str], project: Path) -> None:
    file = project / "joulebook.toml" if place == "project" else Path(user_file(env))
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(env, str(project))
    assert str(caught.value).startswith(str(file))
    assert reason in str(caught.value)
    found = load(env | {"JOULEBOOK_SITE": "lab"}, str(project), lenient=True)
    assert (found.site, len(found.problems)) == ("lab", 1)


def test_table_that_is_none_is_refused(env: dict[str, str], project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool]\njoulebook = 3\n")
    with pytest.raises(ConfigError, match="expected a table"):
        load(env, str(project))


def test_file_that_may_not_be_read(env: dict[str, str], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "joulebook.toml").write_text("")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert load(env, str(project), lenient=True).problems == (
        f"{project / 'joulebook.toml'}: Permission denied; make it readable or remove it",
    )


def test_folder_that_was_removed(env: dict[str, str], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    project.rmdir()
    assert load(env) == Settings()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    content=st.binary(max_size=200), values=st.dictionaries(st.sampled_from(Settings._fields[:9]), st.text(max_size=9))
)
def test_lenient_never_raises(content: bytes, values: dict[str, str], env: dict[str, str], project: Path) -> None:
    (project / "joulebook.toml").write_bytes(content)
    found = load(
        env | {f"JOULEBOOK_{name.upper()}": value for name, value in values.items()}, str(project), lenient=True
    )
    assert 0.02 <= found.interval <= 60
    assert found.share in ("machine", "process")


def test_user_file_follows_the_xdg_specification(env: dict[str, str]) -> None:
    if sys.platform != "linux":
        pytest.skip("XDG is for Linux")
    assert user_file(env) == f"{env['XDG_CONFIG_HOME']}/joulebook/config.toml"
    assert user_file({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}) == "/h/.config/joulebook/config.toml"


def test_write_user_keeps_comments_and_order(env: dict[str, str], project: Path) -> None:
    file = Path(user_file(env))
    file.write_text('# my machine\nregion = "DE"  # at home\n\n# slow disk\ninterval = 1\n')
    assert write_user("region", "FR", env) == str(file)
    write_user("sensors", "rapl, ram_model", env)
    write_user("interval", "0.5", env)
    text = file.read_text()
    assert text.startswith('# my machine\nregion = "FR"  # at home\n\n# slow disk\ninterval = 0.5\n')
    found = load(env, str(project))
    assert (found.region, found.sensors, found.interval) == ("FR", ("rapl", "ram_model"), 0.5)
    write_user("region", None, env)
    write_user("site", None, env)
    assert load(env, str(project)).region == ""
    assert list(file.parent.iterdir()) == [file]


def test_write_user_makes_the_file_and_follows_a_link(env: dict[str, str], tmp_path: Path) -> None:
    fresh = env | {"XDG_CONFIG_HOME": str(tmp_path / "new/config")}
    assert Path(write_user("off", "yes", fresh)).read_text() == "off = true\n"
    target = tmp_path / "dotfiles.toml"
    target.write_text("")
    Path(user_file(env)).symlink_to(target)
    assert write_user("site", "lab", env) == str(target)
    assert target.read_text() == 'site = "lab"\n'
    assert Path(user_file(env)).is_symlink()


def test_write_user_refuses_and_leaves_the_file_alone(env: dict[str, str]) -> None:
    file = Path(user_file(env))
    file.write_text("interval = 1\n")
    with pytest.raises(ConfigError, match="machine, process or allocated"):
        write_user("share", "all", env)
    for value in ("red", None):
        with pytest.raises(ConfigError, match="one of the settings"):
            write_user("colour", value, env)
    assert file.read_text() == "interval = 1\n"
    file.write_text("interval = \n")
    with pytest.raises(ConfigError, match=r"config\.toml:1: not TOML"):
        write_user("share", "machine", env)
    assert file.read_text() == "interval = \n"


def test_write_user_survives_a_failing_disk(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path(user_file(env))
    file.write_text("interval = 1\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device; make its folder writable or set JOULEBOOK_SITE"):
        write_user("site", "lab", env)
    assert file.read_text() == "interval = 1\n"
    assert list(file.parent.iterdir()) == [file]


def test_no_toml_library_is_loaded_without_a_file(env: dict[str, str], project: Path) -> None:
    code = "import sys; from joulebook.settings import load; load(); print({'tomllib', 'tomlkit', 'platformdirs'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
