"""The fake powercap tree: its files say what its zones used."""

from __future__ import annotations

from joulebook.sensors.base import boottime_ns
from joulebook.testing.powercap import TWO_SOCKETS, write_powercap_tree


def energy(tree, zone):
    return int((tree.folder(zone) / "energy_uj").read_text())


def test_energy_grows_with_power_and_wraps(tmp_path):
    with write_powercap_tree(tmp_path) as tree:
        package, core, dram = TWO_SOCKETS[:3]
        tree.advance(1.0)
        assert energy(tree, package) == 94_671_150
        assert energy(tree, core) == 60_000_000
        assert energy(tree, dram) == tree.true_uj(dram) == 12_000_000


def test_files_keep_inode_and_length(tmp_path):
    with write_powercap_tree(tmp_path) as tree:
        path = tree.folder(TWO_SOCKETS[0]) / "energy_uj"
        before = path.stat()
        tree.advance(1.0)
        after = path.stat()
        assert (before.st_ino, before.st_size) == (after.st_ino, after.st_size)


def test_running_tree_follows_real_time(tmp_path):
    with write_powercap_tree(tmp_path) as tree:
        package = TWO_SOCKETS[0]
        before = boottime_ns()
        with tree.running():
            first = tree.true_uj(package)
            while tree.true_uj(package) == first:
                pass
        passed = (boottime_ns() - before) / 1e9
        assert 0 < tree.true_uj(package) <= passed * package.watts * 1e6
        stopped = tree.true_uj(package)
        tree.show()
        assert tree.true_uj(package) == stopped
