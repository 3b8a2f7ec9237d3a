"""`joulebook estimate train`: a training by its size, on the command line."""

import json

import pytest

LLAMA = ["--params", "65e9", "--tokens", "1.4e12", "--device", "A100-SXM4-80GB", "--count", "2048"]


def test_a_training_by_its_size(joulebook):
    done = joulebook("estimate", "train", *LLAMA, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["status"] == "estimated"
    assert told["device_hours"]["low"] < 1_022_362 < told["device_hours"]["high"]
    assert {"duration", "energy", "carbon", "cost"} <= told["sensitivity"].keys()
    assert all(item["source"] for item in told["assumptions"])
    assert {line["device"] for line in told["lines"] if line["kind"] == "it_energy"} > {"2048 x NVIDIA A100 SXM4 80GB"}


def test_fine_tuning_shows_its_alternatives(joulebook):
    done = joulebook(
        "estimate", "train", "--device", "H100", "--from-base", "8B", "--tokens", "100M", "--lora", "--json"
    )
    assert [one["name"] for one in json.loads(done.stdout)["alternatives"]][-1] == "reuse as it is"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--device", "H1000", "--params", "7B", "--tokens", "1T"], 4, "h100"),
        (["--device", "H100", "--params", "7B"], 2, "tokens"),
        (["--device", "H100", "--params", "7B", "--tokens", "1T", "--hours", "1"], 2, "above 1"),
        (["--device", "H100", "--params", "7B", "--tokens", "1T", "--precision", "int3"], 2, "bf16"),
    ],
)
def test_what_is_wrong_is_told(joulebook, words, code, says):
    done = joulebook("estimate", "train", *words)
    assert (done.returncode, says in done.stderr.decode()) == (code, True), done.stderr
