"""The entry point of WSGI servers. Settings that would lose work are refused here, before the first request."""

from __future__ import annotations

import os

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samplecase.web.settings")

application = get_wsgi_application()

_refused = [str(found) for found in run_checks() if found.is_serious()]
if _refused:
    raise ImproperlyConfigured("\n".join(_refused))
