"""Pictures and films: laws of their work, published figures, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.chip import chip
from joulebook.estimate.serve.denoising import SHARE, Size, latent_tokens, operations, typical
from joulebook.estimate.serve.diffusion import Wanted, drawn
from joulebook.estimate.serve.drawing import Card, Job, Speeds, spent
from joulebook.estimate.serve.pictures import picture_work
from joulebook.estimate.stated import stated
from joulebook.facts.catalog import Catalog

H100 = Card(989e12, 3350e9, 450e9, 700.0)
edges = st.sampled_from([256, 512, 768, 1024, 1536, 2048])
sizes = st.builds(Size, edges, edges, st.sampled_from([1, 17, 49, 81]))
models = st.floats(2e8, 5e10)
jobs = st.builds(
    Job,
    batch=st.sampled_from([1, 2, 8, 32]),
    steps=st.sampled_from([1, 4, 20, 50]),
    passes=st.sampled_from([1, 2]),
    devices=st.sampled_from([1, 2, 4, 8]),
    ring=st.just(1.0),
    film=st.booleans(),
)


@pytest.fixture(scope="module")
def catalog():
    return Catalog.open(own=False)


@pytest.fixture(scope="module")
def speeds(catalog):
    return Speeds(*(catalog.find("estimator.diffusion", field).value for field in Speeds._fields))


def _work(parameters, size, *, film=False):
    return operations(typical(parameters, SHARE, film=film), size)


# -- laws ----------------------------------------------------------------------------------------------------------


@given(models, sizes, jobs)
def test_no_batch_draws_more_than_rated_power_or_less_than_the_floor(speeds, parameters, size, job):
    seconds, joules = spent(_work(parameters, size, film=job.film), job, H100, speeds)
    assert seconds > 0
    assert speeds.floor * 700 * 0.999 <= joules / seconds / job.devices <= 700 * 1.001


@given(models, sizes, jobs, st.sampled_from(["batch", "steps"]))
def test_more_of_anything_takes_longer_and_more_energy(speeds, parameters, size, job, field):
    work = _work(parameters, size)
    less = spent(work, job, H100, speeds)
    more = spent(work, job._replace(**{field: 2 * getattr(job, field)}), H100, speeds)
    assert all(larger > smaller for larger, smaller in zip(more, less, strict=True))


@given(models, sizes, jobs)
def test_a_larger_batch_never_costs_more_for_each_picture(speeds, parameters, size, job):
    work = _work(parameters, size)
    one = spent(work, job._replace(batch=1), H100, speeds)[1]
    many = spent(work, job._replace(batch=16), H100, speeds)[1] / 16
    assert many <= one * 1.001


@given(models, sizes, jobs)
def test_work_grows_with_pixels_faster_than_they_do(speeds, parameters, size, job):
    larger = size._replace(height=2 * size.height)
    small, large = _work(parameters, size), _work(parameters, larger)
    assert large.attention > 2 * small.attention * 0.999 or size.frames == 1
    assert spent(large, job, H100, speeds)[1] > spent(small, job, H100, speeds)[1]


@given(models, sizes, jobs.filter(lambda job: job.devices > 1))
def test_sharing_costs_energy_and_a_longer_ring_costs_more(speeds, parameters, size, job):
    work = _work(parameters, size, film=job.film)
    alone = spent(work, job._replace(devices=1, ring=1), H100, speeds)
    shared, ring = (spent(work, job._replace(ring=one), H100, speeds) for one in (1, job.devices))
    assert shared[1] >= alone[1] * 0.999
    assert ring[0] >= spent(work, job._replace(ring=2), H100, speeds)[0] * 0.999


@given(sizes)
def test_tokens_are_pixels_over_the_edge_of_a_token(size):
    model = typical(2e9, SHARE, film=True)
    tokens = latent_tokens(model, size)
    assert tokens == -(-(size.frames + 3) // 4) * (size.height // 16) * (size.width // 16)


# -- published figures ---------------------------------------------------------------------------------------------

PUBLISHED = [
    # model, film, device, asked, J of the accelerators for one, of what the fit has not seen
    ("FLUX.1-dev", False, "H100", {"batch": 16}, 7551),
    ("SD3.5 medium", False, "H100", {"batch": 2}, 1560.4),
    ("SANA1.5 1.6B", False, "H100", {"batch": 16}, 411.6),
    ("HunyuanDiT", False, "H100", {"batch": 16}, 5042.6),
    ("CogVideoX-2b", True, "H100", {}, 28_614),
    ("HunyuanVideo", True, "H100", {}, 1_164_100),
]


@pytest.mark.parametrize(("model", "film", "device", "asked", "joules"), PUBLISHED)
def test_measured_energy_is_within_the_interval(catalog, model, film, device, asked, joules):
    found = drawn(Wanted(film=film, model=model, **asked), chip(device, catalog), catalog)
    each = found.joules / found.batch
    assert each.low <= joules <= each.high
    assert each.high / each.low <= (1.6 if film else 2.3)


def test_sdxl_on_an_a100_takes_what_pytorch_measured(catalog):
    # "Accelerating Generative AI Part III: Diffusion, Fast" (PyTorch, 2024): 3.31 s of 30 steps in bf16 with SDPA, eager.
    found = drawn(Wanted(model="SDXL", steps=30), chip("A100-SXM4-80GB", catalog), catalog)
    assert found.seconds.low <= 3.31 <= found.seconds.high


def test_a_model_known_by_size_alone_has_a_wider_range_that_holds(catalog):
    named = drawn(Wanted(model="FLUX.1-dev", batch=4), chip("H100", catalog), catalog)
    sized = drawn(Wanted(params=12e9, steps=50, size="1024x1024", batch=4), chip("H100", catalog), catalog)
    each = sized.joules / sized.batch
    assert each.high / each.low > (named.joules.high / named.joules.low) * 1.5
    assert each.low <= 7728.1 <= each.high
    assert any("guidance" in text for text in sized.warnings)
    told = drawn(Wanted(params=12e9, steps=50, size="1024x1024", guidance=False), chip("H100", catalog), catalog)
    assert not any("guidance" in text for text in told.warnings)


def test_a_device_that_the_fit_has_not_seen_is_told_and_wider(catalog):
    seen = drawn(Wanted(model="SDXL"), chip("H100", catalog), catalog).joules
    unseen = drawn(Wanted(model="SDXL"), chip("A100-SXM4-80GB", catalog), catalog)
    assert unseen.joules.high / unseen.joules.low > seen.high / seen.low
    assert any("the fit has seen" in text for text in unseen.warnings)


# -- statements ----------------------------------------------------------------------------------------------------


def test_a_film_is_stated_for_each_second(catalog):
    work = picture_work(catalog, "video", {"model": "Wan 1.3B", "fps": 15}, device="H100", host=0)
    statement = stated(work, {"region": "FR", "catalog": catalog})
    second, whole = (statement.rates[f"accelerator_energy_per_{what}"] for what in ("second_of_video", "video"))
    assert whole.value == pytest.approx(81 / 15 * second.value)
    assert statement.it_energy.value == pytest.approx(whole.value)
    assert statement.sensitivity["energy"]


def test_a_thousand_pictures_take_a_thousand_times_one(catalog):
    one, many = (
        picture_work(catalog, "image", {"model": "SDXL", "batch": 4}, device="H100", requests=number)
        for number in (1, 1000)
    )
    assert many.parts[0].energy.value == pytest.approx(1000 * one.parts[0].energy.value)
    assert many.duration.value == pytest.approx(1000 * one.duration.value)


def test_hosts_and_waiting_accelerators_are_parts_of_their_own(catalog):
    def parts(**said):
        return [part.device for part in picture_work(catalog, "image", {"model": "SDXL"}, device="H100", **said).parts]

    label = "1 x NVIDIA H100 SXM5 80GB"
    assert parts(host=0) == [label]
    assert parts() == [label, "host"]
    assert parts(busy=0.3) == [label, f"{label}, waiting", "host"]
    board = picture_work(catalog, "classify", {"model": "ResNet-50"}, device="Raspberry Pi 5")
    assert [part.device for part in board.parts] == ["1 x Raspberry Pi 5"]


# -- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "asked", "says"),
    [
        ("image", {}, "give model"),
        ("image", {"params": 12e9, "size": "1024x1024"}, "give steps"),
        ("image", {"params": 12e9, "steps": 50}, "give size"),
        ("image", {"model": "SDXL", "steps": 0}, "steps"),
        ("image", {"model": "SDXL", "steps": float("nan")}, "steps"),
        ("image", {"model": "SDXL", "steps": 1e30}, "steps"),
        ("image", {"model": "SDXL", "size": "-3x7"}, "width and height"),
        ("image", {"model": "SDXL", "size": "big"}, "width and height"),
        ("image", {"model": "SDXL", "batch": -1}, "batch"),
        ("image", {"model": "SDXL", "frames": 9}, "kind video"),
        ("image", {"model": "HunyuanVideo"}, "films"),
        ("video", {"model": "SDXL"}, "pictures"),
        ("video", {"params": 12e9, "steps": 50}, "give size"),
        ("classify", {"model": "ResNet-50", "steps": 3}, "leave out steps"),
        ("poem", {"model": "SDXL"}, "kind"),
    ],
)
def test_what_is_missing_or_wrong_is_told(catalog, kind, asked, says):
    with pytest.raises(ConfigError, match=says):
        picture_work(catalog, kind, asked, device="H100")


def test_unknown_models_and_missing_devices_say_what_to_do(catalog):
    with pytest.raises(FactNotFound, match="give params"):
        picture_work(catalog, "image", {"model": "NoSuchModel-9"}, device="H100")
    with pytest.raises(ConfigError, match="give device"):
        picture_work(catalog, "image", {"model": "SDXL"}, device="")


def test_a_model_that_nobody_knows_is_taken_by_its_size_and_frames_have_a_range(catalog):
    asked = {"params": 12e9, "steps": 50, "size": "832x480", "guidance": True}
    told, assumed = (
        picture_work(catalog, "video", {"model": "lab/new-12b", **asked, **more}, device="H100")
        for more in ({"frames": 81}, {})
    )
    known, range_ = (work.parts[0].energy for work in (told, assumed))
    assert known.value == pytest.approx(range_.value, rel=0.1)
    assert range_.high / range_.low > known.high / known.low
    assert any("architecture is not known" in text for text in told.warnings)


def test_one_number_is_both_edges(catalog):
    square, named = (
        picture_work(catalog, "image", {"model": "SDXL", "size": size}, device="H100") for size in (512, "512x512")
    )
    assert square.parts[0].energy.value == named.parts[0].energy.value


def test_names_are_found_with_their_publisher_and_library(catalog):
    card = chip("H100", catalog)
    words = ("Wan-AI/Wan2.1-T2V-1.3B-Diffusers", "somebody/Wan2.1-T2V-1.3B-Diffusers", "Wan 2.1 1.3B")
    assert len({drawn(Wanted(film=True, model=word), card, catalog).joules.value for word in words}) == 1
    with pytest.raises(ConfigError, match="leave out model or params"):
        drawn(Wanted(model="SDXL", params=50e9), card, catalog)


def test_weights_that_do_not_fit_are_told(catalog):
    found = drawn(Wanted(model="FLUX.2-dev"), chip("NVIDIA GeForce RTX 4090", catalog), catalog)
    assert any("do not fit" in text for text in found.warnings)
