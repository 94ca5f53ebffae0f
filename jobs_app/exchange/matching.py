"""Which sample of a dataset a record of a file means: by name, with folder or without, by stem, by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from datasets_app.models import Dataset, Sample
from samplecase.exchange.names import MediaIndex, base, clean, number, stem
from samplecase.exchange.records import Record


def match(dataset: Dataset, records: Sequence[Record]) -> list[int | None]:
    """For each record the sample's id, or None.

    One that brings its image means the sample of that very name; whether the image is the same is seen when it is
    read. One without means the sample whose name ends alike, if just one does.
    """
    stems = {stem(base(record.name)) for record in records if not record.media}
    numbers = {int(record.name) for record in records if record.is_number}
    exact = {clean(record.name) for record in records}
    ids: dict[str, int] = {}
    by_number: dict[int, list[int]] = defaultdict(list)
    all_ids: set[int] = set()
    for pk, name in Sample.objects.filter(dataset=dataset).values_list("pk", "name").iterator(5_000):
        if name in exact or stem(base(name)) in stems:
            ids[name] = pk
        if numbers:
            if (own := number(name)) in numbers and own is not None:
                by_number[own].append(pk)
            if pk in numbers:
                all_ids.add(pk)
    index = MediaIndex(ids)
    return [_find(record, ids, index, by_number, all_ids) for record in records]


def _find(
    record: Record,
    ids: dict[str, int],
    index: MediaIndex,
    by_number: dict[int, list[int]],
    all_ids: set[int],
) -> int | None:
    name = clean(record.name)
    if name in ids:
        return ids[name]
    if record.media:
        return None
    if record.is_number:
        named = by_number.get(int(record.name), [])
        # Our own COCO files number images from 1 in the order of the ids; results of them come with both files.
        return named[0] if len(named) == 1 else int(record.name) if int(record.name) in all_ids else None
    found = index.find(name) or index.find_stem(name)
    return ids[found] if found else None
