"""Moving aliases: `latest` follows the newest version by itself, all others are set by hand."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from models_app.following import take_along
from models_app.models import Deployment, Model, Version
from models_app.naming import is_alias
from models_app.pointing import Alias, AliasMove
from samplecase.contracts.errors import Conflict, InvalidInput, NotFound
from samplecase.contracts.states import Stage
from samplecase.web.accounts.models import User, record

LATEST = "latest"  # the newest version that is not archived
MOST_ALIASES = 100  # of a model, which is always shown with all of them


@transaction.atomic
def set_alias(*, acting_user: User, model: Model, name: str, version: str) -> Alias:
    """Let `name` mean a version, whatever it meant before; the deployments that follow it come along.

    Raises `InvalidInput` at `/name` or `/version`, and `Conflict` for `latest` (`follows_by_itself`), for a version
    that is archived (`archived`), and for one alias too many (`too_many_aliases`).
    """
    refuse_latest(name)
    if not is_alias(name):
        said = "An alias has a small letter first, then up to 39 small letters, digits, - and _."
        raise InvalidInput(said, pointer="/name")
    hold(model)
    found = model.versions.filter(version=version).first()
    if found is None:
        raise InvalidInput(f"“{model}” has no version {version[:60]}.", pointer="/version")
    if found.stage == Stage.ARCHIVED:
        message = f"Version {found.version} is archived; no alias may mean it."
        raise Conflict(message, code="archived", pointer="/version")
    others = model.aliases.exclude(name=name)
    if others.count() >= MOST_ALIASES:
        message = f"“{model}” has {MOST_ALIASES} aliases already; take one away first."
        raise Conflict(message, code="too_many_aliases")
    return _move(acting_user, model, name, found)


@transaction.atomic
def remove_alias(*, acting_user: User, model: Model, name: str) -> None:
    """Raises `NotFound`, and `Conflict` for `latest` and while a deployment follows it (`followed`)."""
    refuse_latest(name)
    hold(model)
    alias = alias_of(model, name)
    followers = Deployment.objects.filter(version__model=model, follows=name).values_list("name", flat=True)
    if followers:
        message = f"Deployments follow the alias “{name}”: {', '.join(followers)}. Delete them first."
        raise Conflict(message, code="followed")
    _drop(acting_user, alias)


def follow_newest(*, acting_user: User, model: Model, besides: Version | None = None) -> None:
    """Let `latest` mean the newest version that is not archived, or nothing where there is none.

    `besides` is about to be deleted.

    Called in the transaction that uploads, archives, restores or deletes one.
    """
    hold(model)
    newest = newest_of(model, besides=besides)
    alias = model.aliases.filter(name=LATEST).select_related("version").first()
    if newest is not None:
        _move(acting_user, model, LATEST, newest)
    elif alias is not None:
        _drop(acting_user, alias)


def newest_of(model: Model, *, besides: Version | None = None) -> Version | None:
    """The version that was uploaded last, of those that are not archived."""
    others = model.versions.exclude(pk=besides.pk) if besides else model.versions
    found: Version | None = others.exclude(stage=Stage.ARCHIVED).first()
    return found


def alias_of(model: Model, name: str) -> Alias:
    """Raises `NotFound`."""
    found: Alias | None = model.aliases.filter(name=name).select_related("version", "moved_by").first()
    if found is None:
        raise NotFound(f"“{model}” has no alias “{name[:60]}”.")
    return found


def refuse_latest(name: str) -> None:
    if name == LATEST:
        message = "“latest” follows the newest version by itself; use another alias for your own choice."
        raise Conflict(message, code="follows_by_itself")


def hold(model: Model) -> None:
    """Until the transaction ends, its aliases and stages change nowhere else. Taken before other locks."""
    Model.objects.select_for_update(no_key=True).filter(pk=model.pk).values_list("pk").first()


def refuse_aliased(version: Version, participle: str) -> None:
    """Raise `Conflict` (`aliased`) while an alias that is set by hand means the version."""
    names = version.aliases.exclude(name=LATEST).values_list("name", flat=True)
    if names:
        said = f"The alias {', '.join(names)} means version {version.version}"
        raise Conflict(f"{said}; move it before that is {participle}.", code="aliased")


def _move(user: User, model: Model, name: str, version: Version) -> Alias:
    """1. The alias. 2. Its history and the audit. 3. The deployments that follow it."""
    found = model.aliases.filter(name=name).select_related("version").first()
    if found is not None and found.version_id == version.pk:
        return found
    alias, before = (found, found.version.version) if found else (Alias(model=model, name=name), "")
    alias.version, alias.moved_by, alias.moved_at = version, user, timezone.now()
    alias.save()
    _remember(alias, before, version.version)
    take_along(acting_user=user, model=model, alias=name, version=version)
    return alias


def _drop(user: User, alias: Alias) -> None:
    alias.moved_by, alias.moved_at = user, timezone.now()
    _remember(alias, alias.version.version, "")
    alias.delete()


def _remember(alias: Alias, before: str, after: str) -> None:
    """The step that the alias has taken, by whom and when it says."""
    AliasMove.objects.create(
        model=alias.model,
        name=alias.name,
        before=before,
        after=after,
        moved_by=alias.moved_by,
        moved_at=alias.moved_at,
    )
    action = "alias.move" if after else "alias.delete"
    record(
        actor=alias.moved_by, action=action, subject=alias.model, alias=alias.name, before=before, after=after
    )
