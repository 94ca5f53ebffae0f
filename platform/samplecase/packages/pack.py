"""A folder made into a packed model: the same files always give the same bytes, and so the same digest."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from samplecase.contracts.errors import InvalidInput
from samplecase.packages.manifest import MANIFEST

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = {"__pycache__", ".git", ".venv", "node_modules"}
# Larger files are weights as a rule: deflating them takes long and gains little.
_STORED_FROM = 2**20


def pack_folder(
    folder: Path, target: Path, *, manifest: Mapping[str, Any] | None = None, leave_out: Collection[Path] = ()
) -> Path:
    """Pack what is in `folder` into the zip `target`, which appears only when it is whole; returns `target`.

    `manifest` takes the place of the folder's model.json. Hidden files, Python's caches, the target itself and
    `leave_out` (whole paths) are left out. Raises `InvalidInput` for what no package may hold, such as a symbolic link.
    """
    files = sorted(_files(folder, leave_out={target.absolute(), *leave_out}), key=lambda each: each[0])
    contents: dict[str, Path | bytes] = dict(files)
    if manifest is not None:
        contents[MANIFEST] = json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", strict_timestamps=False) as zipped:
            for name in sorted(contents):
                _add(zipped, name, contents[name])
        Path(unfinished).chmod(0o644)
        return Path(unfinished).replace(target)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _files(folder: Path, *, leave_out: Collection[Path]) -> Iterator[tuple[str, Path]]:
    if not folder.is_dir():
        raise InvalidInput(f"There is no folder {folder}.", code="invalid_package", pointer=str(folder))
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if any(part.startswith(".") or part in _LEFT_OUT for part in inside.parts) or path.suffix == ".pyc":
            continue
        if path.is_symlink():
            message = f"{inside} is a symbolic link; put the file itself there."
            raise InvalidInput(message, code="invalid_package", pointer=inside.as_posix())
        if path.is_file() and path.absolute() not in leave_out:
            yield inside.as_posix(), path


def _add(zipped: zipfile.ZipFile, name: str, content: Path | bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.external_attr = 0o100644 << 16
    info.create_system = 3
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    info.compress_type = zipfile.ZIP_STORED if size >= _STORED_FROM else zipfile.ZIP_DEFLATED
    info.file_size = size  # from it the zip decides whether the entry needs 64-bit sizes
    with zipped.open(info, "w") as target:
        if isinstance(content, bytes):
            target.write(content)
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
