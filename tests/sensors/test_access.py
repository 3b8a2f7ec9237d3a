"""What keeps an energy counter closed, on fake trees and for users with other groups than this process."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from joulebook.meter.sources import SourceReport
from joulebook.report.fixing import as_dict, lines, script
from joulebook.sensors.access import BY_HAND, DO, ELSEWHERE, NEVER, WAITS, WORKS, Place, findings
from joulebook.sensors.permissions import User, mounted_over, this_user
from joulebook.testing.powercap import LAYOUTS, write_powercap_tree

RAPL = SourceReport("rapl", "denied", "intel-rapl:0 (package-0): Permission denied", "remedy")
PERF = SourceReport("rapl_perf", "denied", "energy-pkg: Permission denied (kernel.perf_event_paranoid is 4)", "remedy")
NVML = SourceReport("nvml", "denied", "Insufficient Permissions", "give access")
STRANGER = User("alice", frozenset(), frozenset())


@pytest.fixture
def pretend(monkeypatch):
    """Lets `os.access` answer for a user who owns nothing and has these groups; tests may run as root."""

    def with_groups(*groups):
        def access(path, mode):
            try:
                found = Path(path).stat()
            except OSError:
                return False
            granted = found.st_mode | (found.st_mode >> 3 if found.st_gid in groups else 0)
            return granted & mode == mode

        monkeypatch.setattr(os, "access", access)

    with_groups()
    return with_groups


@pytest.fixture
def powercap(tmp_path):
    """A tree at its usual place below a root, its counters with this mode; returns the root."""

    def make(mode=0o400, layout="links"):
        with write_powercap_tree(tmp_path / "sys/class/powercap", layout=layout) as tree:
            for zone in tree.zones:
                (tree.folder(zone) / "energy_uj").chmod(mode)
        return str(tmp_path)

    return make


def rapl(place, report=RAPL):
    (found,) = findings([report], place)
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_counters_of_root_are_opened_to_a_group_by_a_rule(powercap, pretend, layout):
    found = rapl(Place(STRANGER, root=powercap(layout=layout)))
    assert (found.state, found.needs_group) == (DO, True)
    assert "-r--------" in found.why
    assert "and 3 more" in found.why
    assert "CVE-2020-8694" in found.gives
    assert found.commands[0] == "give energy g+r /sys/class/powercap/intel-rapl*:*/energy_uj"
    assert 'RUN+="/bin/chgrp energy /sys%p/energy_uj"' in found.rules[0]


def test_a_group_that_was_given_works_from_the_next_login_on(powercap, pretend):
    root = powercap(0o440)
    gid = Path(f"{root}/sys/class/powercap/intel-rapl:0/energy_uj").stat().st_gid
    found = rapl(Place(User("alice", frozenset(), frozenset({gid})), root=root))
    assert found.state == WAITS
    assert "alice is in the group" in found.why
    assert "next login" in found.why
    pretend(gid)
    assert rapl(Place(User("alice", frozenset({gid}), frozenset({gid})), root=root)).state == WORKS


def test_a_rule_that_did_not_take_effect_is_said(powercap, pretend, tmp_path):
    root = powercap()
    rules = tmp_path / "etc/udev/rules.d/70-joulebook.rules"
    rules.parent.mkdir(parents=True)
    rules.touch()
    assert "run the script again" in rapl(Place(STRANGER, root=root)).why


@pytest.mark.parametrize(
    ("runtime", "word"),
    [
        ("docker", "docker run -v"),
        ("podman", "podman run -v"),
        ("kubernetes", "hostPath"),
        ("apptainer", "on the host"),
    ],
)
def test_inside_a_container_nothing_is_changed_but_its_start_is_named(powercap, pretend, runtime, word):
    found = rapl(Place(STRANGER, container=runtime, root=powercap()))
    assert found.state == ELSEWHERE
    assert word in found.commands[0]
    assert "nothing here for root" in script([found], STRANGER)


def test_a_tree_that_the_runtime_hides_is_told_by_its_mount_or_its_broken_links(tmp_path, pretend):
    mounts = tmp_path / "proc/self/mountinfo"
    mounts.parent.mkdir(parents=True)
    mounts.write_text("40 30 0:55 / /sys/devices/virtual/powercap ro,relatime - tmpfs tmpfs ro,size=0k\n")
    found = rapl(Place(STRANGER, root=str(tmp_path)))
    assert (found.state, "tmpfs lies over /sys/devices/virtual/powercap" in found.why) == (ELSEWHERE, True)
    mounts.unlink()
    folder = tmp_path / "sys/class/powercap"
    folder.mkdir(parents=True)
    (folder / "intel-rapl:0").symlink_to("../../devices/virtual/powercap/intel-rapl/intel-rapl:0")
    assert rapl(Place(STRANGER, root=str(tmp_path))).state == ELSEWHERE


def test_mounts_are_read_from_their_last_field_on():
    text = (
        "1 2 0:5 / /sys rw shared:1 - sysfs sysfs rw\n3 1 0:9 / /sys/x ro shared:2 master:1 - tmpfs none ro\nx\n - \n"
    )
    assert (mounted_over(text, "/sys/x"), mounted_over(text, "/sys"), mounted_over(text, "/")) == ("tmpfs", "sysfs", "")


def test_without_a_zone_the_driver_or_the_host_is_named(tmp_path, pretend):
    absent = SourceReport("rapl", "unavailable", "no zone", "load it")
    assert rapl(Place(STRANGER, virtual=True, root=str(tmp_path)), absent).state == NEVER
    assert rapl(Place(STRANGER, machine="aarch64", root=str(tmp_path)), absent).state == NEVER
    found = rapl(Place(STRANGER, machine="x86_64", root=str(tmp_path)), absent)
    assert found.state == DO
    assert "modprobe intel_rapl_msr" in found.commands[0]
    assert found.rules


def test_another_tree_is_opened_by_whoever_made_it(powercap, pretend):
    root = powercap()
    assert rapl(Place(STRANGER, powercap_root=f"{root}/sys/class/powercap")).state == NEVER


def test_one_way_to_the_counters_is_enough(powercap, pretend, tmp_path):
    found = findings([RAPL, PERF], Place(STRANGER, root=powercap()))
    assert [one.source for one in found] == ["rapl"]
    absent = SourceReport("rapl", "unavailable", "no zone", "")
    virtual = findings(
        [absent, PERF], Place(STRANGER, virtual=True, root=str(tmp_path / "none"), python="/v/bin/python")
    )
    assert [(one.source, one.state) for one in virtual] == [("rapl", NEVER), ("rapl_perf", DO)]
    assert "setcap cap_perfmon+ep /v/bin/python-energy" in virtual[1].commands
    inside = findings([PERF], Place(STRANGER, container="docker", root=str(tmp_path)))
    assert (inside[0].state, inside[0].commands) == (ELSEWHERE, ("docker run --cap-add PERFMON ...",))


def test_nodes_of_gpus_are_opened_by_their_own_group(tmp_path, pretend, monkeypatch):
    node = tmp_path / "dev/nvidia0"
    node.parent.mkdir()
    node.touch()
    node.chmod(0o660)
    monkeypatch.setattr("joulebook.sensors.access.group_of", lambda _: "video")
    (found,) = findings([NVML], Place(STRANGER, root=str(tmp_path)))
    assert (found.state, found.commands) == (DO, ('gpasswd -a "$user" video',))
    (inside,) = findings([NVML], Place(STRANGER, container="docker", root=str(tmp_path)))
    assert inside.commands == ("docker run --gpus all ...",)
    gid = node.stat().st_gid
    (waits,) = findings([NVML], Place(User("alice", frozenset(), frozenset({gid})), root=str(tmp_path)))
    assert waits.state == WAITS
    node.chmod(0o600)
    (never,) = findings([NVML], Place(STRANGER, root=str(tmp_path)))
    assert (never.state, never.commands) == (BY_HAND, ("give access",))


def test_sockets_of_amd_have_a_rule_of_their_own(tmp_path, pretend):
    for number, name in enumerate(("nvme", "amd_energy")):
        folder = tmp_path / f"sys/class/hwmon/hwmon{number}"
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n")
    report = SourceReport("hwmon", "denied", "amd_energy Esocket0: Permission denied", "sudo chmod a+r ...")
    (found,) = findings([report], Place(STRANGER, root=str(tmp_path)))
    assert found.commands[0] == "give energy g+r /sys/class/hwmon/hwmon1/energy*_input"
    assert found.rules


def test_a_board_controller_is_never_opened():
    (found,) = findings([SourceReport("ipmi", "denied", "/dev/ipmi0: Permission denied", "")], Place(STRANGER))
    assert (found.state, found.commands) == (NEVER, ())
    assert "controls the board" in found.why


def test_script_is_short_posix_and_quotes_whoever_asks(powercap, pretend, tmp_path):
    evil = User("a'; rm -rf ~ #\nx", frozenset(), frozenset())
    text = script(findings([RAPL], Place(evil, root=powercap())), evil)
    (tmp_path / "fix.sh").write_text(text)
    assert os.system(f"sh -n {tmp_path}/fix.sh") == 0
    assert len(text.splitlines()) < 200
    assert "user='a'\"'\"'; rm -rf ~ #\nx'\n" in text
    assert "\nx\n" not in text.replace("user='a'\"'\"'; rm -rf ~ #\nx'\n", "")
    assert text.count("give root g-r") == 1


def test_what_is_said_names_state_step_and_price(powercap, pretend):
    found = findings([RAPL], Place(STRANGER, root=powercap()))
    said = "\n".join(lines(found))
    assert "joulebook doctor --fix > fix.sh ; sudo sh fix.sh" in said
    assert "gives away: who is in the group energy" in said
    assert lines([]) == ["there is no source here that a permission keeps closed"]
    assert as_dict(found, STRANGER)["user"] == "alice"


def test_sources_that_work_or_are_not_there_need_nothing():
    used = SourceReport("nvml", "used", "H100")
    reports = [used, SourceReport("cpu_model", "used", "model"), SourceReport("amdgpu", "unavailable", "none", "x")]
    found = findings(reports, Place(STRANGER, root="/nowhere"))
    assert [(one.source, one.state) for one in found] == [("nvml", WORKS)]
    assert script(found, STRANGER) == "#!/bin/sh\n# nothing here for root to do\n"


def test_this_user_has_a_name_and_its_groups():
    user = this_user()
    assert user.name
    assert os.getegid() in user.active <= user.granted
    assert stat.S_IRGRP == 0o040
