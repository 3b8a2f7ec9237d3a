import json
import random
import string
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.ledger.journal import Journal
from joulebook.ledger.redact import (
    ENVIRONMENT,
    LONGEST,
    is_secret_name,
    mask_argv,
    mask_config,
    mask_environment,
    mask_text,
)

J = "".join  # tokens are joined from parts, so that no scanner takes this table for a leak

KNOWN = [
    J(["ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"]),
    J(["gho", "_16C7e42F292c6912E7710c838347Ae178B4a"]),
    J(["github", "_pat_11ABCDEFG0abcdefghij_klmnopqrstuvwxyzABCDEFGHIJ0123456789"]),
    J(["glpat", "-AbCdEfGh1jKlMnOpQrSt"]),
    J(["sk", "-proj-T3BlbkFJabcdefghijklmnop1234567890"]),
    J(["sk", "-ant-api03-abcDEF123456_ghiJKL-7890mnop"]),
    J(["sk", "_live_4eC39HqLyjWDarjtT1zdp7dc"]),
    J(["hf", "_AbCdEfGhIjKlMnOpQrStUvWxYz012345"]),
    J(["AK", "IAIOSFODNN7EXAMPLE"]),
    J(["AS", "IAQNZGKIQY56JQ7WML"]),
    J(["xo", "xb-123456789012-abcdefGHIJKL"]),
    J(["xo", "xp-1234-5678-9012-abcdef"]),
    J(["ey", "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"]),
    J(["AI", "zaSyA-1234567890abcdefghijklmnopqrstu"]),
    J(["ya", "29.a0AfH6SMBx-abcdefghijklmnop"]),
    J(["npm", "_abcdefghijklmnopqrstuvwxyz0123456789"]),
    J(["pypi", "-AgEIcHlwaS5vcmcCJGFiY2RlZmdoaWprbG1ub3A"]),
    J(["dop", "_v1_0123456789abcdef0123456789abcdef"]),
    J(["r8", "_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"]),
    J(["SG", ".ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr"]),
    J(["nv", "api-abcdefghijklmnopqrstuvwxyz012345"]),
    J(["da", "pi0123456789abcdef0123456789abcdef"]),
    J(["T00000000/B00000000/", "XXXXXXXXXXXXXXXXXXXXXXXX"]),
    J(["123456789:", "AAEhBP0av28abcdefghijklmnopqrstuvwxy"]),
    J(["-----BEGIN RSA PRIVATE", " KEY-----\nMIIEowIBAAKCAQEA\nabc\n-----END RSA PRIVATE KEY-----"]),
    J(["-----BEGIN OPENSSH PRIVATE", " KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA"]),
]
RANDOM = [
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
    "0b9fd71b1a2c43f09c6d55c8e1f0a7b3c2d4e6f8",  # like an API key of a tracker, and like a commit
    "d41d8cd98f00b204e9800998ecf8427e",
    "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg==",
    "q7G2xP9vL4mT8wK1zR6yB3nC",
    "7f3K-9aQz81LmVb2_XwP0sTyUe4RgHjN",
]
WORDLY = ["hunter2", "correct-horse-battery", "pässwörd!", "s3cr3t", "letmein please"]
NAMES = [
    "password", "passwd", "DB_PASSWORD", "dbPassword", "token", "--hf-token", "accessToken", "client_secret", "SECRET",
    "api_key", "apikey", "OPENAI_API_KEY", "x-api-key", "access_key", "aws_secret_access_key", "private_key", "privateKey",
    "credential", "credentials", "auth", "Authorization", "cookie", "session", "session_id", "smtp_pass", "jwt", "bearer",
    "signing_key", "pwd", "passphrase", "webhook", "githubtoken",
]  # fmt: skip
HARMLESS_NAMES = [
    "tokenizer", "max_tokens", "num_tokens", "pad_token", "eos_token_id", "tokens_per_second", "author", "authors",
    "key", "keys", "monkey", "keyboard", "passes", "pass", "compass", "secretary", "lr", "batch_size", "num_key_value_heads",
    "token_embedding", "bypass", "sessions", "cookiecutter", "unk_token", "model_key",
]  # fmt: skip
HARMLESS = [
    "train.py", "/home/u/data/ImageNet2012/train/n01440764_10026.JPEG", "meta-llama/Llama-3.1-8B-Instruct", "1e-4", "0.1234567890123456",
    "12345678901234567890123", "resnet50-v1b-cifar10-lr1e-3-bs128", "https://github.com/org/repo@v1.2", "https://host:8080/pkg@1.2",
    "git@github.com:org/repo.git", "ssh://git@github.com/org/repo", "s3://bucket/datasets/imagenet-1k/part-00001.parquet",
    "events.out.tfevents.1704112496.host.4242.0", "epoch=12-step=34567-val_loss=0.1234.ckpt", "GPU-5a0c1b2d-3e4f-5061-7283-94a5b6c7d8e9",
    "550e8400-e29b-41d4-a716-446655440000", "DistributedDataParallelStrategy2", "torch.nn.modules.transformer.TransformerEncoderLayer",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "/hub/models--bert/snapshots/da39a3ee5e6b4b0d3255bfef95601890afd80709/x",
    "2026-11-20T12:00:00Z", "a=b", "lr=0.1", "--tokenizer=bert", "--max-tokens=512", "--pad_token=<pad>", "x", "", "C:\\Users\\me\\train.py",
    "sk-learn-baseline-experiment", "https://example.org/search?q=energy&page=2", "the author said: token counts matter", "ratio 3:4",
    "hydra.run.dir=outputs/2026-11-20/12-00-00", "optimizer=adamw,sgd", "cuda:0", "+trainer.max_epochs=5", "bearer of news", "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
]  # fmt: skip


