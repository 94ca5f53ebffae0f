"""Packed models: the manifest, what is written for who sends none, packing and unpacking."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from samplecase.contracts.errors import InvalidInput
from samplecase.packages import BUILTIN_RUNNER, inspect_package, pack_folder, unpack_package

SCHEMA: dict[str, Any] = {
    "inputs": {"type": "object", "properties": {"image_paths": {"type": "local"}}},
    "outputs": {"type": "object", "properties": {"predictions": {"type": "classification"}}},
}
MANIFEST: dict[str, Any] = {"format": 1, "name": "digits", "entrypoint": "model:Model", "schema": SCHEMA}
BUILTIN: dict[str, Any] = {**MANIFEST, "entrypoint": "samplecase.builtin:TorchScript"}

Zip = Callable[..., Path]


@pytest.fixture
def packed(tmp_path: Path) -> Zip:
    """A zip of a manifest (None: without), a `model.py` where one is named, and more files."""

    def make(
        manifest: Mapping[str, Any] | None = MANIFEST, files: Mapping[str, str | bytes] | None = None
    ) -> Path:
        path = tmp_path / "package.zip"
        with zipfile.ZipFile(path, "w") as target:
            if manifest is not None:
                target.writestr("model.json", json.dumps(manifest))
            for name, content in ({"model.py": "class Model: ..."} if files is None else files).items():
                target.writestr(name, content)
        return path

    return make


def faults_of(path: Path, **options: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        inspect_package(path, **options)
    return {fault.pointer: fault.message for fault in refused.value.details}


def with_outputs(**outputs: Any) -> dict[str, Any]:
    return {**SCHEMA, "outputs": {"properties": outputs}}


def test_a_whole_package_tells_all_about_itself(packed: Zip) -> None:
    files: dict[str, str | bytes] = {
        "model.py": "class Model: ...", "README.md": "# Digits\n", "CHANGELOG.md": "1.0", "requirements.txt": "torch\n",
        "environment.yml": "dependencies: []", "examples/a.png": b"png", "examples/a.json": '{"predictions": "3"}',
        "examples/b.JPG": b"jpg",
    }  # fmt: skip
    facts = {
        "version": "1.0.0",
        "classes": ["0", "1"],
        "license": "Apache-2.0",
        "description": "d",
        "tags": ["t"],
    }
    path = packed({**MANIFEST, **facts}, files)
    package = inspect_package(path)
    assert package.manifest == {**MANIFEST, **facts}
    assert package.schema.outputs["predictions"].type == "classification"
    assert package.size == path.stat().st_size
    assert dict(package.files)["README.md"] == 9
    assert (package.readme, package.changelog, package.requirements) == ("# Digits\n", "1.0", "torch\n")
    assert (package.environment_yml, package.license) == ("dependencies: []", "Apache-2.0")
    assert [(each.image, each.expected) for each in package.examples] == [
        ("examples/a.png", {"predictions": {"label": "3"}}),
        ("examples/b.JPG", None),
    ]


def test_a_package_without_manifest_gets_one_for_its_model_py(packed: Zip) -> None:
    package = inspect_package(packed(None), schema=SCHEMA)
    assert package.manifest == {"format": 1, "entrypoint": "model:Model", "schema": SCHEMA}


@pytest.mark.parametrize(
    ("name", "runner"), [("w.pt", "TorchScript"), ("weights/w.pt2", "ExportedProgram"), ("w.onnx", "Onnx")]
)
def test_a_single_weight_file_is_a_package_too(packed: Zip, name: str, runner: str) -> None:
    package = inspect_package(packed(None, {name: b"w", "__MACOSX/._w.pt": b""}), schema=json.dumps(SCHEMA))
    assert package.manifest["entrypoint"] == f"samplecase.builtin:{runner}"
    assert package.manifest["weights"] == name
    assert package.manifest["postprocess"]["kind"] == "softmax"


@pytest.mark.parametrize("files", [{"a.txt": ""}, {"a.pt": "", "b.pt": ""}])
def test_without_manifest_model_or_single_weights_it_says_what_is_needed(
    packed: Zip, files: dict[str, str]
) -> None:
    assert "model.py or a single weight file" in faults_of(packed(None, files), schema=SCHEMA)["model.json"]


@pytest.mark.parametrize("inside", ["model.json", "model.py"])
def test_a_packed_folder_is_told_to_be_packed_from_inside(packed: Zip, inside: str) -> None:
    path = packed(None, {f"digits/{inside}": "{}", "digits/weights/w.bin": "", "__MACOSX/x": ""})
    assert "pack what is inside it" in faults_of(path, schema=SCHEMA)["model.json"]


def test_the_schema_may_come_beside_the_zip(packed: Zip) -> None:
    inside = {key: value for key, value in MANIFEST.items() if key != "schema"}
    assert inspect_package(packed(inside), schema=SCHEMA).manifest["schema"] == SCHEMA
    assert "Is missing" in faults_of(packed(inside))["/schema"]


def test_two_schemas_must_be_equal(packed: Zip) -> None:
    assert inspect_package(packed(), schema=dict(reversed(SCHEMA.items())))
    other = with_outputs(predictions={"type": "detections"})
    assert "differ" in faults_of(packed(), schema=other)["/schema/outputs/properties/predictions/type"]


def test_faults_of_the_schema_are_named_inside_the_manifest(packed: Zip) -> None:
    wrong = with_outputs(predictions={"type": "classificaton"})
    assert (
        "classification"
        in faults_of(packed({**MANIFEST, "schema": wrong}))["/schema/outputs/properties/predictions/type"]
    )


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"entrypiont": "x"}, "/entrypiont", 'Did you mean "entrypoint"'),
        ({"preprocess": {}}, "/preprocess", "samplecase.builtin"),
        ({"format": 2}, "/format", "1"),
        ({"format": True}, "/format", "1"),
        ({"format": None}, "/format", "1"),
        ({"name": ""}, "/name", "text"),
        ({"name": "x" * 101}, "/name", "100"),
        ({"version": "1.0"}, "/version", "1.0.0"),
        ({"version": "v1.0.0"}, "/version", "1.0.0"),
        ({"classes": "ab"}, "/classes", "list"),
        ({"classes": ["a", "a"]}, "/classes/1", "twice"),
        ({"classes": ["a", 3]}, "/classes/1", "3"),
        ({"tags": [""]}, "/tags/0", "text"),
        ({"license": 3}, "/license", "text"),
        ({"entrypoint": None}, "/entrypoint", "missing"),
        ({"entrypoint": "model"}, "/entrypoint", "module:Class"),
        ({"entrypoint": "../model:Model"}, "/entrypoint", "module:Class"),
        ({"entrypoint": "modle:Model"}, "/entrypoint", "modle.py"),
        ({"entrypoint": "a.b:Model"}, "/entrypoint", "a/b.py"),
        (
            {"entrypoint": "samplecase.builtin:TorchScrip"},
            "/entrypoint",
            'Did you mean "samplecase.builtin:TorchScript"',
        ),
        ({"entrypoint": "samplecase.web:settings"}, "/entrypoint", "There are"),
        ({"description": "a\x00"}, "/description", "NUL"),
    ],
)
def test_a_fault_of_the_manifest_is_named_at_its_pointer(
    packed: Zip, change: Any, pointer: str, said: str
) -> None:
    assert said in faults_of(packed({**MANIFEST, **change}))[pointer]


@pytest.mark.parametrize(
    ("text", "said"),
    [(b"{", "line 1"), (b'{"format": 1, "format": 1}', "twice"), (b"[]", "object"), (b"\xff", "UTF-8"),
     (b"[" * 99_999, "deep"), (b"null", "object")],
)  # fmt: skip
def test_a_manifest_that_is_no_json_object_is_named(packed: Zip, text: bytes, said: str) -> None:
    assert said in faults_of(packed(None, {"model.json": text, "model.py": ""}))["model.json"]


@pytest.mark.parametrize("files", [{"pkg/net.py": ""}, {"pkg/net/__init__.py": ""}])
def test_the_entry_point_may_lie_in_a_package(packed: Zip, files: dict[str, str]) -> None:
    assert inspect_package(packed({**MANIFEST, "entrypoint": "pkg.net:Model"}, files))


def test_the_blocks_of_a_no_code_package_are_completed(packed: Zip) -> None:
    given = {**BUILTIN, "preprocess": {"resize": [28, 28], "color": "gray"}}
    manifest = inspect_package(packed(given, {"weights/w.pt": b"w"})).manifest
    assert manifest["weights"] == "weights/w.pt"
    assert manifest["preprocess"] == {
        "resize": [28, 28], "mode": "stretch", "color": "gray", "scale": 255, "mean": [], "std": []
    }  # fmt: skip
    assert manifest["postprocess"] == {
        "kind": "softmax", "boxes": "xyxy", "units": "pixel", "score_threshold": 0.05, "nms_iou": 0.5, "max": 100
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"preprocess": {"resize": "big"}}, "/preprocess/resize", "[height, width]"),
        ({"preprocess": {"resize": [224]}}, "/preprocess/resize", "[height, width]"),
        ({"preprocess": {"resize": 0}}, "/preprocess/resize", "1 to 8192"),
        ({"preprocess": {"mode": "strech"}}, "/preprocess/mode", 'Did you mean "stretch"'),
        ({"preprocess": {"color": "bgr"}}, "/preprocess/color", "rgb"),
        ({"preprocess": {"scale": 0}}, "/preprocess/scale", "above 0"),
        ({"preprocess": {"mean": [1, 2]}}, "/preprocess/mean", "3 numbers"),
        ({"preprocess": {"std": [1, 0, 1]}}, "/preprocess/std", "above 0"),
        ({"preprocess": {"color": "gray", "mean": [1, 2, 3]}}, "/preprocess/mean", "1 numbers"),
        ({"preprocess": {"sclae": 1}}, "/preprocess/sclae", 'Did you mean "scale"'),
        ({"preprocess": []}, "/preprocess", "object"),
        ({"postprocess": {"kind": "softmaxx"}}, "/postprocess/kind", 'Did you mean "softmax"'),
        ({"postprocess": {"kind": "detections"}}, "/postprocess/kind", "classification"),
        ({"postprocess": {"boxes": "xywh"}}, "/postprocess/boxes", "cxcywh"),
        ({"postprocess": {"units": "px"}}, "/postprocess/units", "pixel"),
        ({"postprocess": {"score_threshold": 2}}, "/postprocess/score_threshold", "0 to 1"),
        ({"postprocess": {"nms_iou": "a"}}, "/postprocess/nms_iou", "0 to 1"),
        ({"postprocess": {"max": 0}}, "/postprocess/max", "10000"),
        ({"architecture": "resnet18"}, "/architecture", "Checkpoint"),
        ({"weights": "v.pt"}, "/weights", 'Did you mean "w.pt"'),
        ({"entrypoint": "samplecase.builtin:Onnx"}, "/weights", ".onnx"),
        ({"entrypoint": "samplecase.builtin:Checkpoint"}, "/architecture", "resnet18"),
        ({"entrypoint": "samplecase.builtin:Checkpoint", "architecture": "../x"}, "/architecture", "resnet18"),
        ({"schema": with_outputs(a={"type": "classification"}, b={"type": "string"})}, "/schema/outputs/properties",
         "one output"),
        ({"schema": with_outputs(a={"type": "polylines"})}, "/postprocess/kind", "polylines"),
        ({"schema": {**SCHEMA, "inputs": {"properties": {"x": {"type": "string"}}}}}, "/schema/inputs/properties",
         "local or image"),
    ],
)  # fmt: skip
def test_a_fault_of_a_no_code_package_is_named_at_its_pointer(
    packed: Zip, change: Any, pointer: str, said: str
) -> None:
    assert said in faults_of(packed({**BUILTIN, **change}, {"w.pt": b"w"}))[pointer]


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"README.md": b"\xff"}, "README.md"),
        ({"requirements.txt": b"a\x00b"}, "requirements.txt"),
        ({"README.md": b"x" * (2**20 + 1)}, "README.md"),
        ({"examples/a.png": b"", "examples/a.json": b"{"}, "examples/a.json"),
        ({"examples/a.png": b"", "examples/a.json": b"[]"}, "examples/a.json"),
        ({"examples/a.png": b"", "examples/a.json": b'{"predictions": 3}'}, "examples/a.json#/predictions"),
        ({"examples/a.png": b"", "examples/a.json": b'{"prediction": "3"}'}, "examples/a.json#/prediction"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(packed: Zip, files: dict[str, bytes], place: str) -> None:
    assert place in faults_of(packed(MANIFEST, {"model.py": "", **files}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "digits"
    for name, content in {
        "model.json": json.dumps(MANIFEST), "model.py": "class Model: ...", "weights/w.bin": "w" * 2_000_000,
        "__pycache__/model.pyc": "", ".git/config": "", ".hidden": "",
    }.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def test_a_folder_is_packed_without_what_does_not_belong_in_a_package(folder: Path, tmp_path: Path) -> None:
    package = inspect_package(pack_folder(folder, tmp_path / "out" / "x.zip"))
    assert [name for name, _ in package.files] == ["model.json", "model.py", "weights/w.bin"]


def test_the_same_folder_always_has_the_same_digest(folder: Path, tmp_path: Path) -> None:
    first = inspect_package(pack_folder(folder, tmp_path / "a.zip"))
    (folder / "model.py").touch()
    (folder / "model.py").chmod(0o755)
    assert inspect_package(pack_folder(folder, tmp_path / "b.zip")).sha256 == first.sha256


def test_a_package_packed_into_its_own_folder_does_not_hold_itself(folder: Path) -> None:
    pack_folder(folder, folder / "x.zip")
    package = inspect_package(pack_folder(folder, folder / "x.zip"))
    assert "x.zip" not in dict(package.files)


def test_a_manifest_may_be_given_when_packing(folder: Path, tmp_path: Path) -> None:
    packed = pack_folder(folder, tmp_path / "x.zip", manifest={**MANIFEST, "version": "2.0.0"})
    assert inspect_package(packed).manifest["version"] == "2.0.0"


def test_a_link_in_the_folder_is_refused_and_nothing_is_packed(folder: Path, tmp_path: Path) -> None:
    (folder / "weights" / "link").symlink_to("/etc/passwd")
    with pytest.raises(InvalidInput, match="symbolic link"):
        pack_folder(folder, tmp_path / "out" / "x.zip")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no folder"):
        pack_folder(tmp_path / "absent", tmp_path / "x.zip")


def test_unpacking_checks_the_digest_first(packed: Zip, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        unpack_package(packed(), tmp_path / "into", sha256="0" * 64)
    assert refused.value.code == "wrong_digest"
    assert not (tmp_path / "into").exists()


def test_unpacking_never_writes_over_what_is_there(packed: Zip, tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "mine").write_text("mine")
    with pytest.raises(FileExistsError):
        unpack_package(packed(), tmp_path / "into")
    assert [path.name for path in (tmp_path / "into").iterdir()] == ["mine"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["into", "package.zip"]


def test_the_file_of_the_no_code_runners_is_where_it_is_said_to_be() -> None:
    assert BUILTIN_RUNNER.is_file()
