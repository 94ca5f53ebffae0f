"""One group of an import's records: images stored first, rows and values second, and what became of each."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from PIL import Image

from datasets_app.images import ImageFacts
from datasets_app.models import Dataset, Field, Sample, Value
from datasets_app.samples import samples_changed
from datasets_app.values import NewValue, lock_field, write_values
from jobs_app.exchange.images import Picture, pictures
from jobs_app.exchange.models import Import
from jobs_app.exchange.staging import take_back
from jobs_app.models import Job
from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.contracts.labels import MASK_TYPES, ValueChecker
from samplecase.contracts.states import OnExisting, Source
from samplecase.exchange.fitting import fitted
from samplecase.exchange.formats.archive import mask_bytes
from samplecase.exchange.geometry import relative
from samplecase.exchange.names import base
from samplecase.exchange.records import Record
from samplecase.exchange.sources import Files
from samplecase.runtime.masks import MASK_MODES
from samplecase.storage.port import StorageUnavailable, mask_key
from samplecase.web.accounts.models import record as audit
from samplecase.web.rest.blobs import blob_store
from samplecase.web.uploads.quotas import refuse_beyond_storage

LONGEST_NAME = 255


class Row(NamedTuple):
    """What became of one record."""

    name: str
    sample: int | None
    outcome: str  # added, matched or skipped
    reason: str = ""
    message: str = ""


@dataclass
class Candidate:
    """A record on its way: with its image, and the sample that it seems to mean."""

    record: Record
    sample: int | None
    picture: Picture | None
    row: Row | None = None  # once it is settled

    def skip(self, reason: str, message: str) -> None:
        self.row = Row(self.record.name, self.sample, "skipped", reason, message)


@dataclass
class Prepared:
    """A group, its images in the blob store."""

    candidates: list[Candidate]
    may_add: bool


def prepare(files: Files, work: Import, index: int, *, may_add: bool) -> Prepared:
    """Read the group, and store its images; nothing is written to the database yet."""
    rows = take_back(work.stage, index)
    records = [record for record, _ in rows]
    dataset = work.job.dataset_id

    def known(digest: str) -> ImageFacts | None:
        there = Sample.objects.filter(media_sha256=digest, dataset=dataset)
        facts = there.values_list("width", "height", "mime").first()
        return ImageFacts(*facts) if facts else None

    found = pictures(files, records, known)
    candidates = [Candidate(*row, picture) for row, picture in zip(rows, found, strict=True)]
    for each in candidates:
        _store_masks(files, each.record)
    return Prepared(candidates, may_add)


def _store_masks(files: Files, record: Record) -> None:
    """Put the pixels of masks where values look for them; a value whose pixels are not there is left out."""
    for digest, name in record.masks.items():
        try:
            content = mask_bytes(files, name, digest)
            _check_mask(record, digest, content)
            if not blob_store().exists(mask_key(digest)):
                blob_store().put(mask_key(digest), io.BytesIO(content))
        except StorageUnavailable:
            raise  # nothing is said of the pixels: the group is prepared again
        except Exception:  # hostile bytes make decoders raise nearly anything
            for field, value in list(record.values.items()):
                if value.type in MASK_TYPES and value.data.get("mask") == digest:
                    del record.values[field]
                    record.warnings.append(f"{field}: its pixels are not in the file")


def _check_mask(record: Record, digest: str, content: bytes) -> None:
    """Whoever reads a mask relies on one channel, and on the size that its values say."""
    with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
        said = [value.data for value in record.values.values() if value.type in MASK_TYPES]
        sizes = {(each["width"], each["height"]) for each in said if each["mask"] == digest}
        if image.mode not in MASK_MODES or sizes != {image.size}:
            raise ValueError("the pixels are of another kind or size")
        image.load()


def write_group(job: Job, work: Import, prepared: Prepared) -> list[Row]:
    """Add samples and write values, in the caller's transaction; one row for each record, in their order."""
    locked = Dataset.objects.select_for_update(no_key=True).filter(pk=job.dataset_id).first()
    if locked is None:
        raise NotFound("The dataset was deleted.")
    candidates = prepared.candidates
    _settle(job, candidates)
    if prepared.may_add:
        added = _add_samples(job, candidates)
    else:
        added = set()
        for each in candidates:
            if each.row is None and each.sample is None and each.picture is not None:
                each.skip("no_right", "Adding samples needs the right “edit” on the dataset.")
    for each in candidates:
        if each.row is None and each.sample is None:
            each.skip("no_image", "The dataset has no such sample, and the file brings no image for it.")
    _refuse_repeated(candidates)
    outcomes = _write_values(job, work, [each for each in candidates if each.row is None])
    _add_tags([each for each in candidates if each.row is None])
    return [each.row or _row(each, added, outcomes.get(each.sample or 0, [])) for each in candidates]