def journal_text(folder, **head):
    journal = Journal(folder, {"run": "x", **head})
    journal.close({"status": "finished"})
    return "".join(path.read_text() for path in Path(journal.folder).iterdir())


def survives(secret, text):
    """The secret, as it is or as JSON writes it; or a line of it that is long."""
    parts = [
        secret,
        json.dumps(secret)[1:-1],
        *(part for part in secret.splitlines() if len(part) > 12 and "-----" not in part),
    ]
    return any(part in text for part in parts)


SINKS = {
    "argv": lambda s: {"argv": mask_argv(["train.py", s])},
    "argv with a name": lambda s: {"argv": mask_argv(["train.py", f"--name={s}", f"KEY={s}"])},
    "config": lambda s: {"config": mask_config({"a": {"b": [{"c": s}, s]}, "d": (s,), "e": {s}})},
    "config key": lambda s: {"config": mask_config({s: 1})},
    "environment": lambda s: {"environment": mask_environment({"MY_TOKEN": s, "RANK": s, "HOME": s})},
    "text": lambda s: {"name": mask_text(f"failed: cannot use '{s}' here")},
}


@pytest.mark.parametrize("secret", KNOWN + RANDOM, ids=lambda secret: secret[:4])
@pytest.mark.parametrize("sink", SINKS)
def test_a_secret_known_by_its_shape_reaches_no_journal(tmp_path, sink, secret):
    text = journal_text(tmp_path / "run", **SINKS[sink](secret))
    assert not survives(secret, text)
    assert "***(" in text


@pytest.mark.parametrize("secret", KNOWN + RANDOM + WORDLY, ids=lambda secret: secret[:4])
def test_a_secret_known_by_its_name_reaches_no_journal(tmp_path, secret):
    argv, config = ["train.py"], {}
    for name in NAMES:
        option = name if name.startswith("-") else f"--{name}"
        argv += [option, secret, f"{option}={secret}", f"{name}={secret}", "-x"]
        config[name] = secret
        config[f"nested {name}"] = {"inner": {name: [secret, {name: secret}]}}
    argv += ["-H", f"Authorization: Bearer {secret}", "--header", f"X-Api-Key: {secret}", "-u", f"user:{secret}"]
    argv += [json.dumps({"password": secret}), f"password: '{secret}'"]
    if not set(secret) & set(" \n@"):  # an address cannot hold these
        argv += [f"https://user:{secret}@host/path", f"https://host/?token={secret}&x=1#access_token={secret}"]
    text = journal_text(tmp_path / "run", argv=mask_argv(argv), config=mask_config(config))
    assert not survives(secret, text)


@pytest.mark.parametrize(
    "secret", ["hunter2", "p:a/ss?", "123456", J(["ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"])]
)
@pytest.mark.parametrize(
    "shape",
    ["https://{}@host/x", "https://user:{}@host/x", "postgresql://user:{}@db:5432/book", "redis://:{}@host", "https://host/x?access_token={}",
     "https://host/x?a=1&api_key={}&b=2", "https://host/#token={}", "see https://user:{}@host/x for more", "https://host/x?X-Amz-Signature={}"],
)  # fmt: skip
def test_addresses_lose_user_and_tokens(shape, secret):
    if "?" in secret and "@" in shape:
        secret = secret.rstrip("?")
    if "/" in secret and "//{}" in shape:
        pytest.skip("a slash ends the part before the host")
    shown = mask_text(shape.format(secret))
    assert secret not in shown
    assert "***(" in shown
    assert "host" in shown or "db:5432" in shown


