"""Gives each test process an empty data folder of its own before Django reads its settings.

A pytest plugin by `-p`, for pytest-django loads the settings before any conftest.
"""

from __future__ import annotations

import os
import tempfile
from urllib.parse import urlsplit

# Database and blob store may be chosen from outside; nothing else of the developer's settings may reach the tests.
_CHOSEN = {"SAMPLECASE_DATABASE_URL", "SAMPLECASE_BLOB_URL"}
for _name in [each for each in os.environ if each.startswith("SAMPLECASE_") and each not in _CHOSEN]:
    del os.environ[_name]

_folder = tempfile.TemporaryDirectory(prefix="samplecase-tests-")
os.environ["SAMPLECASE_DATA_DIR"] = _folder.name


def _own_bucket(url: str, worker: str) -> str:
    """Each worker of a parallel session has a bucket of its own, as it has a database."""
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path.rstrip('/')}-{worker}").geturl()


if (_url := os.environ.get("SAMPLECASE_BLOB_URL")) and (_worker := os.environ.get("PYTEST_XDIST_WORKER")):
    os.environ["SAMPLECASE_BLOB_URL"] = _own_bucket(_url, _worker)

# Playwright's synchronous interface leaves an event loop in this thread, for which Django would then refuse every
# query of the tests that come after.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_unconfigure() -> None:
    """The last thing that pytest does."""
    _folder.cleanup()
