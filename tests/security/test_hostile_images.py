"""Hostile images: bombs, cut and bent files, polyglots, SVG, and files that are something else."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from datasets_app.images import UnfitImage, inspect, thumbnail
from datasets_app.models import Sample
from samplecase.web.rest.blobs import blob_store
from tests.fixtures_datasets import picture

MAX_PIXELS = 100_000_000


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, data: bytes = b"", *, depth: int = 8, color: int = 2, extra: bytes = b""
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + body + chunk(b"IEND", b"")


def gif(width: int, height: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return screen + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00;"


def bmp(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def webp(payload: bytes, kind: bytes = b"VP8 ") -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(payload)) + payload
    return b"RIFF" + struct.pack("<I", len(body)) + body


def noise(kind: str) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((64, 64), 80).convert("RGB").save(made, kind)
    return made.getvalue()


def other_format(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, kind)
    return made.getvalue()


def many_scans(copies: int) -> bytes:
    """A progressive JPEG with one of its scans again and again, 36 bytes each: a pass over all pixels for each."""
    made = io.BytesIO()
    Image.new("L", (2_000, 2_000), 128).save(made, "JPEG", progressive=True)
    first, second, *others = made.getvalue().split(b"\xff\xda")
    return b"\xff\xda".join([first, second, *[others[0]] * copies, *others])


def large_jpeg_header(marker: int) -> bytes:
    """A JPEG of a kind that is not read here, by the marker of its frame."""
    return noise("JPEG").replace(b"\xff\xc0\x00\x11", b"\xff" + bytes([marker]) + b"\x00\x11")


def webp_frames() -> bytes:
    frame = b"ANMF" + struct.pack("<I", 24) + b"\0" * 6 + b"\xff\xff\x3f" * 2 + b"\0" * 12
    return webp(b"\x02\0\0\0\xff\xff\x00\xff\xff\x00" + b"ANIM\x06\0\0\0" + b"\0" * 6 + frame, b"VP8X")


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\x89",
    "text": lambda: b"hello, I am a picture",
    "HTML": lambda: b"<!doctype html><script>alert(1)</script>",
    "SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "SVG with a declaration": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg/>'
    ),
    "a program": lambda: b"MZ\x90\x00" + bytes(200),
    "an ELF": lambda: b"\x7fELF" + bytes(200),
    "PDF": lambda: b"%PDF-1.7\n1 0 obj <<>> endobj",
    "PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run",
    "TIFF": lambda: other_format("TIFF"),
    "ICO": lambda: other_format("ICO"),
    "TGA": lambda: other_format("TGA"),
    "PPM": lambda: b"P6 8 8 255\n" + bytes(192),
    "PPM that says it is huge": lambda: b"P6 60000 60000 255\n",
    "JPEG 2000": lambda: b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(64),
    "PSD": lambda: b"8BPS\x00\x01" + bytes(64),
    "a gzip": lambda: b"\x1f\x8b\x08" + bytes(32),
    "PNG bomb of pixels": lambda: png(60_000, 60_000),
    "PNG bomb that is true": lambda: png(
        20_000, 20_000, bytes(20_000 * 20_000 // 8 + 20_000), depth=1, color=0
    ),
    "PNG just over the limit": lambda: png(10_001, 10_000),
    "PNG of a hair's width": lambda: png(70_000, 1, bytes(1 + 210_000)),
    "PNG with a negative side": lambda: png(2**32 - 1, 1),
    "PNG of no size": lambda: png(0, 0),
    "PNG without data": lambda: png(64, 64),
    "PNG with too little data": lambda: png(64, 64, bytes(100)),
    "PNG cut in its header": lambda: picture()[:20],
    "PNG cut in its data": lambda: noise("PNG")[:2_000],
    "PNG of a bad header sum": lambda: picture()[:29] + b"\0\0\0\0" + picture()[33:],
    "PNG text bomb": lambda: png(4, 4, extra=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 9))),
    "PNG profile bomb": lambda: png(
        4, 4, extra=chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(80_000_000), 9))
    ),
    "PNG signature alone": lambda: b"\x89PNG\r\n\x1a\n",
    "GIF bomb": lambda: gif(65_535, 65_535),
    "GIF cut": lambda: noise("GIF")[:900],
    "GIF header alone": lambda: b"GIF89a",
    "BMP bomb": lambda: bmp(2**31 - 1, 2**31 - 1),
    "BMP without pixels": lambda: bmp(1_000, 1_000),
    "BMP upside down and huge": lambda: bmp(50_000, -50_000),
    "JPEG cut": lambda: noise("JPEG")[:600],
    "JPEG of two bytes": lambda: b"\xff\xd8",
    "JPEG without a picture": lambda: (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
    ),
    "JPEG that says it is huge": lambda: noise("JPEG").replace(
        b"\xff\xc0\x00\x11\x08\x00\x40\x00\x40", b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff"
    ),
    "WebP of nothing": lambda: webp(b""),
    "WebP of noise": lambda: webp(bytes(range(64))),
    "WebP cut": lambda: noise("WEBP")[:400],
    "WebP that says it is huge": lambda: webp(b"\x10\0\0\0\xff\xff\xff\xff\xff\xff", b"VP8X"),
    "JPEG of ten thousand scans": lambda: many_scans(10_000),
    "JPEG without loss": lambda: large_jpeg_header(0xC3),
    "JPEG in a hierarchy": lambda: large_jpeg_header(0xC5),
    "JPEG of no height": lambda: noise("JPEG").replace(b"\x00\x40\x00\x40", b"\x00\x00\x00\x40"),
    "JPEG of segments without end": lambda: b"\xff\xd8" + b"\xff\xe1\xff\xff" + b"Exif\0\0" + bytes(65_527),
    "PNG of an unknown colour": lambda: png(8, 8, bytes(9 * 8), color=5),
    "PNG of an unknown depth": lambda: png(8, 8, bytes(9 * 8), depth=7),
    "GIF of no frame": lambda: gif(8, 8)[:16] + b";",
    "GIF of a code that is too wide": lambda: gif(8, 8).replace(b"\x02\x02\x4c\x01", b"\x0f\x02\x4c\x01"),
    "BMP of a palette without end": lambda: bmp(8, 8)[:46] + b"\xff\xff\xff\x7f" + bytes(4),
    "BMP of an unknown compression": lambda: bmp(8, 8)[:30] + b"\x63\0\0\0" + bytes(400),
    "WebP of frames that are huge": webp_frames,
    "AVIF": lambda: b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(64),
    "HEIC": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
    "a film": lambda: b"\x1aE\xdf\xa3" + bytes(64),
    "RIFF of sound": lambda: b"RIFF\x24\0\0\0WAVEfmt " + bytes(32),
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_image_is_refused_before_it_costs_anything(name: str) -> None:
    with pytest.raises(UnfitImage):
        inspect(io.BytesIO(REFUSED[name]()), max_pixels=MAX_PIXELS)
    with pytest.raises(UnfitImage):
        thumbnail(io.BytesIO(REFUSED[name]()), size=128, max_pixels=MAX_PIXELS)


def test_over_the_api_all_of_them_are_named_and_nothing_is_left_behind(owner_api: Any, dataset: Any) -> None:
    before = set(blob_store().list())
    files = [SimpleUploadedFile(f"{place}.png", make()) for place, make in enumerate(REFUSED.values())]
    address = f"/api/v1/datasets/{dataset.pk}/samples/"
    answer = owner_api.post(address, {"files": files}, format="multipart")
    assert answer.status_code == 400
    named = {each["pointer"] for each in answer.json()["error"]["details"]}
    # A file without a byte is named too; a browser would not have sent it.
    assert named == {f"{place}.png" for place in range(len(REFUSED))}
    assert set(blob_store().list()) == before
    assert not Sample.objects.exists()


POLYGLOTS = {
    "PNG and HTML": picture() + b"<script>alert(document.cookie)</script>",
    "GIF and JavaScript": picture(kind="GIF") + b"/*\n*/=1;alert(1)",
    "JPEG and PHP": picture(kind="JPEG") + b"<?php system($_GET['c']); ?>",
    "BMP and a zip": picture(kind="BMP") + b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_what_is_also_something_else_is_only_ever_an_image(owner_api: Any, dataset: Any, name: str) -> None:
    address = f"/api/v1/datasets/{dataset.pk}/samples/"
    files = [SimpleUploadedFile("x.html", POLYGLOTS[name], content_type="text/html")]
    assert owner_api.post(address, {"files": files}, format="multipart").json()["added"] == 1
    served = owner_api.get(f"{address}{Sample.objects.get().pk}/media/")
    assert b"".join(served.streaming_content) == POLYGLOTS[name]
    assert served["Content-Type"].startswith("image/")
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served["Content-Security-Policy"]


def test_honest_odd_images_are_accepted() -> None:
    odd = {
        "one pixel": picture((1, 1)),
        "a long strip": picture((5_000, 1)),
        "a progressive JPEG": picture((60, 60), kind="JPEG", progressive=True),
        "a JPEG of as many scans as any program writes": many_scans(20),
        "bad EXIF": picture((60, 60), kind="JPEG", exif=b"Exif\x00\x00" + b"\xff" * 40),
        "several frames": _animated(),
    }
    for name, content in odd.items():
        facts = inspect(io.BytesIO(content), max_pixels=MAX_PIXELS)
        assert facts.width >= 1, name
        assert thumbnail(io.BytesIO(content), size=128, max_pixels=MAX_PIXELS), name


def _animated() -> bytes:
    frames = [Image.new("RGB", (20, 20), (shade, 0, 0)) for shade in (0, 128, 255)]
    made = io.BytesIO()
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:])
    return made.getvalue()
