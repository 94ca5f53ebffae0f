"""Uploaded images: what a file really is, whatever it is called, and its thumbnails. Nothing here trusts a byte."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

# What browsers show and models read. Pillow opens some forty formats; each of the others is one more parser to fear.
MIME_OF = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a phone's JPEG with more pictures behind the first
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",  # its first frame counts
    "BMP": "image/bmp",
}
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
EXTENSION_OF = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
}
THUMBNAIL_SIZES = (128, 256, 512, 1024)  # pixels on the longer side
THUMBNAIL_MIME = "image/webp"

MAX_SIDE = 65_535
MAX_SCANS = 100  # of a JPEG; cameras and programs write a dozen, and each costs a pass over all pixels
_SCAN = b"\xff\xda"
_LARGE_PIXELS = 16_000_000
_SIDEWAYS = frozenset({5, 6, 7, 8})  # EXIF orientations that exchange width and height
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# One large image at a time: a hundred million pixels take 400 MB while they are decoded.
_one_large_image = threading.Lock()


class Unfit(StrEnum):
    """Why a file cannot be a sample."""

    NOT_AN_IMAGE = "not_an_image"  # or of a format that is not read here
    TOO_LARGE = "too_large"  # more pixels, or a longer side, than the settings allow
    DAMAGED = "damaged"  # begins like an image, but cannot be decoded to its end


class UnfitImage(Exception):
    """A file that cannot be a sample, and why."""

    def __init__(self, reason: Unfit, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True)
class ImageFacts:
    """Width and height in pixels as displayed, the EXIF orientation applied; the type by content."""

    width: int
    height: int
    mime: str


def inspect(stream: BinaryIO, *, max_pixels: int) -> ImageFacts:
    """Decode an image once, so that what is stored can be shown. Raises `UnfitImage`."""
    with _opened(stream, max_pixels) as image:
        width, height = image.size
        image.draft("RGB", (1, 1))  # a JPEG is read to its end all the same, but into an eighth of its size
        image.load()
        if _orientation(image) in _SIDEWAYS:
            width, height = height, width
        return ImageFacts(width, height, MIME_OF[image.format or ""])


def thumbnail(stream: BinaryIO, *, size: int, max_pixels: int) -> bytes:
    """A WebP of at most `size` pixels on the longer side, upright, never enlarged. Raises `UnfitImage`."""
    with _opened(stream, max_pixels) as image:
        image.draft("RGB", (size, size))
        turn = _TURNS.get(_orientation(image))
        small = _for_the_eye(image)
        small.thumbnail((size, size), reducing_gap=2.0)
        if turn is not None:
            small = small.transpose(turn)
        made = io.BytesIO()
        small.save(made, "WEBP", quality=82, method=2)
        return made.getvalue()


@contextmanager
def _opened(stream: BinaryIO, max_pixels: int) -> Iterator[ImageFile.ImageFile]:
    """The image, its header checked before anything is decoded; whatever breaks in the block makes it unfit."""
    try:
        stream.seek(0)
        image = Image.open(stream, formats=FORMATS)
    except UnidentifiedImageError:
        raise UnfitImage(Unfit.NOT_AN_IMAGE, f"This is no image of {', '.join(FORMATS)}.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(max_pixels) from None
    except Exception as error:
        raise _damaged(error) from error
    with image:
        width, height = image.size
        if width * height > max_pixels or max(width, height) > MAX_SIDE:
            raise _too_many_pixels(max_pixels)
        if image.format in ("JPEG", "MPO") and _scans(stream) > MAX_SCANS:
            raise UnfitImage(Unfit.TOO_LARGE, f"The image is written in more than {MAX_SCANS} scans.")
        with _one_large_image if width * height > _LARGE_PIXELS else nullcontext():
            try:
                yield image
            except Exception as error:  # hostile bytes make decoders raise nearly anything
                raise _damaged(error) from error


def _scans(stream: BinaryIO) -> int:
    """How often a scan begins; within the data of one these bytes do not occur."""
    place = stream.tell()
    stream.seek(0)
    count, last = 0, b""
    while block := stream.read(1024 * 1024):
        count += (last + block).count(_SCAN)
        last = block[-1:]
    stream.seek(place)
    return count


def _too_many_pixels(limit: int) -> UnfitImage:
    return UnfitImage(
        Unfit.TOO_LARGE, f"The image has more than {limit:,} pixels, or a side of over {MAX_SIDE:,}."
    )


def _damaged(error: Exception) -> UnfitImage:
    said = "".join(char for char in str(error) if char.isprintable())[:200]
    return UnfitImage(Unfit.DAMAGED, f"The image cannot be decoded: {said or type(error).__name__}")


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) where there is none or nothing that can be read."""
    try:
        found = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        return 1
    return found if isinstance(found, int) else 1


def _for_the_eye(image: Image.Image) -> Image.Image:
    """The image in eight bits of RGB or RGBA."""
    if image.mode.startswith("I"):  # 16 bits of grey, which `convert` would cut off at 255
        return image.convert("I").point(lambda level: level / 256).convert("L").convert("RGB")
    if image.mode in {"RGB", "RGBA"} and "transparency" not in image.info:
        return image
    transparent = image.mode in {"LA", "PA", "RGBA"} or "transparency" in image.info
    return image.convert("RGBA" if transparent else "RGB")
