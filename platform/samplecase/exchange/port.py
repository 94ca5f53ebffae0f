"""What a format can do, and the list of those that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.labels import FieldType
from samplecase.exchange.formats import (
    archive,
    coco,
    csv_table,
    cvat,
    fiftyone,
    image_folder,
    label_studio,
    voc,
    yolo,
)
from samplecase.exchange.records import Content, Reading, Record
from samplecase.exchange.sources import Files
from samplecase.exchange.targets import Target


@dataclass(frozen=True)
class Format:
    """One interchange format.

    `sniff` says how sure it is, 0 to 1, that files are of this format. `types` are those of the fields that it can
    carry, of one field only where `is_single`. `media_path` is where the image of a record lies in what is written.
    """

    name: str
    title: str
    sniff: Callable[[Files], float]
    read: Callable[[Files], Reading]
    write: Callable[[Content, Iterable[Record], Target], None]
    media_path: Callable[[Record, Content], str]
    types: frozenset[FieldType]
    is_single: bool = False
    needs_media: bool = False
    is_named_by_stem: bool = False  # two images that differ in their extension only would share a file


FORMATS: dict[str, Format] = {
    each.NAME: Format(
        name=each.NAME,
        title=each.TITLE,
        sniff=each.sniff,
        read=each.read,
        write=each.write,
        media_path=each.media_path,
        types=each.TYPES,
        is_single=getattr(each, "IS_SINGLE", False),
        needs_media=getattr(each, "NEEDS_MEDIA", False),
        is_named_by_stem=getattr(each, "IS_NAMED_BY_STEM", False),
    )
    for each in (archive, coco, yolo, voc, cvat, label_studio, fiftyone, csv_table, image_folder)
}


def detect(files: Files) -> Format:
    """The format that is surest of these files. Raises `InvalidInput` (`unknown_format`)."""
    ranked = sorted(FORMATS.values(), key=lambda each: -each.sniff(files))
    if not ranked[0].sniff(files):
        names = ", ".join(each.title for each in FORMATS.values())
        raise InvalidInput(
            f"This is none of the formats that are read: {names}. If it is, say which.",
            code="unknown_format",
            pointer="/file",
        )
    return ranked[0]


def find_format(name: str, *, pointer: str = "/format") -> Format:
    """Raises `InvalidInput` at `pointer`."""
    if name not in FORMATS:
        raise InvalidInput(f"A format is one of {', '.join(FORMATS)}.", pointer=pointer)
    return FORMATS[name]
