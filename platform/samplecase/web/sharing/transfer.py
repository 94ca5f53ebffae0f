"""Giving an object to another owner."""

from __future__ import annotations

from django.db import transaction
from guardian.utils import get_user_obj_perms_model

from samplecase.contracts.errors import Forbidden, InvalidInput
from samplecase.web.accounts.models import User, record
from samplecase.web.sharing.models import NONE, OWNER, Shareable
from samplecase.web.sharing.services import check_rights, held, right_permissions

KEPT = "edit"  # what the owner so far keeps if nothing is said


@transaction.atomic
def transfer(*, subject: Shareable, username: str, keep: str, acting_user: User) -> Shareable:
    """Make `username` the owner of `subject`; the owner so far keeps the right `keep`, which may be “none”.

    1. The row is held, and only then asked who its owner is: of two transfers the second finds the new one.
    2. The new owner's rows go, for he has every right; the old owner gets a row. 3. The audit row names both.

    Raises `Forbidden` for others than the owner and superusers, `InvalidInput` at `/username` or `/keep`, and
    `NotFound` if the object was deleted meanwhile.
    """
    kind, locked = type(subject), held(subject)
    if locked.access_of(acting_user) != OWNER:
        raise Forbidden(f"Only its owner can give the {kind._meta.verbose_name} “{locked}” to somebody else.")
    check_rights(kind, [("/keep", keep)])
    old, new = locked.owner, User.objects.filter(username=username, is_active=True).first()
    if new is None:
        raise InvalidInput(f"There is no user “{username}”.", pointer="/username")
    if new == old:
        raise InvalidInput(f"“{username}” is the owner already.", pointer="/username")
    # While the old owner is the owner, so that he can read this row too.
    action = f"{kind._meta.model_name}.transfer"
    record(
        actor=acting_user, action=action, subject=locked, before=old.username, after=new.username, kept=keep
    )
    rows = get_user_obj_perms_model(kind).objects
    rows.filter(content_object=locked, user__in=[old, new]).delete()
    if keep != NONE:
        rows.create(content_object=locked, user=old, permission=right_permissions(kind)[keep])
    locked.owner = new
    locked.save(update_fields=["owner"])
    return locked
