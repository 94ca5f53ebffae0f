"""Bring each mini-batch's files to its replica, as files or as decoded images, and take them away again."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from samplecase.contracts.jobs import SampleRef
from samplecase.runtime.engines.port import Image
from samplecase.storage.port import BlobNotFound, StorageUnavailable, media_key

DECODED_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "MPO")
MAX_PIXELS = 128 * 1024 * 1024
READABLE_BY_ALL = 0o444


class UnreadableMedia(Exception):
    """The file of a sample cannot be had; an error of that sample alone."""


class MediaSource(Protocol):
    """What is needed of a blob store to read samples; both methods may raise `BlobNotFound`, `StorageUnavailable`."""

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO: ...

    def local_path(self, key: str) -> Path | None: ...


def place(sample: SampleRef, folder: Path, source: MediaSource) -> Path:
    """Make the sample's original bytes readable as `{id}{ext}` in a replica's folder: linked, else copied.

    Raises `UnreadableMedia`; `StorageUnavailable` where the store does not answer, and where nothing can be written:
    the disk is full, or the replica has just died and its folder with it. Then nothing is left behind.
    """
    target = folder / f"{sample.id}{sample.extension}"
    key = media_key(sample.media_sha256)
    try:
        original = source.local_path(key)
        if original is None or not _linked(original, target):
            with source.open(key) as stream:
                _copy(stream, target)
    except BlobNotFound as error:
        raise UnreadableMedia("the file of this sample is no longer in the store") from error
    return target


def _copy(stream: BinaryIO, target: Path) -> None:
    try:
        with target.open("wb") as file:
            shutil.copyfileobj(stream, file, 1024 * 1024)
        target.chmod(READABLE_BY_ALL)
    except BaseException as error:
        take_away([target])
        if isinstance(error, OSError):
            raise StorageUnavailable(f"{target.parent} cannot be written: {error.strerror}") from error
        raise


def _linked(source: Path, target: Path) -> bool:
    """A hard link has the owner and mode of the store's file: it serves where another user may read that."""
    try:
        if not source.stat().st_mode & 0o004:
            return False
        os.link(source, target)
    except FileExistsError:
        return True
    except OSError:
        return False  # another disk, a file system without links, or no such file
    return True


def take_away(paths: list[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()


def decode(sample: SampleRef, source: MediaSource) -> Image:
    """The sample's image as RGB, uint8, turned as its EXIF says. Raises `UnreadableMedia`."""
    try:
        with source.open(media_key(sample.media_sha256)) as stream:
            return decoded(stream.read())
    except BlobNotFound as error:
        raise UnreadableMedia("the file of this sample is no longer in the store") from error


def decoded(data: bytes) -> Image:
    """Raises `UnreadableMedia` for what is no image of an allowed format and size."""
    try:
        with Pillow.open(io.BytesIO(data), formats=DECODED_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnreadableMedia(f"the image has {image.width} × {image.height} pixels, over the limit")
            return _rgb(image)
    except UnreadableMedia:
        raise
    except (
        Exception
    ) as error:  # decoders raise nearly anything on hostile files, and each is this sample's error
        raise UnreadableMedia(f"the image cannot be decoded: {error}") from error


def _rgb(image: Pillow.Image) -> Image:
    upright: Any = image
    ImageOps.exif_transpose(upright, in_place=True)
    if upright.mode.startswith("I;16") or upright.mode == "I":
        upright = Pillow.fromarray((np.asarray(upright).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    rgb = upright if upright.mode == "RGB" else upright.convert("RGB")  # a conversion copies all pixels
    return Image(rgb.tobytes(), rgb.height, rgb.width)
