"""Datasets in Django's admin: who may see, label and edit which, changed in bulk."""

from __future__ import annotations

from django.contrib import admin

from datasets_app.models import Dataset, DatasetGroupRight, DatasetUserRight
from samplecase.web.sharing.admin import GroupRightAdmin, ShareableAdmin, UserRightAdmin


@admin.register(Dataset)
class SharedDatasetAdmin(ShareableAdmin):
    """Which datasets everyone may see, label or edit; single users and groups by their object permissions."""


admin.site.register(DatasetUserRight, UserRightAdmin)
admin.site.register(DatasetGroupRight, GroupRightAdmin)
