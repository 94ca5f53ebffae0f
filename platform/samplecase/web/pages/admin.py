"""What the administration leaves out.

A schedule of the queue names any Python function with its arguments: whoever may add one may do everything.
"""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin

for _model in apps.get_app_config("django_q").get_models():
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
