"""Files for replicas and the pixels that come back from them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from samplecase.contracts.jobs import SampleRef
from samplecase.runtime.engines.port import Array, Png
from samplecase.runtime.masks import InvalidMask, store_mask
from samplecase.runtime.media import UnreadableMedia, decoded, place, take_away
from samplecase.storage.memory import MemoryStore
from samplecase.storage.port import StorageUnavailable, mask_key, media_key
from tests.engine.conftest import World, png


def encoded(image: Pillow.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_an_image_is_turned_as_its_exif_says() -> None:
    image = Pillow.new("RGB", (4, 2))
    exif = Pillow.Exif()
    exif[0x0112] = 6
    found = decoded(encoded(image, "JPEG", exif=exif))
    assert (found.width, found.height) == (2, 4)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    found = decoded(encoded(Pillow.new(mode, (3, 2)), kind))
    assert len(found.data) == 3 * 2 * 3


def test_sixteen_bits_keep_their_brightness() -> None:
    image = Pillow.fromarray(np.full((1, 1), 0x8000, np.uint16))
    assert decoded(encoded(image)).data == b"\x80\x80\x80"


@pytest.mark.parametrize("data", [b"", b"<svg/>", png()[:40], b"%PDF-1.4", b"GIF89a"])
def test_what_is_no_image_is_said_to_be_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableMedia):
        decoded(data)


def test_an_image_over_the_pixel_limit_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samplecase.runtime.media.MAX_PIXELS", 10)
    with pytest.raises(UnreadableMedia, match="over the limit"):
        decoded(png())


def test_a_file_is_linked_where_it_can_be_and_the_store_s_own_stays(world: World, tmp_path: Path) -> None:
    sample = world.sample("x")
    placed = place(sample, tmp_path, world.blobs)
    original = world.blobs.local_path(media_key(sample.media_sha256))
    assert original is not None
    assert placed.samefile(original)
    take_away([placed])
    assert original.exists()
    assert not placed.exists()


def test_a_file_that_another_user_may_not_read_is_copied(world: World, tmp_path: Path) -> None:
    sample = world.sample("x")
    original = world.blobs.local_path(media_key(sample.media_sha256))
    assert original is not None
    original.chmod(0o400)
    placed = place(sample, tmp_path, world.blobs)
    assert not placed.samefile(original)
    assert placed.stat().st_mode & 0o777 == 0o444
    assert placed.read_bytes() == original.read_bytes()


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_whole_numbers_are_kept_as_they_are(dtype: str) -> None:
    blobs = MemoryStore()
    pixels = np.arange(6, dtype=dtype).reshape(2, 3) * 40
    facts = store_mask(Array(pixels.tobytes(), dtype, 2, 3), blobs)
    assert (facts["width"], facts["height"], "range" in facts) == (3, 2, False)
    stored = Pillow.open(blobs.open(mask_key(facts["mask"])))
    assert np.array_equal(np.asarray(stored), pixels)


def test_a_heat_map_keeps_its_scale() -> None:
    blobs = MemoryStore()
    pixels = np.linspace(-2, 6, 12, dtype=np.float32).reshape(3, 4)
    facts = store_mask(Array(pixels.tobytes(), "float32", 3, 4), blobs)
    low, high = facts["range"]
    stored = np.asarray(Pillow.open(blobs.open(mask_key(facts["mask"])))).astype(float)
    assert np.allclose(stored / 65535 * (high - low) + low, pixels, atol=1e-3)


def test_an_even_heat_map_has_a_range_of_one_value() -> None:
    facts = store_mask(Array(np.ones((2, 2), np.float32).tobytes(), "float32", 2, 2), MemoryStore())
    assert facts["range"] == [1.0, 1.0]


def test_equal_masks_are_stored_once() -> None:
    blobs = MemoryStore()
    element = Array(bytes(4), "uint8", 2, 2)
    assert store_mask(element, blobs) == store_mask(element, blobs)
    assert len(list(blobs.list("masks/"))) == 1


@pytest.mark.parametrize(
    "element",
    [
        Array(bytes(5), "uint8", 2, 2),
        Array(b"", "uint8", 0, 0),
        Array(bytes(4), "uint8", -2, -2),
        Array(bytes(4), "uint8", 2**20, 2**20),
        Array(bytes(8), "float64", 1, 1),
        Array(np.array([[np.nan]], np.float32).tobytes(), "float32", 1, 1),
        Png(b"not a png"),
        Png(encoded(Pillow.new("RGB", (2, 2)))),
        Png(encoded(Pillow.new("L", (2, 2)), "JPEG")),
    ],
)
def test_what_is_no_mask_is_refused(element: Array | Png) -> None:
    with pytest.raises(InvalidMask):
        store_mask(element, MemoryStore())


def test_a_png_of_a_palette_keeps_its_class_numbers() -> None:
    image = Pillow.fromarray(np.array([[0, 5], [7, 255]], np.uint8))
    image = image.convert("P")
    image.putdata([0, 5, 7, 255])
    blobs = MemoryStore()
    facts = store_mask(Png(encoded(image)), blobs)
    assert np.asarray(Pillow.open(blobs.open(mask_key(facts["mask"])))).tolist() == [[0, 5], [7, 255]]


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_sample(tmp_path: Path) -> None:
    """As when the replica has just died: the batch is tried again elsewhere."""
    store = MemoryStore()
    store.put(media_key("a" * 64), io.BytesIO(b"bytes"))
    sample = SampleRef(id=1, name="one.png", media_sha256="a" * 64, extension=".png")
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        place(sample, tmp_path / "gone", store)
