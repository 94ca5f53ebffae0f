"""What is in the samples of a filter: per field its labels, ranges and histograms, its sources and its jobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction

from datasets_app import facet_counts
from datasets_app.facet_counts import COUNTED_TYPES, MEASURED_TYPES, SAMPLE_COLUMNS, Facts
from datasets_app.facet_parts import narrowed, without_own
from datasets_app.facet_scope import MOST_EXACT, Scope, scope_of, spread_of
from datasets_app.models import Dataset, Field, KeptFacets, LabelClass
from samplecase.contracts.labels import LABELLED_TYPES, FieldType

MAX_LABELS = 1_000  # of one field, the most frequent; `more` says how many others there are
WORTH_KEEPING = 2_000  # samples; fewer are counted as soon as what was kept is found


@dataclass(frozen=True)
class Question:
    """What is asked: under which filter, of which fields, and how."""

    document: Any = None
    names: Collection[str] | None = None  # None: all fields
    is_faceted: bool = False  # a field's own filter does not count for it
    exact: bool = False


def facets_of(*, dataset: Dataset, question: Question) -> Facts:
    """`{total, exact, tags, sample: {column: …}, fields: {name: {type, count, missing, …}}}` of the samples that fit.

    All is exact, without a filter from counters and from what was counted once, unless the dataset is very large and
    the filter fits very many of its samples: then it is estimated (`exact` is False), or counted if the question says
    so.
    """
    every = {field.name: field for field in Field.objects.filter(dataset=dataset)}
    wanted = [field for name, field in every.items() if question.names is None or name in question.names]
    counting = _Counting(dataset, every, question)
    whole = counting.scope(question.document)
    own = narrowed(question.document) if question.is_faceted else ()

    def scope_for(name: str) -> Scope:
        return counting.scope(without_own(question.document, name)) if name in own else whole

    fields = {field.name: counting.field(field, scope_for(field.name)) for field in wanted}
    tags = counting.samples(scope_for("tags"))["tags"]
    sample = {column: counting.samples(scope_for(column))[column] for column in SAMPLE_COLUMNS}
    return {
        "total": whole.total,
        "exact": counting.is_exact and whole.is_exact,
        "tags": tags,
        "sample": sample,
        "fields": fields,
    }


class _Counting:
    """Counts for one question. Scopes are made once, and what is counted over everything is kept."""

    def __init__(self, dataset: Dataset, fields: dict[str, Field], question: Question) -> None:
        self.dataset = dataset
        self.fields = fields
        self.question = question
        self.is_exact = True
        self._scopes: list[tuple[Any, Scope]] = []
        self._spread: Scope | None = None
        self._kept = {each.field_id: each for each in KeptFacets.objects.filter(dataset=dataset)}
        self._samples: list[tuple[Scope, Facts]] = []

    def scope(self, document: Any) -> Scope:
        for known, scope in self._scopes:
            if known == document:
                return scope
        made = scope_of(
            dataset=self.dataset, document=document, fields=self.fields, exact=self.question.exact
        )
        self._scopes.append((document, made))
        return made

    def field(self, field: Field, scope: Scope) -> Facts:
        self.is_exact = self.is_exact and scope.is_exact
        if scope.is_everything:
            facts = self._whole_field(field)
            labels: Mapping[str, int] | None = None
        else:
            facts = facet_counts.values_of(field, scope)
            if field.type in COUNTED_TYPES:
                facts |= facet_counts.labels_of(field, scope)
            labels = facts.pop("labels", {})
        shown = {
            "type": field.type,
            "count": facts["count"],
            "missing": max(0, scope.total - facts["count"]),
            "sources": facts["sources"],
            "jobs": facts["jobs"],
        }
        if field.type in COUNTED_TYPES:
            shown |= _label_part(_whole_labels(field) if labels is None else list(labels.items()))
        if field.type in LABELLED_TYPES or field.type == FieldType.REGRESSION:
            shown["confidence"] = facts["confidence"]
        if field.type in MEASURED_TYPES:
            shown |= {key: facts[key] for key in ("min", "max", "histogram")}
        return shown

    def samples(self, scope: Scope) -> Facts:
        """Of the samples themselves: tags and columns."""
        self.is_exact = self.is_exact and scope.is_exact
        for known, facts in self._samples:
            if known is scope:
                return facts
        made = self._whole_samples() if scope.is_everything else facet_counts.samples_of(scope)
        self._samples.append((scope, made))
        return made

    # Over everything -------------------------------------------------------------------------------------------------

    def _whole_field(self, field: Field) -> Facts:
        def count(scope: Scope) -> Facts:
            facts = facet_counts.values_of(field, scope)
            if field.type in LABELLED_TYPES:
                facts["confidence"] = facet_counts.confidence_of(field, scope)
            return facts

        return {**self._counted_once(field, field.changes, count), "count": field.value_count}

    def _whole_samples(self) -> Facts:
        return self._counted_once(None, self.dataset.changes, facet_counts.samples_of)

    def _counted_once(self, field: Field | None, changes: int, count: Any) -> Facts:
        """As kept, if nothing changed since; otherwise counted and kept, or estimated where that takes too long."""
        kept = self._kept.get(field.pk if field else None)
        if kept is not None and kept.changes == changes:
            return dict(kept.data)
        size = self.dataset.sample_count
        if size > MOST_EXACT and not self.question.exact:
            self.is_exact = False
            if self._spread is None:
                self._spread = spread_of(self.dataset, None, self.fields)
            return dict(count(self._spread))
        facts = count(Scope(self.dataset, size))
        if size >= WORTH_KEEPING:
            self._keep(field, changes, facts)
        return dict(facts)

    def _keep(self, field: Field | None, changes: int, facts: Facts) -> None:
        # The answer is right without it, also where the dataset is just being deleted or somebody holds the database.
        with suppress(DatabaseError), transaction.atomic():
            KeptFacets.objects.update_or_create(
                dataset=self.dataset, field=field, defaults={"changes": changes, "data": facts}
            )


def _whole_labels(field: Field) -> list[tuple[str, int]]:
    rows = LabelClass.objects.filter(field=field, count__gt=0)
    return list(rows.values_list("name", "count"))


def _label_part(labels: Sequence[tuple[str, int]]) -> Facts:
    ordered = sorted(labels, key=lambda each: (-each[1], each[0]))
    return {
        "labels": [{"label": name, "count": count} for name, count in ordered[:MAX_LABELS]],
        "more": max(0, len(ordered) - MAX_LABELS),
    }
