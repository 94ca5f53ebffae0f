"""Making, changing and deleting models."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from models_app import stored_packages
from models_app.aliases import hold
from models_app.deleting import bury
from models_app.guards import refuse_while_needed
from models_app.models import Deployment, Model, Version
from models_app.naming import slug_candidates
from samplecase.contracts.errors import InvalidInput
from samplecase.web.accounts.models import User, record


@transaction.atomic
def create_model(*, acting_user: User, name: str, description: str = "", tags: Sequence[str] = ()) -> Model:
    """A model without versions, owned by `acting_user`. Raises `InvalidInput` at `/name` where that is taken."""
    for slug in slug_candidates(name):
        if Model.objects.filter(slug=slug).exists():
            continue
        try:
            with transaction.atomic():
                model: Model = Model.objects.create(
                    owner=acting_user, name=name, slug=slug, description=description, tags=list(tags)
                )
        except IntegrityError:
            # Either the name, or the slug was taken just now: then the next one is tried.
            refuse_taken_name(name)
            continue
        record(actor=acting_user, action="model.create", subject=model)
        return model
    raise AssertionError("slug_candidates never ends")


@transaction.atomic
def update_model(*, acting_user: User, model: Model, changes: dict[str, object]) -> Model:
    """Change name, description or tags; the slug stays, for fields are already named after it."""
    if "name" in changes:
        refuse_taken_name(str(changes["name"]), besides=model)
    try:
        with transaction.atomic():
            Model.objects.filter(pk=model.pk).update(**changes, updated_at=Now())
    except IntegrityError:
        raise name_taken(str(changes.get("name"))) from None
    model.refresh_from_db()
    record(actor=acting_user, action="model.update", subject=model, changed=sorted(changes))
    return model


@transaction.atomic
def delete_model(*, acting_user: User, model: Model) -> None:
    """Delete a model with its versions, deployments and packages; what values refer to leaves a tombstone.

    Raises `Conflict` while a job needs one of its deployments.
    """
    hold(model)
    refuse_while_needed(Deployment.objects.select_for_update().filter(version__model=model))
    versions = Version.objects.filter(model=model).select_related("model")
    digests = {version.sha256 for version in versions}
    bury(versions, acting_user=acting_user)
    record(actor=acting_user, action="model.delete", subject=model)
    model.delete()
    transaction.on_commit(lambda: stored_packages.discard_unneeded(digests))


def refuse_taken_name(name: str, *, besides: Model | None = None) -> None:
    """Raise `InvalidInput` at `/name` if another model is called so."""
    others = Model.objects.filter(name=name)
    if (others.exclude(pk=besides.pk) if besides else others).exists():
        raise name_taken(name)


def name_taken(name: str) -> InvalidInput:
    return InvalidInput(f"The name “{name}” is taken; choose another.", code="name_taken", pointer="/name")
