"""The catalogue, heads and stages on the meta device; the shelf of weights, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from samplecase.contracts.errors import ContractError, InvalidInput, NotFound
from samplecase.training.config.optimizers import SGD
from samplecase.training.engine.checkpoint import load
from samplecase.training.engine.optimizers import parameter_groups
from samplecase.training.engine.starting import train_run
from samplecase.training.networks.building import build
from samplecase.training.networks.catalogue import CATALOGUE, entry
from samplecase.training.networks.shelf import listed, resolved
from samplecase.training.networks.shelving import import_weights
from samplecase.training.networks.weights import load_weights, read_weights
from tests.training.running import NETWORKS, made, small
from tests.training.worlds import image_folder


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_architecture_is_built_with_a_new_head_and_known_stages(name: str) -> None:
    chosen = CATALOGUE[name]
    whole = 91 if chosen.is_detector else 1000
    with torch.device("meta"):
        known = build(name, {"label": whole})
        built = build(name, {"label": 5})
    assert sum(each.numel() for each in known.network.parameters()) == chosen.parameters
    names = dict(built.network.named_parameters())
    stages = {built.stage_of(parameter) for parameter in names}
    assert stages == {"head", *(stage.name for stage in chosen.stages)}
    strays = [
        each
        for each in names
        if not each.startswith((chosen.head, *(p for s in chosen.stages for p in s.prefixes)))
    ]
    assert strays == []
    groups = parameter_groups(built, SGD(lr=0.1, head_lr_factor=10.0))
    assert sum(len(group["params"]) for group in groups) == len(names)
    assert (groups[-1]["name"], groups[-1]["lr"]) == ("head", pytest.approx(1.0))
    assert (len(chosen.mean), len(chosen.std), built.input_size % chosen.patch) == (3, 3, 0)


@pytest.mark.parametrize("name", [name for name, each in CATALOGUE.items() if not each.is_detector])
def test_every_classifier_gives_an_output_per_class_and_field(name: str) -> None:
    chosen = CATALOGUE[name]
    size = max(64, 8 * chosen.patch) if chosen.patch > 1 else 224
    with torch.device("meta"):
        one = build(name, {"label": 5}, input_size=size).network.eval()
        two = build(name, {"a": 2, "b": 3}, input_size=size).network.eval()
        images = torch.empty(2, 3, size, size)
        assert one(images).shape == (2, 5)
        assert {field: [*each.shape] for field, each in two(images).items()} == {"a": [2, 2], "b": [2, 3]}


def test_an_unknown_name_and_an_impossible_size_are_refused() -> None:
    with pytest.raises(NotFound, match="resnet18"):
        entry("resnet-18")
    with pytest.raises(InvalidInput, match="multiples of 16"):
        build("vit_tiny_patch16_224", {"label": 2}, input_size=100)


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ResNet18 that nobody has trained, saved as others save theirs."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "mine.pth"
    torch.save({"state_dict": build("resnet18", {"label": 1000}).network.state_dict()}, path)
    return path


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMPLECASE_WEIGHTS_DIR", str(tmp_path / "shelf"))
    return tmp_path / "shelf"


def test_weights_on_the_shelf_have_hash_licence_and_origin(shelf: Path, weights_file: Path) -> None:
    found = import_weights(
        weights_file, "resnet18", license="CC0", url="https://example.org/x", origin="test"
    )
    assert listed() == [found]
    assert (found.origin, found.license, found.verified) == ("test", "CC0", False)
    path, facts = resolved("resnet18", "pretrained")
    assert path is not None
    assert facts["sha256"] == found.sha256
    built = build("resnet18", {"label": 3})
    load_weights(built, read_weights(path))
    own, given = built.network.state_dict(), read_weights(weights_file)
    assert all(torch.equal(own[key], given[key]) for key in own if not key.startswith("fc."))


def test_nothing_begins_at_random_unseen_and_nothing_is_fetched(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(NotFound, match=r"Bring resnet18_a1_0-d63eafa0\.pth"):
        resolved("resnet18", "pretrained")
    assert resolved("resnet18", "none") == (None, {"origin": "trained from scratch"})
    with pytest.raises(NotFound, match="no file of weights"):
        resolved("resnet18", "/nowhere.pth")


def refused(file: Path, name: str = "resnet18") -> ContractError:
    with pytest.raises(ContractError) as caught:
        import_weights(file, name)
    return caught.value


def test_a_file_that_is_not_what_its_name_says_is_refused(
    shelf: Path, weights_file: Path, tmp_path: Path
) -> None:
    official = tmp_path / "resnet18-f37072fd.pth"
    official.write_bytes(weights_file.read_bytes())
    assert refused(official).code == "wrong_hash"


def test_a_truncated_file_and_another_architecture_are_refused(
    shelf: Path, weights_file: Path, tmp_path: Path
) -> None:
    half = tmp_path / "half.pth"
    half.write_bytes(weights_file.read_bytes()[:100_000])
    assert refused(half).code == "bad_checkpoint"
    error = refused(weights_file, "resnet50")
    assert error.code == "weights_do_not_fit"
    assert "layer1.0.conv3.weight" in {fault.pointer for fault in error.details}


def test_a_file_with_code_in_it_is_not_run(shelf: Path, tmp_path: Path) -> None:
    path = tmp_path / "evil.pth"
    torch.save(build("resnet18", {"label": 2}).network, path)
    assert refused(path).code == "bad_checkpoint"


def test_weights_that_were_changed_on_the_shelf_are_not_taken(shelf: Path, weights_file: Path) -> None:
    import_weights(weights_file, "resnet18")
    path, _ = resolved("resnet18", "pretrained")
    assert path is not None
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(InvalidInput, match="import them again"):
        resolved("resnet18", "pretrained")


def test_position_embeddings_are_resampled_for_another_input_size(tmp_path: Path) -> None:
    torch.manual_seed(0)
    given = build("vit_tiny_patch16_224", {"label": 10}).network.state_dict()
    built = build("vit_tiny_patch16_224", {"label": 2}, input_size=64)
    load_weights(built, given)
    own = built.network.state_dict()
    assert own["pos_embed"].shape == (1, 17, 192)
    assert torch.equal(own["blocks.3.attn.qkv.weight"], given["blocks.3.attn.qkv.weight"])


def test_only_the_catalogue_s_own_file_is_official(
    shelf: Path, weights_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = weights_file.read_bytes()
    digest = hashlib.sha256(data).hexdigest()[:8]
    mine = tmp_path / f"mine-{digest}.pth"
    mine.write_bytes(data)
    found = import_weights(mine, "resnet18")
    assert (found.verified, found.origin, found.license) == (False, "user", "")
    theirs = replace(entry("resnet18"), weights_file=mine.name)
    monkeypatch.setitem(CATALOGUE, "resnet18", theirs)
    found = import_weights(mine, "resnet18")
    assert (found.verified, found.origin, found.license) == (True, "official", theirs.license)


def test_a_faster_r_cnn_with_weights_keeps_its_statistics() -> None:
    name = "fasterrcnn_mobilenet_v3_large_320_fpn"
    with torch.device("meta"):
        built, scratch = (build(name, {"boxes": 3}, pretrained=each) for each in (True, False))
    kinds = [type(each).__name__ for each in built.network.modules() if "BatchNorm" in type(each).__name__]
    assert {*kinds} == {"FrozenBatchNorm2d"}
    given = {key: each for key, each in scratch.network.state_dict().items() if "box_predictor" not in key}
    assert any(key.endswith("num_batches_tracked") for key in given)
    load_weights(built, given)


def test_googlenet_sees_what_its_makers_showed_it() -> None:
    assert (entry("googlenet").mean, entry("googlenet").std) == ((0.5,) * 3, (0.5,) * 3)


def test_an_own_network_of_several_fields_names_its_heads() -> None:
    with pytest.raises(InvalidInput, match="head_name"):
        build(f"{NETWORKS}:Headless", {"a": 2, "b": 3})


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny ResNet18, pretrained on six kinds of images (colours by place), put on a shelf of its own."""
    folder = tmp_path_factory.mktemp("pretrained")
    source = image_folder(folder / "images", 30)
    config = small(
        "architecture.name=resnet18", "epochs=4", "batch_size=16", "data.input_size=32", "checkpoint_seconds=1000",
        "optimizer.lr=0.001",
    )  # fmt: skip
    run = made(folder / "runs", source, config)
    train_run(run)
    import_weights(run.best, "resnet18", origin="test", shelf=folder / "shelf")
    return folder / "shelf"


def test_a_fixed_extractor_keeps_the_file_s_bits_and_beats_a_random_one(
    tmp_path: Path, pretrained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLECASE_WEIGHTS_DIR", str(pretrained))
    source = image_folder(tmp_path / "images", 16, first=500)
    scores: dict[str, list[float]] = {"pretrained": [], "none": []}
    bests = []
    for weights, found in scores.items():
        for seed in range(3):
            config = small(
                "architecture.name=resnet18", f"architecture.weights={weights}", f"seed={seed}", "epochs=3",
                "freeze=fixed_extractor", "data.input_size=32", "checkpoint_seconds=1000", "data.split.validation=0.4",
                "keep=best_k", "keep.number=1",
            )  # fmt: skip
            run = made(tmp_path / "runs", source, config)
            train_run(run)
            found.append(load(run.best)["best_metric"])
            bests.append(run.best)
    first = bests[0]
    given = read_weights(pretrained / "timm" / "resnet18" / "weights.safetensors")
    kept = load(first)["model"]
    assert all(torch.equal(kept[key], given[key]) for key in kept if not key.startswith("fc."))
    assert min(scores["pretrained"]) > max(scores["none"]), scores
    assert json.loads((first.parent / "identity.json").read_text())["weights"]["origin"] == "test"
