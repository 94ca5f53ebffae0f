"""Who may read which rows of the audit log."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from samplecase.web.accounts.models import AuditEntry, User
from samplecase.web.sharing.models import ShareableQuerySet, shareable_kinds


def readable_by(user: User) -> QuerySet[AuditEntry]:
    """All for superusers. For others: what was done to their account and to what they own or owned at that time.

    A job belongs to its dataset: whose model ran there is no reason to read about it.
    """
    if user.is_superuser:
        return AuditEntry.objects.all()
    mine = Q(object_type=User._meta.model_name, object_id=str(user.pk)) | Q(home_owner=user)
    for kind in shareable_kinds():
        owned = ShareableQuerySet(kind).filter(owner=user).order_by().values("pk")
        mine |= Q(home_type=kind._meta.model_name, home_id__in=owned)
    return AuditEntry.objects.filter(mine)
