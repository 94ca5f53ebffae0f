"""Uploads wait in files that their process holds by a lock; one that nobody holds was left by one that is gone."""

from __future__ import annotations

import contextlib
import fcntl
import time
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

YOUNG_SECONDS = 60  # it may not be held yet


class Open(Protocol):
    """An open file of the operating system."""

    def fileno(self) -> int: ...


class HeldFileUploadHandler(TemporaryFileUploadHandler):
    """Django's, for files that are too large for memory; each clears away what earlier ones could not."""

    def new_file(self, *arguments: Any, **named: Any) -> None:
        remove_abandoned()
        super().new_file(*arguments, **named)
        hold(self.file)


def hold(file: Open) -> None:
    """Until it is closed, or the process ends in whatever way."""
    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_abandoned() -> None:
    """Remove the files of uploads whose process was killed."""
    before = time.time() - YOUNG_SECONDS
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_mtime < before:
                path.unlink()
