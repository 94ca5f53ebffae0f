"""Reviews: made over the samples that a filter holds at that moment, counted, and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, DateTimeField, ExpressionWrapper, Q
from django.db.models.functions import Now

from datasets_app.fields import create_field
from datasets_app.filters import parse_filter
from datasets_app.models import Dataset, Field, Sample
from datasets_app.ranking import ranked
from datasets_app.review_models import Decided, Review, ReviewItem
from datasets_app.samples import lock_dataset
from datasets_app.sorting import Sort, sort_from
from samplecase.contracts.errors import Conflict, Forbidden, InvalidInput, NotFound
from samplecase.contracts.labels import LABELLED_TYPES
from samplecase.contracts.states import DatasetRight
from samplecase.web.accounts.models import User, record

MOST_SAMPLES = 1_000_000
MOST_REVIEWS = 100  # of a dataset
OF_SOURCE = ("confidence", "-confidence")  # orders by the model's field, whatever its name
LONGEST_NAME = 63  # of a field

Fields = Mapping[str, Field]


@dataclass(frozen=True)
class Progress:
    """How far a review is. `claimed`: open, and with somebody now; `yours` of them with who asks."""

    total: int
    done: int
    left: int
    claimed: int
    yours: int
    accepted: int
    rejected: int
    corrected: int


@transaction.atomic
def create_review(
    *,
    acting_user: User,
    dataset: Dataset,
    name: str,
    source: str,
    target: str | None = None,
    filter: Any = None,
    order: str = "confidence",
) -> Review:
    """A review of what `source` says on the samples of `filter`.

    1. All that was sent is read; then the dataset's row is locked, so that no sample goes away meanwhile.
    2. The target field is made, like the source, where the dataset has none of this name.
    3. Every sample of the filter with a value in `source` gets its place, by one statement. What changes later, in
       samples or in values, changes neither the places nor the total; a sample that is deleted takes its place along.

    Raises `InvalidInput` at the place of each fault, and `Conflict` (`too_many_reviews`).
    """
    fields = {field.name: field for field in Field.objects.filter(dataset=dataset)}
    reviewed = _reviewed(source, fields)
    sort = _sort(order, reviewed, fields)
    condition = parse_filter(filter, dataset, fields=fields)
    lock_dataset(dataset.pk)
    if Review.objects.filter(dataset=dataset).count() >= MOST_REVIEWS:
        message = f"A dataset has at most {MOST_REVIEWS} reviews; delete one that is done."
        raise Conflict(message, code="too_many_reviews")
    written = _target(acting_user, dataset, target, reviewed, fields)
    try:
        with transaction.atomic():
            review = Review.objects.create(
                dataset=dataset,
                name=name,
                filter=filter,
                order=order,
                source=reviewed,
                target=written,
                created_by=acting_user,
            )
    except IntegrityError:
        message = f"The dataset has a review “{name}” already."
        raise InvalidInput(message, code="name_taken", pointer="/name") from None
    samples = _fill(review, condition, sort)
    record(actor=acting_user, action="review.create", subject=review, dataset=dataset.pk, samples=samples)
    return review


@transaction.atomic
def delete_review(*, acting_user: User, dataset: Dataset, review: Review) -> None:
    """What was decided stays in the target field. Raises `Forbidden` unless it is his or he may *edit*."""
    if review.created_by_id != acting_user.pk and not dataset.allows(acting_user, DatasetRight.EDIT):
        raise Forbidden(f"You need the right “edit” to delete the review “{review}” of somebody else.")
    record(actor=acting_user, action="review.delete", subject=review, dataset=dataset.pk)
    items = ReviewItem.objects.filter(review=review)
    items._raw_delete(items.db)
    review.delete()


def find_review(*, dataset: Dataset, pk: int) -> Review:
    """Raises `NotFound`."""
    reviews = Review.objects.filter(dataset=dataset, pk=pk)
    found = reviews.select_related("created_by", "source", "target").first()
    if found is None:
        raise NotFound(f"The dataset “{dataset}” has no review {pk}.")
    return found


def problem_of(review: Review) -> str | None:
    """Why nobody can go on with the review, or None where everybody can."""
    for field in (review.source, review.target):
        if field.deleted_at is not None:
            return f"The field “{field.name}” was deleted; restore it, or delete this review."
    return None


def refuse_problem(review: Review) -> None:
    """Raises `Conflict` where nobody can go on."""
    problem = problem_of(review)
    if problem is not None:
        raise Conflict(problem, code="field_gone")


def progress_of(review: Review, user: User) -> Progress:
    """Counted along indices: a million samples take some hundredths of a second."""
    items = ReviewItem.objects.filter(review=review)
    counts = dict(items.order_by().values_list("decided").annotate(number=Count("pk")))
    left = counts.get(Decided.OPEN.value, 0)
    decided = {each.value: counts.get(each.value, 0) for each in Decided if each is not Decided.OPEN}
    held = items.filter(claimed_by__isnull=False).exclude(is_idle())
    holders = list(held.order_by().values_list("claimed_by", flat=True))
    done = sum(decided.values())
    yours = holders.count(user.pk)
    return Progress(total=left + done, done=done, left=left, claimed=len(holders), yours=yours, **decided)


def is_idle() -> Q:
    """Items whose claim is over, by the database's clock: whoever has them has not done anything for a while."""
    before = ExpressionWrapper(
        Now() - timedelta(seconds=settings.REVIEW_IDLE_SECONDS), output_field=DateTimeField()
    )
    return Q(claimed_at__lt=before)


