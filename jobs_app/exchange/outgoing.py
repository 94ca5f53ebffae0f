"""Samples as records that a format can write, with their images and masks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress

from datasets_app.images import EXTENSION_OF
from datasets_app.models import Field, LabelClass, Sample, Value
from jobs_app.exchange.models import Export
from jobs_app.models import Job
from samplecase.contracts.labels import LABELLED_TYPES, MASK_TYPES
from samplecase.exchange.formats.archive import NAME as ARCHIVE
from samplecase.exchange.formats.archive import mask_path
from samplecase.exchange.names import stem
from samplecase.exchange.port import FORMATS
from samplecase.exchange.records import Content, FieldFacts, Record, split_of
from samplecase.exchange.records import Value as Read
from samplecase.exchange.sources import is_image
from samplecase.exchange.targets import Target
from samplecase.storage.port import BlobNotFound, mask_key, media_key
from samplecase.web.rest.blobs import blob_store


def content_of(job: Job, work: Export) -> Content:
    """What is exported, its fields with all their classes: those declared in their order, then others that occur."""
    there = {field.name: field for field in Field.objects.filter(dataset=job.dataset_id)}
    fields = [_facts(there[name]) for name in work.fields if name in there]
    dataset = job.dataset
    return Content(dataset.name, fields, work.media, dataset.description, dataset.tags)


def _facts(field: Field) -> FieldFacts:
    classes = list(field.classes)
    if field.type in LABELLED_TYPES:
        met = (
            LabelClass.objects.filter(field=field, count__gt=0)
            .order_by("name")
            .values_list("name", flat=True)
        )
        classes = list(dict.fromkeys([*classes, *met]))
    return FieldFacts(field.name, field.type, classes, field.colors, field.attributes, field.dimension)


def records_of(job: Job, work: Export, samples: Sequence[Sample], content: Content) -> list[Record]:
    """A record for each sample, with the values of the fields that are exported."""
    fields = {field.pk: field for field in Field.objects.filter(dataset=job.dataset_id, name__in=work.fields)}
    values: dict[int, list[Value]] = defaultdict(list)
    chosen = Value.objects.filter(sample__in=[each.pk for each in samples], field__in=list(fields))
    for value in chosen.select_related("editor"):
        values[value.sample_id].append(value)
    renamed = set(work.renamed)
    made = []
    for sample in samples:
        record = Record(_name(sample, work, sample.pk in renamed), tags=list(sample.tags))
        record.width, record.height, record.split = sample.width, sample.height, split_of(sample.tags)
        for value in values[sample.pk]:
            field = fields[value.field_id]
            record.values[field.name] = Read(field.type, value.data)
            if work.format == ARCHIVE:
                record.facts[field.name] = _provenance(value)
                if field.type in MASK_TYPES:
                    record.masks[value.data["mask"]] = mask_path(sample.name, value.data["mask"])
        made.append(record)
    return made


def _name(sample: Sample, work: Export, is_renamed: bool) -> str:
    """The archive keeps names as they are; elsewhere files need an extension, and a name of their own."""
    if work.format == ARCHIVE:
        return sample.name
    name = sample.name
    if FORMATS[work.format].is_named_by_stem and not is_image(name):
        name += EXTENSION_OF.get(sample.mime, "")
    if not is_renamed:
        return name
    start = stem(name)
    return f"{start}-{sample.pk}{name[len(start) :]}"


def _provenance(value: Value) -> dict[str, object]:
    facts = {
        "source": value.source,
        "job": value.job,
        "model_version": value.model_version,
        "created_by": value.editor.username if value.editor else None,
        "written_at": value.written_at.isoformat(),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def put_images(
    target: Target, work: Export, samples: Sequence[Sample], records: Sequence[Record], content: Content
) -> list[Sample]:
    """Each sample's image where the format looks for it; returns those that the blob store has lost."""
    lost, format = [], FORMATS[work.format]
    for sample, record in zip(samples, records, strict=True):
        try:
            with blob_store().open(media_key(sample.media_sha256)) as stream:
                target.put(format.media_path(record, content), stream.read())
        except BlobNotFound:
            lost.append(sample)
    return lost


def put_masks(target: Target, work: Export, records: Sequence[Record]) -> None:
    """The pixels of masks. One that the blob store has lost is missed by whoever reads the archive."""
    if work.format != ARCHIVE:
        return
    for record in records:
        for digest, path in record.masks.items():
            with suppress(BlobNotFound), blob_store().open(mask_key(digest)) as stream:
                target.put(path, stream.read())
