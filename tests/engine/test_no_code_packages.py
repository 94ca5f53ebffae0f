"""A package without code runs in a replica like any other, and says better what is wrong with a file."""

from __future__ import annotations

import io

import pytest

from samplecase.contracts.jobs import ModelSpec
from samplecase.contracts.states import JobState, Outcome, Sandbox
from tests.engine.conftest import World, png


def brightness(world: World, level: Sandbox) -> ModelSpec:
    """A package that tells dark images from bright ones."""
    torch = pytest.importorskip("torch")

    class Brightness(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, images):  # type: ignore[no-untyped-def]
            mean = images.mean(dim=(1, 2, 3))
            return torch.stack([-mean, mean], dim=1)

    buffer = io.BytesIO()
    with pytest.warns(FutureWarning, match="torch.jit"):
        torch.jit.save(torch.jit.script(Brightness()), buffer)
    manifest = world.manifest(
        {"predictions": {"type": "classification"}},
        entrypoint="samplecase.builtin:TorchScript",
        classes=["dark", "bright"],
        weights="weights/model.pt",
        preprocess={
            "resize": [8, 8],
            "mode": "stretch",
            "color": "rgb",
            "scale": 255,
            "mean": [0.5] * 3,
            "std": [0.5] * 3,
        },
        postprocess={"kind": "softmax"},
    )
    return world.spec(
        manifest=manifest, files={"weights/model.pt": buffer.getvalue()}, mini_batch=2, sandbox=level.value
    )


def test_a_torchscript_package_classifies_in_its_box(world: World, level: Sandbox) -> None:
    dark, bright = (
        world.sample("dark", png((0, 0, 0))),
        world.sample("bright", png((255, 255, 255), (20, 10))),
    )
    job = world.run(brightness(world, level), [dark, bright])
    assert job.state is JobState.FINISHED, job.log
    values = {key: result.values["predictions"] for key, result in job.results.items()}
    assert values[dark.id]["label"] == "dark"
    assert values[bright.id]["label"] == "bright"
    assert 0.5 < values[bright.id]["confidence"] <= 1


def test_an_image_that_cannot_be_read_is_said_to_be_that_and_the_others_are_answered(
    world: World, level: Sandbox
) -> None:
    good, text, cut = (
        world.sample("good"),
        world.sample("text", b"no image at all"),
        world.sample("cut", png(size=(300, 300))[:200]),
    )
    job = world.run(brightness(world, level), [good, text, cut])
    assert job.results[good.id].outcome is Outcome.DONE
    assert {job.results[each.id].reason for each in (text, cut)} == {"unreadable_media"}
    assert job.results[text.id].message == "the image cannot be decoded: it is in no known format"
    assert job.results[cut.id].message.startswith("the image cannot be decoded: ")