def _settle(job: Job, candidates: Sequence[Candidate]) -> None:
    """Which sample each record means, now that its image is known."""
    names = [each.record.name for each in candidates]
    hashes = [each.picture.sha256 for each in candidates if each.picture]
    rows = Sample.objects.filter(dataset=job.dataset_id)
    named = {
        name: (pk, sha)
        for pk, name, sha in rows.filter(name__in=names).values_list("pk", "name", "media_sha256")
    }
    same: dict[str, list[tuple[int, str]]] = {}
    for pk, name, sha in rows.filter(media_sha256__in=hashes).values_list("pk", "name", "media_sha256"):
        same.setdefault(sha, []).append((pk, name))
    matched = [each.sample for each in candidates if each.sample]
    there = set(rows.filter(pk__in=matched).values_list("pk", flat=True))
    for each in candidates:
        picture = each.picture
        if picture is None:
            each.sample = each.sample if each.sample in there else None
        elif picture.reason:
            each.skip(picture.reason, picture.message)
        elif each.record.name in named:
            pk, sha = named[each.record.name]
            each.sample = pk
            if sha != picture.sha256:
                each.skip("name_taken", "Another image of the dataset has this name.")
        else:
            each.sample = _same_image(each.record.name, same.get(picture.sha256, []))


def _same_image(name: str, found: Sequence[tuple[int, str]]) -> int | None:
    """The one sample with this very image whose name this one ends with."""
    fits = [pk for pk, other in found if base(name).endswith(base(other))]
    return fits[0] if len(fits) == 1 else None


def _add_samples(job: Job, candidates: Sequence[Candidate]) -> set[int]:
    new: dict[str, Candidate] = {}
    for each in candidates:
        if each.row is not None or each.sample is not None or each.picture is None:
            continue
        if len(each.record.name) > LONGEST_NAME:
            each.skip("name_too_long", f"A sample's name has at most {LONGEST_NAME} characters.")
        elif each.record.name in new:
            each.skip("repeated", "The file has this sample twice; the first counts.")
        else:
            new[each.record.name] = each
    size = sum(each.picture.size for each in new.values() if each.picture)
    refuse_beyond_storage(owner=job.dataset.owner, more=size)
    made = Sample.objects.bulk_create(_sample(job, each) for each in new.values())
    for sample, each in zip(made, new.values(), strict=True):
        each.sample = sample.pk
    if made:
        samples_changed(job.dataset_id, added=len(made))
        audit(actor=job.owner, action="samples.add", subject=job.dataset, added=len(made))
    return {sample.pk for sample in made}


def _sample(job: Job, candidate: Candidate) -> Sample:
    picture = candidate.picture
    if picture is None or picture.facts is None:
        raise ValueError("a sample without an image")
    return Sample(
        dataset_id=job.dataset_id,
        name=candidate.record.name,
        media_sha256=picture.sha256,
        width=picture.facts.width,
        height=picture.facts.height,
        bytes=picture.size,
        mime=picture.facts.mime,
    )


def _refuse_repeated(candidates: Sequence[Candidate]) -> None:
    seen: set[int] = set()
    for each in candidates:
        if each.row is not None or each.sample is None:
            continue
        if each.sample in seen:
            each.skip("repeated", "The file has this sample twice; the first counts.")
        seen.add(each.sample)


def _add_tags(candidates: Sequence[Candidate]) -> None:
    """Tags and the split, beside those that a sample has."""
    wanted = {
        each.sample: [*each.record.tags, *([each.record.split] if each.record.split else [])]
        for each in candidates
        if each.sample and (each.record.tags or each.record.split)
    }
    changed: set[int] = set()
    for sample in Sample.objects.filter(pk__in=wanted):
        tags = list(dict.fromkeys([*sample.tags, *(tag[:100] for tag in wanted[sample.pk])]))[:100]
        if tags != sample.tags:
            Sample.objects.filter(pk=sample.pk).update(tags=tags)
            changed.add(sample.dataset_id)
    for dataset in changed:
        samples_changed(dataset)


