"""Where a process stands on its machine, from fake trees of /proc, /sys and /run and from environments."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.sensors.context import (
    Context,
    Limit,
    count_listed,
    parse_cgroups,
    parse_job,
    parse_quota,
    read_context,
    runtime_of,
)

GIB = 2**30
POD = "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-9f.scope"


@pytest.fixture
def tree(tmp_path):
    """Writes files below a root: {"sys/fs/cgroup/cpu.max": "max 100000"}; returns the root."""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return str(tmp_path)

    return write


def context(root, cpus=64, memory=256 * GIB, **environ):
    return read_context(cpus, memory, environ, root)


# -- limits ----------------------------------------------------------------------------------------------------


def test_smallest_limit_of_the_whole_chain_counts(tree):
    root = tree(
        {
            "proc/self/cgroup": "0::/a/b/c\n",
            "sys/fs/cgroup/a/cpu.max": "3200000 100000\n",
            "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n",
            "sys/fs/cgroup/a/b/c/cpu.max": "max 100000\n",
            "sys/fs/cgroup/a/memory.max": f"{16 * GIB}\n",
            "sys/fs/cgroup/a/b/memory.max": "max\n",
            "sys/fs/cgroup/a/b/c/memory.max": f"{64 * GIB}\n",
        }
    )
    found = context(root)
    assert (found.cpus.amount, found.cpus.by) == (4, "cpu.max")
    assert (found.memory.amount, found.memory.by) == (16 * GIB, "memory.max")
    assert found.is_part


@pytest.mark.parametrize(
    ("path", "cpus", "memory", "cpuset"),
    [
        ("/job_7/step_0", "job_7", "job_7", "job_7"),  # the hierarchy as the host sees it
        ("/docker/9f2c", "", "", ""),  # the host's path in a container's own mounts: the root is what there is
    ],
)
def test_version_1(tree, path, cpus, memory, cpuset):
    root = tree(
        {
            "proc/self/cgroup": f"12:cpuset:{path}\n4:memory:{path}\n3:cpu,cpuacct:{path}\n1:name=systemd:{path}\n",
            f"sys/fs/cgroup/cpu/{cpus}/cpu.cfs_quota_us": "250000\n",
            f"sys/fs/cgroup/cpu/{cpus}/cpu.cfs_period_us": "100000\n",
            f"sys/fs/cgroup/cpuset/{cpuset}/cpuset.effective_cpus": "0-3,32-35\n",
            f"sys/fs/cgroup/memory/{memory}/memory.limit_in_bytes": "4294967296\n",
        }
    )
    found = context(root)
    assert (found.cpus.amount, found.cpus.by) == (2.5, "cpu.cfs_quota_us")
    assert (found.memory.amount, found.memory.by) == (4 * GIB, "memory.limit_in_bytes")


def test_set_is_that_of_the_outermost_level_that_has_it(tree):
    sets = {"": "0-63", "slurm": "0-63", "slurm/job_1": "0-7", "slurm/job_1/step_0": "0-7"}
    files = {f"sys/fs/cgroup/{level}/cpuset.cpus.effective": f"{cpus}\n" for level, cpus in sets.items()}
    root = tree({"proc/self/cgroup": "0::/slurm/job_1/step_0\n"} | files)
    one = context(root)
    (tree({"proc/self/cgroup": "0::/slurm/job_1\n"}))
    assert one.cpus == context(root).cpus
    assert (one.cpus.amount, one.cpus.by) == (8, "cpuset.cpus.effective")
    assert one.cpus.holder


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpuset.cpus.effective": "0-63\n"},
        {"proc/self/cgroup": "0::/x\n", "sys/fs/cgroup/x/cpu.max": "max 100000\n", "sys/fs/cgroup/x/memory.max": "max"},
        {"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"},
        {"proc/self/cgroup": "3:cpu:/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n"},
        {"proc/self/cgroup": "0::/x\n", "sys/fs/cgroup/x/cpu.max": "12800000 100000\n"},  # more than the machine has
    ],
)
def test_no_limit_is_none(tree, files):
    found = context(tree(files))
    assert (found.cpus, found.memory, found.is_part) == (Limit(), Limit(), False)
    assert not {"cpus", "memory_bytes", "holder"} & found.head().keys()


@given(st.data())
def test_hostile_text_is_never_a_limit_below_zero_and_never_raises(data):
    text = data.draw(st.text(max_size=60) | st.from_regex(r"[0-9,\- ]{0,30}"))
    assert parse_quota(text) >= 0
    assert count_listed(text) >= 0
    assert all(not part.startswith("/") and ".." not in part.split("/") for part in parse_cgroups(text).values())
    assert isinstance(parse_job({"SLURM_JOB_ID": text, "PBS_JOBID": text}), dict)


@given(st.sets(st.integers(0, 300), min_size=1))
def test_lists_of_processors_are_counted(numbers):
    parts = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    text = ",".join(f"{a}-{b}" if a != b else str(a) for a, b in parts)
    assert count_listed(text + "\n") == len(numbers)


def test_hostile_trees_do_no_harm(tree, tmp_path):
    noise = random.Random(7).randbytes(70_000)
    root = tree({"proc/self/cgroup": "0::/../../etc/" + "a/" * 3_000 + "\n:::\n0::\n1:x\n", "run/x": ""})
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cpu.max").write_bytes(noise)
    (tmp_path / "sys/fs/cgroup/memory.max").mkdir()
    (tmp_path / "run/.containerenv").write_bytes(noise)
    os.mkfifo(tmp_path / "sys/fs/cgroup/cpuset.cpus.effective")  # nobody writes: opening it must not wait
    found = context(root, HOSTNAME="x\x1b[2J", KUBERNETES_SERVICE_HOST="1", SLURM_JOB_ID="1\n2")
    assert (found.cpus, found.memory, found.job) == (Limit(), Limit(), {})
    assert "pod" not in found.kubernetes


# -- containers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "environ", "container"),
    [
        ({".dockerenv": ""}, {}, "docker"),
        ({"run/.containerenv": "engine=podman"}, {}, "podman"),
        ({}, {"container": "podman"}, "podman"),
        ({"run/systemd/container": "systemd-nspawn"}, {}, "systemd-nspawn"),
        ({}, {"container": "lxc"}, "lxc"),
        ({"proc/1/cgroup": "0::/lxc.payload.web\n"}, {}, "lxc"),
        ({"proc/self/cgroup": f"0::/{POD}\n"}, {}, "kubernetes"),
        ({".dockerenv": ""}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({"proc/self/cgroup": "3:cpu:/docker/9f2c\n"}, {}, "docker"),
        ({"proc/self/cgroup": "0::/user.slice/user-1000.slice/libpod-9f.scope\n"}, {}, "podman"),
        ({}, {"APPTAINER_NAME": "torch.sif"}, "apptainer"),
        ({}, {"SINGULARITY_NAME": "torch.sif"}, "singularity"),
        ({"proc/self/cgroup": "0::/user.slice/user-1000.slice/session-2.scope\n"}, {}, ""),
        ({"proc/self/cgroup": "0::/system.slice/slurmstepd.scope/job_7/step_0\n"}, {}, ""),
    ],
)
def test_runtime_is_told_by_its_usual_marks(tree, files, environ, container):
    assert context(tree(files), **environ).container == container


def test_marks_of_an_image_that_runs_as_a_virtual_machine_are_not_believed(tree, tmp_path, monkeypatch):
    inodes = {"ipc": 0xEFFFFFFF, "uts": 0xEFFFFFFE, "pid": 0xEFFFFFFC}
    root, real = tree({".dockerenv": "", "proc/self/cgroup": "0::/\n"}), os.stat

    def stat(path, **options):
        name = str(path).rpartition("/proc/self/ns/")[2]
        return os.stat_result((0, inodes[name], *[0] * 8)) if name in inodes else real(path, **options)

    monkeypatch.setattr(os, "stat", stat)
    assert context(root).container == ""
    inodes["pid"] = 4026532301
    assert context(root).container == "docker"


def test_lxcfs_hides_the_machine_and_that_is_seen(tree):
    root = tree(
        {
            "proc/1/cgroup": "0::/lxc.payload.web\n",
            "proc/self/cgroup": "0::/\n",
            "proc/self/mountinfo": "36 25 0:30 / /proc/stat rw - fuse.lxcfs lxcfs rw\n",
            "sys/devices/system/cpu/present": "0-63\n",
            "sys/fs/cgroup/cpuset.cpus.effective": "0-3\n",
        }
    )
    found = context(root, cpus=4)
    assert (found.lxcfs, found.machine_cpus, found.cpus.amount) == (True, 64, 4)


# -- clusters --------------------------------------------------------------------------------------------------


def test_kubernetes_says_namespace_pod_and_node(tree):
    root = tree({"var/run/secrets/kubernetes.io/serviceaccount/namespace": "vision\n"})
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "train-7f9c-x2", "NODE_NAME": "gpu-3.example"}
    assert context(root, **environ).kubernetes == {
        "namespace": "vision",
        "pod": "train-7f9c-x2",
        "node": "gpu-3.example",
    }
    del environ["KUBERNETES_SERVICE_HOST"]
    assert context(root, **environ).kubernetes == {}


SLURM = {
    "SLURM_JOB_ID": "1234",
    "SLURM_STEP_ID": "0",
    "SLURM_CLUSTER_NAME": "alps",
    "SLURM_JOB_PARTITION": "gpu",
    "SLURM_JOB_NODELIST": "node[01-02]",
    "SLURM_NODEID": "1",
    "SLURM_CPUS_ON_NODE": "16",
    "SLURM_JOB_GPUS": "0,1",
    "SLURM_JOB_ACCOUNT": "somebody",
}


def test_slurm_job_and_its_part_of_the_node(tree):
    found = context(tree({}), **SLURM)
    assert found.job == {
        "scheduler": "slurm",
        "id": "1234",
        "step": "0",
        "cluster": "alps",
        "partition": "gpu",
        "nodes": "node[01-02]",
        "node": "1",
        "cpus": "16",
        "gpus": "0,1",
    }
    assert found.cpus == Limit(16, "Slurm", "slurm 1234")
    assert (found.job_id, found.head()["cpus"], found.head()["machine_cpus"]) == ("1234", 16, 64)
    array = context(tree({}), **SLURM, SLURM_ARRAY_JOB_ID="1200", SLURM_ARRAY_TASK_ID="7")
    assert array.job_id == "1200_7"


@pytest.mark.parametrize(
    ("environ", "scheduler", "job"),
    [
        ({"PBS_JOBID": "77.head", "PBS_QUEUE": "long"}, "pbs", "77.head"),
        ({"LSB_JOBID": "88", "LSB_JOBINDEX": "0"}, "lsf", "88"),
        ({"JOB_ID": "99", "SGE_ROOT": "/opt/sge", "SGE_TASK_ID": "undefined"}, "sge", "99"),
    ],
)
def test_other_schedulers(environ, scheduler, job):
    found = Context(job=parse_job(environ))
    assert (found.job["scheduler"], found.job_id) == (scheduler, job)


@pytest.mark.parametrize("environ", [{}, {"JOB_ID": "build 7"}, {"JOB_ID": "7"}, {"SLURM_JOB_ID": ""}])
def test_no_job(environ):
    assert parse_job(environ) == {}


def test_nothing_is_kept_that_names_a_path_or_an_account(tree):
    root = tree({"proc/self/cgroup": f"0::/{POD}\n", f"sys/fs/cgroup/{POD}/cpu.max": "200000 100000\n"})
    kept = str(context(root, **SLURM).head())
    assert "kubepods" not in kept
    assert "somebody" not in kept


def test_runtime_of_nothing():
    assert runtime_of({}) == ""


def test_this_process_has_a_context():
    found = read_context(os.cpu_count() or 1, 64 * GIB)
    assert found.affinity >= 1
    assert found.cpus.amount <= (os.cpu_count() or 1)
