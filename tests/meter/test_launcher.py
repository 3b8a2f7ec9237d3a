"""Which rank a process is: what launchers put into the environment, as their manuals say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.meter.ranks.launcher import UNNUMBERED, is_first, is_of_several, rank_here

BOOT, OTHER = "boot-a", "boot-b"
TORCHRUN = {
    "WORLD_SIZE": "4", "RANK": "{r}", "LOCAL_RANK": "{l}", "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "{n}",
    "MASTER_ADDR": "node0", "MASTER_PORT": "29500", "TORCHELASTIC_RUN_ID": "job-17", "TORCHELASTIC_RESTART_COUNT": "0",
}  # fmt: skip
STATIC = TORCHRUN | {"TORCHELASTIC_RUN_ID": "none"}
BY_HAND = {key: STATIC[key] for key in ("WORLD_SIZE", "RANK", "MASTER_ADDR", "MASTER_PORT")}
OPEN_MPI = {
    "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "{r}", "OMPI_COMM_WORLD_LOCAL_RANK": "{l}",
    "PMIX_NAMESPACE": "prterun-node0-71@1",
}  # fmt: skip
SLURM = {
    "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "{r}", "SLURM_LOCALID": "{l}", "SLURM_JOB_ID": "812",
    "SLURM_STEP_ID": "0", "SLURM_CLUSTER_NAME": "alps",
}  # fmt: skip
HOROVOD = {
    "HOROVOD_SIZE": "4", "HOROVOD_RANK": "{r}", "HOROVOD_LOCAL_RANK": "{l}",
    "PMIX_NAMESPACE": "prterun-node0-71@1",
}  # fmt: skip
RAY = BY_HAND | {"RAY_JOB_ID": "01000000", "LOCAL_RANK": "{l}"}
ON_MANY = {
    "torchrun": TORCHRUN, "static": STATIC, "by hand": BY_HAND, "open mpi": OPEN_MPI, "slurm": SLURM,
    "horovod": HOROVOD, "ray": RAY, "named": BY_HAND | {"JOULEBOOK_GROUP": "mine", "MASTER_ADDR": "host-of-{n}"},
}  # fmt: skip


def of(variables, rank, boot=BOOT, parent="100 7"):
    """The rank that this process finds; two ranks on a node."""
    return rank_here(environment(variables, rank), boot, lambda: parent)


def environment(variables, rank):
    words = {"r": rank, "l": rank % 2, "n": rank // 2}
    return {key: value.format(**words) for key, value in variables.items()}


@pytest.mark.parametrize("variables", ON_MANY.values(), ids=ON_MANY)
def test_one_rank_of_each_launch_tells_people_something(variables):
    assert [is_first(environment(variables, rank)) for rank in range(4)] == [True, False, False, False]
    assert all(is_of_several(environment(variables, rank)) for rank in range(4))


def test_a_process_alone_is_the_first_and_only_one():
    for variables in ({}, {"WORLD_SIZE": "1", "RANK": "0"}, {"SLURM_STEP_NUM_TASKS": ""}):
        assert is_first(variables)
        assert not is_of_several(variables)


@pytest.mark.parametrize("variables", ON_MANY.values(), ids=ON_MANY)
def test_ranks_of_one_launch_find_the_same_group_on_every_node(variables):
    found = [of(variables, rank, BOOT if rank < 2 else OTHER, f"{rank} 1") for rank in range(4)]
    assert [one.rank for one in found] == [0, 1, 2, 3]
    assert {one.of for one in found} == {4}
    assert len({one.group for one in found}) == 1
    assert len(found[0].group) == 12


@pytest.mark.parametrize(
    ("variables", "name", "value"),
    [
        (TORCHRUN, "TORCHELASTIC_RUN_ID", "job-18"),
        (STATIC, "MASTER_PORT", "29501"),
        (BY_HAND, "MASTER_ADDR", "node7"),
        (OPEN_MPI, "PMIX_NAMESPACE", "prterun-node0-72@1"),
        (SLURM, "SLURM_STEP_ID", "1"),
        (SLURM, "SLURM_JOB_ID", "813"),
        (SLURM, "SLURM_CLUSTER_NAME", "daint"),
        (RAY, "RAY_JOB_ID", "02000000"),
    ],
)
def test_another_launch_is_another_group(variables, name, value):
    assert of(variables, 0).group != of(variables | {name: value}, 0).group


def test_all_ranks_on_one_node_are_not_those_of_another_node_with_the_same_address():
    here = STATIC | {"LOCAL_WORLD_SIZE": "4", "MASTER_ADDR": "127.0.0.1"}
    assert of(here, 0).group == of(here, 3, parent="200 9").group
    assert of(here, 0).group != of(here, 0, OTHER).group


def test_without_any_name_the_parent_tells_launches_apart():
    bare = {"PMI_SIZE": "4", "PMI_RANK": "{r}"}
    assert of(bare, 0).group == of(bare, 1).group
    assert of(bare, 0).group != of(bare, 0, parent="100 8").group


def test_torchrun_inside_a_step_of_slurm_is_numbered_by_torchrun():
    both = SLURM | STATIC
    assert of(both, 3).launcher == "torch"
    assert len({of(both, rank, BOOT if rank < 2 else OTHER).group for rank in range(4)}) == 1
    assert of(both, 0).group != of(both | {"SLURM_JOB_ID": "900"}, 0).group


def test_a_restart_is_another_attempt_of_the_same_group():
    again = of(TORCHRUN | {"TORCHELASTIC_RESTART_COUNT": "2"}, 1)
    assert (again.attempt, again.group) == (2, of(TORCHRUN, 1).group)
    requeued = of(SLURM | {"SLURM_RESTART_COUNT": "1"}, 0)
    assert (requeued.attempt, requeued.group) == (1, of(SLURM, 0).group)


def test_a_name_is_enough():
    found = of({"JOULEBOOK_GROUP": "mine"}, 0)
    assert (found.rank, found.of) == (UNNUMBERED, 0)
    assert found.group == of(ON_MANY["named"], 3).group


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"WORLD_SIZE": "1", "RANK": "0"},
        {"WORLD_SIZE": "4"},
        {"WORLD_SIZE": "4", "RANK": "4"},
        {"WORLD_SIZE": "four", "RANK": "0"},
        {"WORLD_SIZE": "4", "RANK": "-1"},
        {"SLURM_JOB_ID": "812", "SLURM_PROCID": "0", "SLURM_NTASKS": "8"},  # a batch script, not a step of eight
        {"SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "SLURM_JOB_ID": "812"},
    ],
)
def test_one_process_is_no_rank(variables):
    assert of(variables, 0) is None


@given(st.dictionaries(st.sampled_from(sorted({*TORCHRUN, *OPEN_MPI, *SLURM, *HOROVOD})), st.text(max_size=9)))
def test_nonsense_never_raises(variables):
    rank_here(variables, BOOT, lambda: "1 1")
