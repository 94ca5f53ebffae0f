"""The base of everything that can be shared: an owner, a right for everyone, and guardian's rows for others."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Q, Value, When
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from samplecase.contracts.errors import Forbidden, NotFound
from samplecase.web.prepared import Prepared

OWNER = "owner"  # above every right of RIGHTS
NONE = "none"
# How a list is narrowed down by `shared`: to what one owns, or to what others have let one at.
MINE, WITH_ME = "mine", "with_me"
SHARED = (MINE, WITH_ME)


class ShareableQuerySet(models.QuerySet[Any]):
    """Visibility. Every view, export, media address and choice of an object goes through `visible_to`."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser, right: StrEnum | str | None = None) -> Self:
        """Those on which `user` has at least `right` (default: the lowest there is). Deny by default."""
        if not user.is_active or not user.is_authenticated:
            return self.none()
        if getattr(user, "is_superuser", False):
            return self.all()
        return self.filter(Q(owner=user.pk) | self._holding(user, self.model.rights_from(right)))

    def shared(self, user: AbstractBaseUser | AnonymousUser, how: str | None) -> Self:
        """Narrowed down to what `user` owns (`mine`), or to what others gave him, his groups or everyone (`with_me`).

        A superuser's right to everything is no gift, so it does not count. None leaves all.
        """
        if how == MINE:
            return self.filter(owner=user.pk)
        if how == WITH_ME:
            return self.filter(self._holding(user, self.model.rights_from())).exclude(owner=user.pk)
        return self

    def with_access(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Adds `access`, the highest right of `user` on each row, without a query per row."""
        if user.is_active and getattr(user, "is_superuser", False):
            return self.annotate(access=Value(OWNER))
        if not user.is_active or not user.is_authenticated:
            return self.annotate(access=Value(NONE))
        whens = [When(owner=user.pk, then=Value(OWNER))]
        for right in reversed(self.model.rights_from()):
            whens.append(When(self._holding(user, [right]), then=Value(right)))
        return self.annotate(access=Case(*whens, default=Value(NONE), output_field=models.CharField()))

    def require(self, *, pk: Any, user: Any, right: StrEnum | str | None = None) -> Any:
        """The object, its `access` known, if `user` has `right` on it.

        Raises `NotFound` where he may not even see it, and `Forbidden` where he sees it but has not that right.
        """
        kind = self.model._meta.verbose_name
        found = self.visible_to(user).with_access(user).filter(pk=pk).first()
        if found is None:
            raise NotFound(f"There is no {kind} {pk} that you may see.")
        if found.access not in {OWNER, *self.model.rights_from(right)}:
            raise Forbidden(f"You need the right “{right}” on the {kind} “{found}”.")
        return found

    def _holding(self, user: Any, rights: list[str]) -> Q:
        """Given to everyone, to the user, or to one of his groups."""
        codenames = [self.model.codename(right) for right in rights]
        by_user = get_user_obj_perms_model(self.model).objects.filter(user=user.pk)
        by_group = get_group_obj_perms_model(self.model).objects.filter(group__user=user.pk)
        held = Q(everyone__in=rights)
        for rows in (by_user, by_group):
            held |= Q(pk__in=rows.filter(permission__codename__in=codenames).values("content_object"))
        return held


class Shareable(models.Model):
    """An object with an owner, that others may be let at. Rights are cumulative and ordered by `RIGHTS`."""

    RIGHTS: ClassVar[type[StrEnum]]
    AUDITED_UNDER: ClassVar[str] = ""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    everyone = models.CharField(max_length=8, default=NONE)  # a right of RIGHTS, for all who are signed in

    class Meta:
        abstract = True

    @classmethod
    def codename(cls, right: StrEnum | str) -> str:
        """The name of a right in Django's and guardian's permission rows."""
        return f"{right}_{cls._meta.model_name}"

    @classmethod
    def rights_from(cls, right: StrEnum | str | None = None) -> list[str]:
        """`right` and all that include it; without one, all but `none`."""
        ordered = [str(each) for each in cls.RIGHTS if each != NONE]
        return ordered[ordered.index(str(right)) if right is not None else 0 :]

    def allows(self, user: Any, right: StrEnum | str) -> bool:
        """Whether `user` has `right` at this moment. Asks the database, whatever this object remembers."""
        if not user.is_active or not user.is_authenticated:
            return False
        if user.is_superuser:
            return bool(_is_there(type(self))(self.pk))
        return bool(_asked(type(self), str(right))(self.pk, user.pk))

    def access_of(self, user: Any) -> str:
        """The highest right of `user`: "owner" for the owner and superusers, else one of RIGHTS."""
        return str(_all_of(self).with_access(user).values_list("access", flat=True).get())


@cache
def shareable_kinds() -> tuple[type[Shareable], ...]:
    """Every class of what can be shared."""
    return tuple(kind for kind in apps.get_models() if issubclass(kind, Shareable))


@cache
def _asked(kind: type[Shareable], right: str) -> Prepared:
    """Whether a person has `right`: it is asked for every chunk of every job."""

    def build(subject: int, user: int) -> models.QuerySet[Any, Any]:
        person: Any = SimpleNamespace(pk=user, is_active=True, is_authenticated=True, is_superuser=False)
        return ShareableQuerySet(kind).filter(pk=subject).visible_to(person, right).values_list("pk")

    return Prepared(build)


@cache
def _is_there(kind: type[Shareable]) -> Prepared:
    """Whether an object still is: all that a superuser's right depends on."""
    return Prepared(lambda subject: ShareableQuerySet(kind).filter(pk=subject).values_list("pk"))


def _all_of(subject: Shareable) -> ShareableQuerySet:
    """The queryset of just this row."""
    return ShareableQuerySet(type(subject)).filter(pk=subject.pk)
