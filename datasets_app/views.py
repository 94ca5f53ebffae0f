"""Saved views: made, changed and deleted, and told apart from those that no longer fit their dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from datasets_app.filters import parse_filter
from datasets_app.models import Dataset, Field, View
from datasets_app.sorting import sort_from
from samplecase.contracts.errors import Forbidden, InvalidInput, NotFound
from samplecase.contracts.states import DatasetRight
from samplecase.web.accounts.models import User, record


@transaction.atomic
def create_view(*, acting_user: User, dataset: Dataset, name: str, **facts: Any) -> View:
    """A view; `facts` are filter, sort and fields. Raises `InvalidInput` at the place of each fault."""
    _check(dataset, facts)
    try:
        with transaction.atomic():
            view = View.objects.create(dataset=dataset, name=name, created_by=acting_user, **facts)
    except IntegrityError:
        raise _name_taken(name) from None
    record(actor=acting_user, action="view.create", subject=view, dataset=dataset.pk)
    return view


@transaction.atomic
def update_view(*, acting_user: User, dataset: Dataset, view: View, changes: Mapping[str, Any]) -> View:
    """Change a view; only what is changed is checked. Raises `Forbidden` unless it is his or he may *edit*."""
    _refuse_others(acting_user, dataset, view)
    _check(dataset, changes)
    try:
        with transaction.atomic():
            if changes and not View.objects.filter(pk=view.pk).update(**changes):
                raise NotFound(f"The view “{view}” was deleted.")
    except IntegrityError:
        raise _name_taken(changes["name"]) from None
    record(actor=acting_user, action="view.update", subject=view, dataset=dataset.pk, changed=sorted(changes))
    view.refresh_from_db()
    return view


@transaction.atomic
def delete_view(*, acting_user: User, dataset: Dataset, view: View) -> None:
    """Raises `Forbidden` unless it is his or he may *edit*."""
    _refuse_others(acting_user, dataset, view)
    record(actor=acting_user, action="view.delete", subject=view, dataset=dataset.pk)
    view.delete()


def find_view(*, dataset: Dataset, pk: int) -> View:
    """Raises `NotFound`."""
    found = View.objects.filter(dataset=dataset, pk=pk).select_related("created_by").first()
    if found is None:
        raise NotFound(f"The dataset “{dataset}” has no view {pk}.")
    return found


def problem_of(view: View, dataset: Dataset, fields: Mapping[str, Field]) -> str | None:
    """Why the view cannot be shown as it was saved, or None where it can. `fields` are the dataset's."""
    facts = {"filter": view.filter, "sort": view.sort, "fields": view.fields}
    try:
        _check(dataset, facts, fields)
    except InvalidInput as error:
        return error.message
    return None


def _check(dataset: Dataset, facts: Mapping[str, Any], fields: Mapping[str, Field] | None = None) -> None:
    if fields is None:
        fields = {field.name: field for field in Field.objects.filter(dataset=dataset)}
    parse_filter(facts.get("filter"), dataset, fields=fields)
    if facts.get("sort") is not None:
        sort_from(facts["sort"], fields)
    for place, name in enumerate(facts.get("fields") or ()):
        if name not in fields:
            raise InvalidInput(f"The dataset has no field “{name[:100]}”.", pointer=f"/fields/{place}")


def _refuse_others(user: User, dataset: Dataset, view: View) -> None:
    if view.created_by_id != user.pk and not dataset.allows(user, DatasetRight.EDIT):
        raise Forbidden(f"You need the right “edit” to change the view “{view}” of somebody else.")


def _name_taken(name: str) -> InvalidInput:
    return InvalidInput(f"The dataset has a view “{name}” already.", code="name_taken", pointer="/name")