def _reviewed(name: str, fields: Fields) -> Field:
    found = fields.get(name)
    if found is None:
        raise InvalidInput(f"The dataset has no field “{name[:100]}”.", pointer="/source")
    if found.type not in LABELLED_TYPES:
        raise InvalidInput(
            f"“{name}” is of type {found.type}; fields of labels are reviewed: {', '.join(sorted(LABELLED_TYPES))}.",
            code="wrong_type",
            pointer="/source",
        )
    return found


def _sort(order: str, source: Field, fields: Fields) -> Sort:
    if order in OF_SOURCE:
        order = f"{'-' if order.startswith('-') else ''}{source.name}.confidence"
    return sort_from(order, fields, pointer="/order")


def _target(user: User, dataset: Dataset, name: str | None, source: Field, fields: Fields) -> Field:
    if name is None:
        name = f"{source.name[: LONGEST_NAME - len('_reviewed')]}_reviewed"
    if name == source.name:
        message = "The target is another field than the source, which keeps what the model said."
        raise InvalidInput(message, pointer="/target")
    found = fields.get(name)
    if found is not None and found.type != source.type:
        raise InvalidInput(
            f"“{name}” is of type {found.type}, “{source.name}” of type {source.type}.",
            code="wrong_type",
            pointer="/target",
        )
    if found is not None:
        return found
    facts = {each: getattr(source, each) for each in ("classes", "colors", "attributes")}
    try:
        return create_field(acting_user=user, dataset=dataset, name=name, type=source.type, **facts)
    except InvalidInput as error:
        raise InvalidInput(error.message, code=error.code, pointer="/target") from None


def _fill(review: Review, condition: Q, sort: Sort) -> int:
    samples = Sample.objects.filter(condition, dataset=review.dataset_id)
    places = ranked(samples, sort, having=review.source)[: MOST_SAMPLES + 1]
    try:
        sql, parameters = places.query.sql_with_params()
    except EmptyResultSet:  # of a filter that nothing can fit
        raise _no_samples(review) from None
    columns = "review_id, sample_id, rank, decided"
    # The statement is what the ORM made of the checked filter; its values are parameters.
    insert = (
        f"INSERT INTO {ReviewItem._meta.db_table} ({columns}) SELECT %s, id, rank, '' FROM ({sql}) AS places"  # noqa: S608
    )
    with connection.cursor() as cursor:
        cursor.execute(insert, (review.pk, *parameters))
        made = int(cursor.rowcount)
    if made == 0:
        raise _no_samples(review)
    if made > MOST_SAMPLES:
        raise InvalidInput(
            f"A review holds at most {MOST_SAMPLES:,} samples; narrow the filter, and make another one for the rest.",
            code="too_many_samples",
            pointer="/filter",
        )
    return made


def _no_samples(review: Review) -> InvalidInput:
    message = f"No sample of the filter has a value in “{review.source.name}”."
    return InvalidInput(message, code="no_samples", pointer="/filter")
