"""What differs between the heads of two journals."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.configuration import Difference, differences, hardware, sharing

HEAD = {
    "argv": ["python", "train.py", "--name", "a b"],
    "cwd": "/home/you",
    "host": "node1",
    "python": "3.12.1",
    "joulebook": "0.1.0",
    "region": "",
    "share": "machine",
    "interval_s": 0.1,
    "pid": 17,
    "boot_ns": 99,
    "labels": {},
    "config": {"lr": 0.1, "model": {"layers": 12, "name": "bert"}},
    "environment": {"OMP_NUM_THREADS": "4"},
    "sensors": [{"name": "rapl", "status": "denied"}, {"name": "cpu_model", "status": "used"}],
}


def test_the_same_head_has_no_differences_and_ids_and_clocks_are_none():
    assert differences(HEAD, HEAD | {"pid": 18, "boot_ns": 100, "run": "other"}) == []


def test_nested_keys_lists_and_missing_values_are_named():
    other = HEAD | {
        "argv": ["python", "train.py"],
        "config": {"lr": 0.2, "model": {"layers": 12}, "tags": ["x"]},
        "environment": {},
        "sensors": [{"name": "rapl", "status": "used"}],
    }
    assert differences(HEAD, other) == [
        Difference("command", "python train.py --name 'a b'", "python train.py"),
        Difference("sensors", "cpu_model", "rapl"),
        Difference("config.lr", "0.1", "0.2"),
        Difference("config.model.name", "bert", None),
        Difference("environment.OMP_NUM_THREADS", "4", None),
        Difference("config.tags", None, '["x"]'),
    ]


def test_two_masked_secrets_are_named_because_they_may_differ():
    one = {"config": {"api_key": "***(32)", "lr": 1}}
    assert [(item.key, item.a, item.note[:14]) for item in differences(one, one)] == [
        ("config.api_key", "***(32)", "masked in both")
    ]
    assert differences(one, {"config": {"api_key": "***(40)", "lr": 1}})[0].note == ""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from(sorted(HEAD)), json_values),
    st.dictionaries(st.sampled_from(sorted(HEAD)), json_values),
)
def test_no_head_is_too_odd(left, right):
    there, back = differences(left, right), differences(right, left)
    assert {(item.key, item.a, item.b) for item in there} == {(item.key, item.b, item.a) for item in back}
    assert [item for item in differences(left, left) if not item.note] == []


def test_hardware_in_words():
    gpus = [{"kind": "gpu", "name": f"NVIDIA H100 80GB HBM3 GPU-{at}a2b3c4d"} for at in range(2)]
    slice_ = {"kind": "gpu", "name": "NVIDIA A100 GPU-1a2b3c4d MIG-5e6f7081"}
    inner = {"kind": "gpu", "name": "memory", "within": "GPU-1"}
    machine = {"cpu": "AMD EPYC 7763", "threads": 128, "memory_bytes": 2**40, "virtual": True}
    assert hardware(
        {"hardware": machine, "channels": [*gpus, slice_, inner, {"kind": "cpu", "name": "package-0"}]}
    ) == (
        "128 threads of AMD EPYC 7763 (virtual machine)",
        "1024 GiB of memory",
        "2 x NVIDIA H100 80GB HBM3",
        "1 x NVIDIA A100",
    )
    assert hardware({}) == ()
    assert hardware({"hardware": {"cpu": "", "threads": 1}}) == ("1 thread of an unnamed processor",)


@given(json_values, json_values)
def test_no_hardware_is_too_odd(machine, channels):
    assert all(isinstance(text, str) for text in hardware({"hardware": machine, "channels": channels}))
    assert hardware({"hardware": {"cpu": "\ud800", "threads": 2}})[0].isascii()


PART = {"container": "docker", "cpus": 4, "cpus_by": "cpu.max", "machine_cpus": 64, "holder": "1d.7"}


def test_a_slice_that_is_booked_the_whole_machine_is_warned_of():
    (said,) = sharing({"share": "machine", "context": PART})
    assert said == "it had 4 of 64 CPUs (cpu.max), and is booked the whole machine: see --share"
    assert sharing({"share": "process", "context": PART}) == []
    assert sharing({"share": "allocated", "context": PART}) == []
    assert sharing({"share": "machine", "context": {"container": "docker"}}) == []
    assert sharing({"share": "machine"}) == []


def test_what_cannot_be_shared_as_asked_is_said():
    assert "nothing limits its CPUs" in sharing({"share": "allocated", "context": {}})[0]
    assert "lxcfs" in sharing({"share": "process", "context": {"lxcfs": True}})[0]


def test_machine_in_words_has_what_was_allotted():
    memory = {"memory_bytes": 16 * 2**30, "machine_memory_bytes": 256 * 2**30}
    words = hardware({"hardware": {"cpu": "AMD EPYC 7763", "threads": 64}, "context": PART | memory})
    assert words[1:] == ("in a container (docker)", "4 of 64 CPUs allotted", "16 of 256 GiB allotted")


@given(
    st.dictionaries(st.sampled_from(sorted(PART)), st.none() | st.integers() | st.floats() | st.text() | st.just([]))
)
def test_any_context_is_read(context):
    for share in ("machine", "process", "allocated", 3):
        assert all(isinstance(text, str) for text in sharing({"share": share, "context": context}))
    assert all(isinstance(text, str) for text in hardware({"context": context}))


def test_what_was_allotted_differs_and_who_holds_it_does_not():
    other = PART | {"cpus": 8, "holder": "1d.9"}
    (found,) = differences({"context": PART}, {"context": other})
    assert (found.key, found.a, found.b) == ("context.cpus", "4", "8")