# Values --------------------------------------------------------------------------------------------------------------

# Why a sample's values were left as they were, the one to be told first.
KEPT = {
    "invalid_value": "",
    "human_value": "A person's value stands there.",
    "existing": "There is a value already.",
    "unchanged": "The same is there already.",
}


def _write_values(
    job: Job, work: Import, candidates: Sequence[Candidate]
) -> dict[int, list[tuple[str, str]]]:
    """For each sample what became of each of its values: `("written" or a reason of KEPT, message)`."""
    sizes = {
        pk: (width, height)
        for pk, width, height in Sample.objects.filter(
            pk__in=[each.sample for each in candidates]
        ).values_list("pk", "width", "height")
    }
    outcomes: dict[int, list[tuple[str, str]]] = {}
    for each in candidates:
        width, height = sizes[each.sample or 0]
        _make_relative(each.record, width, height)
    for source, field_id in sorted(work.targets.items(), key=lambda pair: pair[1]):
        field = Field.objects.filter(pk=field_id).first()
        if field is None:
            raise NotFound(f"The field for “{source}” was deleted.", code="field_gone")
        _write_field(job, work, lock_field(field), source, candidates, outcomes)
    return outcomes


def _make_relative(record: Record, width: int, height: int) -> None:
    record.warnings += relative(record, width=width, height=height)


def _write_field(
    job: Job,
    work: Import,
    field: Field,
    source: str,
    candidates: Sequence[Candidate],
    outcomes: dict[int, list[tuple[str, str]]],
) -> None:
    checker = ValueChecker(field.type, dimension=field.dimension)
    there = dict(
        Value.objects.filter(field=field, sample__in=[each.sample for each in candidates]).values_list(
            "sample", "data"
        )
    )
    rows: list[NewValue] = []
    for each in candidates:
        value = each.record.values.get(source)
        if value is None or each.sample is None:
            continue
        told = outcomes.setdefault(each.sample, [])
        try:
            raw = fitted(value, field.type, work.classes)
            if raw is None:
                continue
            data = checker.normalise(raw)
        except InvalidInput as error:
            told.append(("invalid_value", f"{field.name}: {error.message}"))
            continue
        except (KeyError, TypeError, AttributeError):
            told.append(("invalid_value", f"{field.name}: the value is not of its type."))
            continue
        if each.sample in there and _bare(there[each.sample]) == _bare(data):
            told.append(("unchanged", KEPT["unchanged"]))
        else:
            rows.append(NewValue(each.sample, data))
    report = write_values(
        field=field,
        rows=rows,
        source=Source.IMPORT,
        acting_user=job.owner,
        job=job.pk,
        on_existing=OnExisting(work.on_existing),
    )
    for samples, reason in (
        (report.written, "written"),
        (report.kept_human, "human_value"),
        (report.kept_existing, "existing"),
    ):
        for sample in samples:
            outcomes[sample].append((reason, KEPT.get(reason, "")))


def _bare(data: Any) -> Any:
    """A value without the ids of its labels, which many formats do not have."""
    if isinstance(data, list):
        return [_bare(each) for each in data]
    return {key: part for key, part in data.items() if key != "id"} if isinstance(data, dict) else data


def _row(candidate: Candidate, added: set[int], outcomes: Sequence[tuple[str, str]]) -> Row:
    """Added or matched if anything of it was taken; else skipped, with the reason that says most."""
    sample, name = candidate.sample, candidate.record.name
    said = {reason: message for reason, message in outcomes if reason != "written"}
    reason = next((each for each in KEPT if each in said), "")
    message = said.get(reason, "") or "; ".join(candidate.record.warnings)
    if sample in added:
        return Row(name, sample, "added", reason, message[:500])
    if any(reason == "written" for reason, _ in outcomes):
        return Row(name, sample, "matched", reason, message[:500])
    message = message or "The file has nothing for this sample that is taken."
    return Row(name, sample, "skipped", reason or "nothing_taken", message[:500])