@pytest.mark.parametrize("name", NAMES)
def test_names_of_secrets_are_known(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_names_that_only_look_alike_are_not(name):
    assert not is_secret_name(name)
    assert mask_config({name: "value", "n": {name: 5}}) == {name: "value", "n": {name: 5}}


@pytest.mark.parametrize("value", HARMLESS)
def test_ordinary_values_stay(value):
    assert mask_argv([value]) == [value]
    assert mask_config({"x": [value]}) == {"x": [value]}
    assert mask_environment({"XLA_FLAGS": value}) == {"XLA_FLAGS": value}


def test_an_ordinary_command_line_stays():
    line = ["python", "-m", "torch.distributed.run", "--nproc_per_node=8", "train.py", "--lr", "1e-3", "-b", "32", "--no-auth", "run",
            "--use_auth_token", "true", "--tokenizer", "bert-base-uncased", "--seed=42", "--token=0"]  # fmt: skip
    assert mask_argv(line) == line


def test_commit_ids_are_kept_only_under_a_name_that_says_so():
    commit = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    assert mask_config({"commit": commit, "git_rev": commit, "sha": commit}) == {
        "commit": commit,
        "git_rev": commit,
        "sha": commit,
    }
    assert mask_argv([f"--revision={commit}"]) == [f"--revision={commit}"]
    assert mask_config({"x": commit}) == {"x": "***(40)"}
    assert mask_argv([commit]) == ["***(40)"]


def test_the_length_is_told_and_nothing_else():
    assert mask_argv(["--token", "abc", "--password=hunter2"]) == ["--token", "***(3)", "--password=***(7)"]
    assert mask_config({"password": 123456, "api_key": None, "token": True, "token_count": 7}) == {
        "password": "***(6)", "api_key": None, "token": True, "token_count": 7,
    }  # fmt: skip


def test_only_listed_variables_are_recorded():
    environ = {
        "RANK": "3",
        "CUDA_VISIBLE_DEVICES": "0,1",
        "AWS_SECRET_ACCESS_KEY": "x",
        "MASTER_ADDR": "10.0.0.1",
        "PATH": "/bin",
    }
    assert mask_environment(environ) == {"CUDA_VISIBLE_DEVICES": "0,1", "RANK": "3"}
    assert not any(is_secret_name(name) for name in ENVIRONMENT)


def test_a_configuration_of_any_shape_becomes_plain():
    endless: dict = {}
    endless["again"] = endless
    shown = mask_config(
        {"p": Path("/x"), "f": float("nan"), 3: [1, (2,)], "endless": endless, "none": None, "yes": True}
    )
    json.dumps(shown, allow_nan=False)
    assert (shown["p"], shown["f"], shown["3"], shown["none"], shown["yes"]) == (
        "PosixPath('/x')",
        "NaN",
        [1, [2]],
        None,
        True,
    )


def test_long_values_are_cut_and_say_so():
    shown = mask_text("a " * LONGEST)
    assert len(shown) < LONGEST + 50
    assert shown.endswith(f"({2 * LONGEST} characters)")


@given(st.text(max_size=200), st.lists(st.text(max_size=40), max_size=6))
def test_masking_never_raises_and_is_stable(text, argv):
    assert mask_text(mask_text(text)) == mask_text(text)
    assert len(mask_argv(argv)) == len(argv)


@pytest.mark.parametrize(
    ("alphabet", "most_missed"),
    [
        (string.ascii_letters + string.digits, 0.02),
        (string.ascii_letters + string.digits + "-_", 0.08),
        (string.ascii_letters + string.digits + "+/", 0.08),
        ("0123456789abcdef", 0.01),
        (string.ascii_lowercase + string.digits, 0.20),
    ],
    ids=["base62", "base64url", "base64", "hex", "base36"],
)
def test_random_strings_without_a_name_are_mostly_found(alphabet, most_missed):
    chance = random.Random(7)
    missed = sum("***" not in mask_text(J(chance.choices(alphabet, k=32))) for _ in range(1_000))
    assert missed <= most_missed * 1_000


def test_a_configuration_that_cannot_be_read_or_never_ends_costs_itself_only():
    class Broken(Mapping):
        def __getitem__(self, key):
            raise LookupError

        def __iter__(self):
            return iter(["x"])

        def __len__(self):
            return 1

        def __repr__(self):
            return "Broken(token=abcdef123)"

    endless: dict = {"lr": 0.1}
    endless |= {"a": endless, "b": [endless, endless]}
    found = mask_config({"first": Broken(), "second": endless, "third": [0.5] * 30_000, "fourth": 4})
    assert found["first"] == "Broken(token=***(10)"
    assert found["second"]["lr"] == 0.1
    assert (found["third"], found["fourth"]) == ("...", 4)
    assert len(str(found)) < 2_000_000
