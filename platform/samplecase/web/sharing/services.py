"""Reading and replacing who may do what with one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from samplecase.contracts.errors import Fault, InvalidInput, NotFound
from samplecase.web.accounts.models import User, record
from samplecase.web.sharing.models import NONE, Shareable, ShareableQuerySet


class UserRight(TypedDict):
    username: str
    right: str


class GroupRight(TypedDict):
    name: str
    right: str


class Sharing(TypedDict):
    """Who may do what: the shape of `GET/PUT …/sharing/`."""

    everyone: str
    users: list[UserRight]
    groups: list[GroupRight]


def sharing_of(subject: Shareable) -> Sharing:
    """The rights that were given, each holder with his highest. The owner has all and is not listed."""
    users = _held(subject, get_user_obj_perms_model(type(subject)), "user__username")
    groups = _held(subject, get_group_obj_perms_model(type(subject)), "group__name")
    return {
        "everyone": subject.everyone,
        "users": [{"username": name, "right": right} for name, right in users],
        "groups": [{"name": name, "right": right} for name, right in groups],
    }


@transaction.atomic
def share(*, subject: Shareable, sharing: Sharing, acting_user: User) -> Sharing:
    """Replace all rights on `subject` by `sharing`, and write old and new to the audit log.

    Raises `InvalidInput` with every unknown right, user and group and its place, and `NotFound` if the object was
    deleted meanwhile; nothing is changed then.
    """
    kind, locked = type(subject), held(subject)
    check_rights(kind, _rights_in(sharing))
    users = _holders(sharing["users"], "users", "username", User.objects.all())
    groups = _holders(sharing["groups"], "groups", "name", Group.objects.all())
    _check_owner(locked, sharing)
    before = sharing_of(locked)
    _replace(locked, get_user_obj_perms_model(kind), "user", users)
    _replace(locked, get_group_obj_perms_model(kind), "group", groups)
    locked.everyone = sharing["everyone"]
    locked.save(update_fields=["everyone"])
    after = sharing_of(locked)
    if after != before:
        record_sharing(subject=locked, before=before, after=after, acting_user=acting_user)
    return after


def held(subject: Shareable) -> Shareable:
    """The object as it stands, locked until the transaction ends. Raises `NotFound` if it was deleted meanwhile."""
    rows = ShareableQuerySet(type(subject)).select_for_update()
    found: Shareable | None = rows.filter(pk=subject.pk).first()
    if found is None:
        raise NotFound(f"There is no {subject._meta.verbose_name} {subject.pk} that you may see.")
    return found


def record_sharing(*, subject: Shareable, before: Sharing, after: Sharing, acting_user: User) -> None:
    action = f"{subject._meta.model_name}.share"
    record(actor=acting_user, action=action, subject=subject, before=before, after=after)


def right_permissions(kind: type[Shareable]) -> dict[str, Permission]:
    """The permission row of each right of `kind`, lowest first."""
    content_type = ContentType.objects.get_for_model(kind)
    codenames = {kind.codename(right): right for right in kind.rights_from()}
    rows = Permission.objects.filter(content_type=content_type, codename__in=codenames)
    found = {codenames[row.codename]: row for row in rows}
    return {right: found[right] for right in kind.rights_from()}


def _held(subject: Shareable, rows: Any, name: str) -> list[tuple[str, str]]:
    """Holder and highest right, by name; guardian allows several rows for one holder."""
    ranks = {subject.codename(right): rank for rank, right in enumerate(subject.rights_from())}
    highest: dict[str, int] = {}
    found = rows.objects.filter(content_object=subject, permission__codename__in=ranks)
    for holder, codename in found.values_list(name, "permission__codename"):
        highest[holder] = max(ranks[codename], highest.get(holder, 0))
    return [(holder, subject.rights_from()[rank]) for holder, rank in sorted(highest.items())]


def check_rights(kind: type[Shareable], asked: Sequence[tuple[str, str]]) -> None:
    """Raises `InvalidInput` with each place of `asked`, pairs of a pointer and a right, that has no right of `kind`."""
    allowed = [str(right) for right in kind.RIGHTS]
    message = f"A right here is one of {', '.join(allowed)}."
    faults = [Fault(place, message) for place, right in asked if right not in allowed]
    if faults:
        raise InvalidInput(message, details=faults)


def _rights_in(sharing: Sharing) -> list[tuple[str, str]]:
    rights = [("/everyone", sharing["everyone"])]
    rights += [(f"/users/{index}/right", entry["right"]) for index, entry in enumerate(sharing["users"])]
    rights += [(f"/groups/{index}/right", entry["right"]) for index, entry in enumerate(sharing["groups"])]
    return rights


def _check_owner(subject: Shareable, sharing: Sharing) -> None:
    owner = subject.owner.get_username()
    for index, entry in enumerate(sharing["users"]):
        if entry["username"] == owner:
            message = f"“{owner}” is the owner and keeps every right."
            raise InvalidInput(message, pointer=f"/users/{index}/username")


def _holders(entries: Sequence[Mapping[str, Any]], place: str, key: str, known: Any) -> dict[int, str]:
    """Primary key -> right of those named; each must exist and stand there once."""
    ids: dict[str, int] = dict(
        known.filter(**{f"{key}__in": [entry[key] for entry in entries]}).values_list(key, "pk")
    )
    faults = []
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        name = entry[key]
        if name not in ids:
            faults.append(Fault(f"/{place}/{index}/{key}", f"There is no {place[:-1]} “{name}”."))
        elif name in seen:
            faults.append(Fault(f"/{place}/{index}/{key}", f"“{name}” stands here twice."))
        seen.add(name)
    if faults:
        message = faults[0].message if len(faults) == 1 else f"{len(faults)} places are not valid."
        raise InvalidInput(message, details=faults)
    return {ids[entry[key]]: entry["right"] for entry in entries if entry["right"] != NONE}


def _replace(subject: Shareable, rows: Any, holder: str, rights: Mapping[int, str]) -> None:
    permissions = right_permissions(type(subject))
    rows.objects.filter(content_object=subject, permission__in=permissions.values()).delete()
    rows.objects.bulk_create(
        rows(content_object=subject, permission=permissions[right], **{f"{holder}_id": pk})
        for pk, right in rights.items()
    )
