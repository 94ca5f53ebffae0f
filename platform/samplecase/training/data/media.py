"""The images of a run, as they were when it was submitted: whoever resumes it sees whether they still are."""

from __future__ import annotations

import json
from pathlib import Path

from samplecase.storage.files import sha256_of
from samplecase.training.data.manifest import Manifest, ManifestRow


def keep_media(manifest: Manifest, file: Path) -> None:
    """Write size and time of change of each image."""
    file.write_text(json.dumps({row.id: _facts(row) for row in manifest.rows}) + "\n", encoding="utf-8")


def changed_media(manifest: Manifest, file: Path) -> list[str]:
    """The ids of images that are no more what they were. Only those of another size or time are read again."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return [row.id for row in manifest.rows if row.id in kept and _is_other(row, kept[row.id])]


def _is_other(row: ManifestRow, before: list[int] | None) -> bool:
    now = _facts(row)
    if now == before:
        return False
    return now is None or not row.sha256 or sha256_of(Path(row.media)) != row.sha256


def _facts(row: ManifestRow) -> list[int] | None:
    """Bytes, and nanoseconds since 1970; None where there is no file."""
    try:
        found = Path(row.media).stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]
