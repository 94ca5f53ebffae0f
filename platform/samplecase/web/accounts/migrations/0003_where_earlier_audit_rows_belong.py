"""Audit rows from before are told which dataset or model they belong to, as far as they say so themselves."""

from typing import Any

from django.db import migrations
from django.db.models import BigIntegerField, F
from django.db.models.functions import Cast

BATCH = 1_000


def tell(apps: Any, schema_editor: Any) -> None:
    entries = apps.get_model("accounts", "AuditEntry").objects
    # PostgreSQL refuses to make a number of anything else, and with it the whole migration.
    own = entries.filter(object_type__in=["dataset", "model"], object_id__regex=r"^[0-9]{1,18}$")
    own.update(home_type=F("object_type"), home_id=Cast("object_id", BigIntegerField()))
    told = []
    for entry in entries.filter(home_id=None).only("details").iterator(BATCH):
        for kind in ("dataset", "model"):
            if type(entry.details.get(kind)) is int:
                entry.home_type, entry.home_id = kind, entry.details[kind]
                told.append(entry)
                break
        if len(told) >= BATCH:
            entries.bulk_update(told, ["home_type", "home_id"])
            told.clear()
    entries.bulk_update(told, ["home_type", "home_id"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sessions_tries_and_where_audit_rows_belong")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
