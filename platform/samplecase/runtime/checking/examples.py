"""What a model is asked when it is deployed: its package's examples, or made-up images and plain values."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image as Pillow

from samplecase.contracts.jobs import ModelSpec, SampleRef
from samplecase.contracts.schema import parse_schema
from samplecase.storage.port import BlobNotFound, media_key

EXAMPLE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
MAX_EXAMPLES = 16
SYNTHETIC_SIZES = ((64, 48), (33, 57), (224, 224))  # width, height: wide, tall and odd, square
PLAIN_VALUES: Mapping[str, Any] = {
    "string": "text",
    "number": 0.5,
    "integer": 1,
    "boolean": True,
    "object": {},
    "array": [],
    "classification": {"label": "label"},
    "regression": {"value": 0.5},
    "embedding": [0.0],
    "segmentation": None,
    "heatmap": None,
}


class ExampleFiles:
    """The media of a check: a source of images by key, and a store of masks that forgets them."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}

    def add(self, key: str, data: bytes) -> None:
        self._data[key] = data

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        if key not in self._data:
            raise BlobNotFound(key)
        end = None if length is None else offset + length
        return io.BytesIO(self._data[key][offset:end])

    def local_path(self, key: str) -> Path | None:
        return None

    def exists(self, key: str) -> bool:
        return True

    def put(self, key: str, source: BinaryIO) -> int:
        return len(source.read())


def example_samples(spec: ModelSpec, package: Path, files: ExampleFiles) -> tuple[list[SampleRef], bool]:
    """The package's own example images (then True), else made-up ones; fields get a plain value."""
    inputs = plain_inputs(spec.manifest)
    packed = list(_packed_images(package))
    images = packed or list(_synthetic_images())
    samples = []
    for number, (name, data) in enumerate(images, 1):
        files.add(media_key(f"{number:064x}"), data)
        extension = Path(name).suffix.lower()
        samples.append(SampleRef(number, name, f"{number:064x}", extension, inputs))
    return samples, bool(packed)


def numbered(sample: SampleRef, index: int) -> SampleRef:
    """The same sample again under a number of its own: a batch names its files by it."""
    return SampleRef(index, sample.name, sample.media_sha256, sample.extension, sample.inputs)


def _packed_images(package: Path) -> Iterator[tuple[str, bytes]]:
    folder = package / "examples"
    paths = sorted(folder.rglob("*")) if folder.is_dir() else []
    images = [path for path in paths if path.suffix.lower() in EXAMPLE_SUFFIXES and path.is_file()]
    for path in images[:MAX_EXAMPLES]:
        yield str(path.relative_to(package)), path.read_bytes()


def _synthetic_images() -> Iterator[tuple[str, bytes]]:
    generator = np.random.default_rng(0)
    for width, height in SYNTHETIC_SIZES:
        pixels = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Pillow.fromarray(pixels).save(buffer, "PNG")
        yield f"a made-up image of {width} × {height}.png", buffer.getvalue()


def plain_inputs(manifest: Mapping[str, Any]) -> dict[str, Any]:
    ports = parse_schema(manifest["schema"]).inputs
    return {name: plain_value(port.spec) for name, port in ports.items() if not port.is_media}


def plain_value(schema: Mapping[str, Any]) -> Any:
    """A value that this input may well have: its default, an allowed one, or an ordinary one of its type."""
    if "default" in schema:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema["type"]
    if kind in ("number", "integer"):
        return schema.get("minimum", PLAIN_VALUES[kind])
    if kind == "embedding":
        return [0.0] * int(schema.get("dimension", 1))
    if kind == "object":
        return {name: plain_value(inner) for name, inner in schema.get("properties", {}).items()}
    if kind == "array" and schema.get("minItems"):
        return [plain_value(schema.get("items", {"type": "number"}))] * int(schema["minItems"])
    return PLAIN_VALUES.get(kind, [])


def with_plain_inputs(manifest: Mapping[str, Any], samples: Sequence[SampleRef]) -> list[SampleRef]:
    """Samples of a dataset, with plain values for those inputs that only a job maps to fields."""
    inputs = plain_inputs(manifest)
    return [sample._replace(inputs=inputs) for sample in samples]
