"""The filter language: a JSON document becomes one condition on samples, and no key of it ever reaches the ORM."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connections
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import NullIf

from datasets_app.columns import SAMPLE_COLUMNS, Column, Kind, field_column
from datasets_app.comparing import COMPARED_TYPES, agrees_with_outer, comparable
from datasets_app.conditions import as_asked, bad_filter, condition_on, number, tag_condition, text
from datasets_app.evaluation_results import verdict_condition
from datasets_app.expressions import IsAmong
from datasets_app.models import (
    Dataset,
    Evaluation,
    EvaluationMatch,
    Field,
    LabelClass,
    LabelIndex,
    Projection,
    Value,
)
from datasets_app.points import read_loops, samples_within
from datasets_app.review_models import Decided, Review, ReviewItem
from samplecase.contracts.labels import LABELLED_TYPES

MAX_DEPTH = 8
MAX_LEAVES = 100
MAX_DRAWN = 4  # conditions on projections: each reads all points
MAX_CORNERS = 1_000  # of all that is drawn in one document
AGREEMENTS = ("agree", "disagree", "only_first", "only_second")
OPEN_WORD = "open"  # of a review's samples on which nothing was decided yet

Document = Mapping[str, Any]
LabelLeaf = tuple[Column, Document, str]  # the column, `{op, value}`, and where it stands


def parse_filter(
    document: Any,
    dataset: Dataset,
    *,
    pointer: str = "/filter",
    fields: Mapping[str, Field] | None = None,
    one_by_one: bool = False,
) -> Q:
    """The condition on the dataset's samples that a filter document states; no document, no condition.

    A leaf holds for values that are there: `ne` does not hold for a sample without a value, `not` around an `eq`
    does. `eq`, `ne` and `in` compare text exactly, `contains` and `startswith` without regard to case. `fields` are
    those of the dataset by their names, where the caller has them. `one_by_one` suits few samples that are chosen
    otherwise, of which each is looked at.

    Raises `InvalidInput` (`bad_filter`) with the pointer of the fault, beginning with `pointer`.
    """
    return Q() if document is None else _Reader(dataset, fields, one_by_one).node(document, pointer, 1)


class _Reader:
    """Reads one document. Leaves are counted, for a small document must not become a huge statement."""

    def __init__(self, dataset: Dataset, fields: Mapping[str, Field] | None, one_by_one: bool) -> None:
        self.dataset = dataset
        self._one_by_one = one_by_one
        self.leaves = 0
        self._drawn = self._corners = 0
        self._fields = fields
        self._readers: Mapping[str, Callable[[Document, str, int], Q]] = {
            "and": self._all,
            "or": self._any,
            "not": self._not,
            "field": self._leaf,
            "match": self._match,
            "compare": self._compare,
            "evaluation": self._evaluation,
            "projection": self._projection,
            "review": self._review,
        }

    # Nodes -----------------------------------------------------------------------------------------------------------

    def node(self, document: Any, at: str, depth: int) -> Q:
        if not isinstance(document, Mapping):
            raise bad_filter(
                at, 'A filter is an object, such as {"field": "name", "op": "eq", "value": "a.png"}.'
            )
        if depth > MAX_DEPTH:
            raise bad_filter(at, f"Filters are nested at most {MAX_DEPTH} deep.")
        found = [key for key in self._readers if key in document]
        if len(found) != 1:
            raise bad_filter(at, f"A filter has exactly one of the keys {', '.join(self._readers)}.")
        return self._readers[found[0]](document, at, depth)

    def _all(self, document: Document, at: str, depth: int) -> Q:
        return Q(*self._parts(document, "and", at, depth))

    def _any(self, document: Document, at: str, depth: int) -> Q:
        return Q(*self._parts(document, "or", at, depth), _connector=Q.OR)

    def _not(self, document: Document, at: str, depth: int) -> Q:
        _only(document, at, {"not"})
        return ~self.node(document["not"], f"{at}/not", depth + 1)

    def _parts(self, document: Document, key: str, at: str, depth: int) -> list[Q]:
        _only(document, at, {key})
        parts = document[key]
        if not isinstance(parts, list) or not parts:
            raise bad_filter(f"{at}/{key}", "This is a list of at least one filter.")
        return [self.node(part, f"{at}/{key}/{place}", depth + 1) for place, part in enumerate(parts)]

    # Leaves ----------------------------------------------------------------------------------------------------------

    def _leaf(self, document: Document, at: str, depth: int) -> Q:
        self._count_leaf(at)
        _only(document, at, {"field", "op", "value"})
        key = text(document["field"], f"{at}/field")
        column = SAMPLE_COLUMNS.get(key)
        if column is None or (key == "bytes" and key in self._named()):
            return self._field_leaf(key, document, at)
        is_tags = column.kind == Kind.TAGS
        condition = tag_condition(document, at) if is_tags else condition_on(column, document, at)
        return as_asked(condition, document, at)

    def _field_leaf(self, key: str, document: Document, at: str) -> Q:
        """A condition on the field's value; where a value holds several labels, on any of them."""
        name, dot, attribute = key.partition(".")
        field = self._field(name, f"{at}/field")
        column = field_column(field.type, attribute) if attribute or not dot else None
        if column is None:
            raise bad_filter(f"{at}/field", f"A field of type {field.type} has no “{attribute}”.")
        rows: QuerySet[Any]
        if column.of_label is not None:
            rows = self._labels_with(field, [(column, document, at)], lambda condition, *_: condition)
        else:
            rows = _values_of(field).filter(condition_on(column, document, at))
        return as_asked(self._any_of(rows), document, at)

    def _match(self, document: Document, at: str, depth: int) -> Q:
        """One label of the field satisfies every leaf of `where`, whose keys are `label` and `confidence`."""
        _only(document, at, {"match", "where"})
        field = self._field(text(document["match"], f"{at}/match"), f"{at}/match")
        if field.type not in LABELLED_TYPES:
            raise bad_filter(f"{at}/match", f"A field of type {field.type} has no labels.")
        where = document.get("where")
        if not isinstance(where, list) or not where:
            raise bad_filter(f"{at}/where", "This is a list of at least one condition on a label.")
        leaves = [self._of_label(field, leaf, f"{at}/where/{place}") for place, leaf in enumerate(where)]
        return self._any_of(self._labels_with(field, leaves, as_asked))

    def _of_label(self, field: Field, leaf: Any, at: str) -> LabelLeaf:
        self._count_leaf(at)
        if not isinstance(leaf, Mapping):
            raise bad_filter(at, "A condition is an object with field, op and value.")
        _only(leaf, at, {"field", "op", "value"})
        attribute = text(leaf.get("field"), f"{at}/field").removeprefix(f"{field.name}.")
        column = field_column(field.type, attribute) if attribute in {"label", "confidence"} else None
        if column is None or column.of_label is None:
            raise bad_filter(f"{at}/field", "Within match, this is “label” or “confidence”.")
        return column, leaf, at

    def _labels_with(
        self, field: Field, leaves: Sequence[LabelLeaf], read: Callable[[Q, Document, str], Q]
    ) -> QuerySet[LabelIndex]:
        """The labels of a field that satisfy all `leaves`, each on the label's text or its confidence.

        `read` is told each condition with its leaf: within `match`, `exists` may ask for what is absent.

        SQLite, which has no statistics, is left one index: that of the labels, that of the confidences, or, for single
        samples, that of the samples.
        """
        rows = LabelIndex.objects.all()
        by_text = [leaf for leaf in leaves if leaf[0].kind == Kind.TEXT]
        if not by_text:
            rows = rows.filter(field=field)
        for _, leaf, at in by_text:
            condition = read(condition_on(Column("name", Kind.TEXT), leaf, at), leaf, at)
            rows = rows.filter(label_class__in=LabelClass.objects.filter(condition, field=field).values("pk"))
        name = "confidence"
        if self._one_by_one and not by_text:
            # No confidence is 2; a sum would still let SQLite take the index of those that are known.
            rows, name = rows.annotate(sure=NullIf("confidence", 2.0)), "sure"
        for column, leaf, at in leaves:
            if column.kind != Kind.TEXT:
                rows = rows.filter(read(condition_on(Column(name, column.kind), leaf, at), leaf, at))
        return rows

    def _compare(self, document: Document, at: str, depth: int) -> Q:
        self._count_leaf(at)
        _only(document, at, {"compare", "is"})
        names, verdict = document["compare"], document.get("is")
        if not isinstance(names, list) or len(names) != 2:
            raise bad_filter(f"{at}/compare", "This is a list of two fields.")
        if verdict not in AGREEMENTS:
            raise bad_filter(f"{at}/is", f"This is one of {', '.join(AGREEMENTS)}.")
        places = [f"{at}/compare/{place}" for place in range(2)]
        first, second = (self._field(text(names[i], places[i]), places[i]) for i in range(2))
        for field, place in zip((first, second), places, strict=True):
            if field.type not in COMPARED_TYPES or not comparable(first, field):
                raise bad_filter(
                    place, f"“{field.name}” is of type {field.type}, which is not compared here."
                )
        if verdict in {"only_first", "only_second"}:
            there, absent = (first, second) if verdict == "only_first" else (second, first)
            return self._any_of(_values_of(there)) & ~self._any_of(_values_of(absent))
        others = Value.objects.filter(field=second, sample=OuterRef("sample_id"))
        same = agrees_with_outer(first.type)
        both = _values_of(first).filter(Exists(others.filter(same if verdict == "agree" else ~same)))
        return Q(Exists(both.filter(sample=OuterRef("pk"))))

    def _evaluation(self, document: Document, at: str, depth: int) -> Q:
        """The samples on which an evaluation found this label taken for that one; null is none: missed, or a ghost."""
        self._count_leaf(at)
        _only(document, at, {"evaluation", "actual", "predicted", "is"})
        pk = number(document["evaluation"], f"{at}/evaluation", whole=True)
        found = Evaluation.objects.filter(dataset=self.dataset, pk=pk).first()
        if found is None:
            raise bad_filter(f"{at}/evaluation", f"The dataset has no evaluation {pk}.")
        rows = EvaluationMatch.objects.filter(evaluation=found, counts=True)
        for key in ("actual", "predicted"):
            if key in document:
                label = document[key]
                rows = rows.filter(**{key: None if label is None else text(label, f"{at}/{key}")})
        if "is" in document:
            rows = rows.filter(verdict_condition(found, document["is"], f"{at}/is"))
        return self._any_of(rows)

    def _projection(self, document: Document, at: str, depth: int) -> Q:
        """The samples whose points in a projection lie within what was drawn around them."""
        self._count_leaf(at)
        _only(document, at, {"projection", "within"})
        pk = number(document["projection"], f"{at}/projection", whole=True)
        found = Projection.objects.filter(dataset=self.dataset, pk=pk).defer("basis").first()
        if found is None:
            raise bad_filter(f"{at}/projection", f"The dataset has no projection {pk}.")
        loops = read_loops(document.get("within"), f"{at}/within")
        self._drawn += 1
        self._corners += sum(len(each.corners) for each in loops)
        if self._drawn > MAX_DRAWN:
            raise bad_filter(at, f"A filter has at most {MAX_DRAWN} conditions on projections.")
        if self._corners > MAX_CORNERS:
            raise bad_filter(
                f"{at}/within", f"What is drawn in a filter has at most {MAX_CORNERS:,} corners."
            )
        return Q(IsAmong(F("pk"), samples_within(found, loops)))

    def _review(self, document: Document, at: str, depth: int) -> Q:
        """The samples of a review, or those on which this was decided."""
        self._count_leaf(at)
        _only(document, at, {"review", "is"})
        pk = number(document["review"], f"{at}/review", whole=True)
        found = Review.objects.filter(dataset=self.dataset, pk=pk).first()
        if found is None:
            raise bad_filter(f"{at}/review", f"The dataset has no review {pk}.")
        rows = ReviewItem.objects.filter(review=found)
        if "is" in document:
            words = {each.value or OPEN_WORD: each.value for each in Decided}
            if not isinstance(document["is"], str) or document["is"] not in words:
                raise bad_filter(f"{at}/is", f"This is one of {', '.join(words)}.")
            rows = rows.filter(decided=words[document["is"]])
        return self._any_of(rows)

    # What names stand for --------------------------------------------------------------------------------------------

    def _named(self) -> Mapping[str, Field]:
        if self._fields is None:
            self._fields = {field.name: field for field in Field.objects.filter(dataset=self.dataset)}
        return self._fields

    def _field(self, name: str, at: str) -> Field:
        if name not in self._named():
            raise bad_filter(at, f"The dataset has no field “{name[:100]}”.")
        return self._named()[name]

    def _any_of(self, rows: QuerySet[Any]) -> Q:
        """The samples that have one of these values or labels.

        SQLite, which has no statistics, may look for the rows of each sample along the wrong index; it reads them
        once. PostgreSQL makes a join of `EXISTS`, but not of `NOT IN`.
        """
        if connections[rows.db].vendor == "sqlite" and not self._one_by_one:
            return Q(pk__in=rows.values("sample"))
        return Q(Exists(rows.filter(sample=OuterRef("pk"))))

    def _count_leaf(self, at: str) -> None:
        self.leaves += 1
        if self.leaves > MAX_LEAVES:
            raise bad_filter(at, f"A filter has at most {MAX_LEAVES} conditions.")


def _values_of(field: Field) -> QuerySet[Value]:
    return Value.objects.filter(field=field)


def _only(document: Document, at: str, known: set[str]) -> None:
    for key in document:
        if key not in known:
            raise bad_filter(
                at, f"Unknown key “{str(key)[:100]}”; known here are {', '.join(sorted(known))}."
            )
