"""Whom one may know: the people and groups that the Share dialog offers while a name is typed."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from samplecase.web.accounts.models import User
from samplecase.web.sharing.models import Shareable, ShareableQuerySet, shareable_kinds


def known_users(user: User) -> QuerySet[User]:
    """Active people besides `user`: for staff all, for others those whom they meet.

    These are the members of their groups, the owners of what they may see, and who has a right on what they may edit.
    """
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    if user.is_staff or user.is_superuser:
        return others
    met = Q(pk__in=User.groups.through.objects.filter(group__user=user).values("user"))
    for kind in shareable_kinds():
        rows = get_user_obj_perms_model(kind).objects
        met |= Q(pk__in=ShareableQuerySet(kind).visible_to(user).order_by().values("owner"))
        met |= Q(pk__in=rows.filter(content_object__in=_editable(kind, user)).values("user"))
    return others.filter(met)


def known_groups(user: User) -> QuerySet[Group]:
    """For staff all, for others their own and those that have a right on what they may edit."""
    if user.is_staff or user.is_superuser:
        return Group.objects.all()
    met = Q(pk__in=user.groups.order_by().values("pk"))
    for kind in shareable_kinds():
        rows = get_group_obj_perms_model(kind).objects
        met |= Q(pk__in=rows.filter(content_object__in=_editable(kind, user)).values("group"))
    return Group.objects.filter(met)


def _editable(kind: type[Shareable], user: User) -> QuerySet[Any]:
    return ShareableQuerySet(kind).visible_to(user, "edit").order_by().values("pk")
