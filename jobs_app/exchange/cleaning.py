"""What imports and exports leave behind is removed after its time."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from jobs_app.exchange import incoming, staging
from jobs_app.exchange.models import Export, ExportPart
from jobs_app.models import UNFINISHED, Job

EXPORTS_KEPT = timedelta(days=7)


def forget_files() -> int:
    """Files that were imported, a day after they came; exports, a week after they were made. Returns how many."""
    count = incoming.forget_old()
    old = Job.objects.filter(created_at__lt=timezone.now() - EXPORTS_KEPT).exclude(state__in=UNFINISHED)
    for work in Export.objects.filter(job__in=old, parts__isnull=False).distinct()[:100]:
        staging.remove(f"exports/{work.pk}/")
        ExportPart.objects.filter(work=work).delete()
        count += 1
    return count
