"""A conda channel that is a folder: two tiny packages made by hand, one of which is this host's own Python."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

SUBDIRS = {"x86_64": "linux-64", "aarch64": "linux-aarch64"}
SITE = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
VERSION = platform.python_version()


def make_channel(folder: Path, name: str, library: str) -> None:
    """A channel `name` below `folder`, with `python` and a package `tinylib` of one module."""
    base = Path(sys.base_prefix)
    home = f"home = {base / 'bin'}\nversion = {VERSION}\n"
    _add(folder / name, "python", VERSION, {"pyvenv.cfg": home}, link=Path(sys.executable).resolve())
    _add(folder / name, "tinylib", "1.2", {f"{SITE}/tinylib.py": library})
    (folder / name / "noarch").mkdir(exist_ok=True)
    (folder / name / "noarch" / "repodata.json").write_text(
        json.dumps({"packages": {}, "packages.conda": {}})
    )


def _add(channel: Path, name: str, version: str, files: Mapping[str, str], link: Path | None = None) -> None:
    """Format: https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html"""
    subdir = SUBDIRS[platform.machine()]
    place = channel / subdir
    place.mkdir(parents=True, exist_ok=True)
    facts = {
        "name": name,
        "version": version,
        "build": "0",
        "build_number": 0,
        "depends": [],
        "subdir": subdir,
        "timestamp": 1700000000000,
    }
    data = _package(facts, files, link)
    file = f"{name}-{version}-0.tar.bz2"
    (place / file).write_bytes(data)
    index = place / "repodata.json"
    listed = json.loads(index.read_text()) if index.exists() else {"info": {"subdir": subdir}, "packages": {}}
    digests = {"sha256": hashlib.sha256(data).hexdigest(), "md5": hashlib.md5(data).hexdigest()}
    listed["packages"][file] = {**facts, **digests, "size": len(data)}
    index.write_text(json.dumps(listed))


def _package(facts: Mapping[str, object], files: Mapping[str, str], link: Path | None) -> bytes:
    paths = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "size_in_bytes": len(text.encode()),
        }
        for path, text in files.items()
    ]
    if link is not None:
        paths.append({"_path": "bin/python", "path_type": "softlink"})
    whole = {
        **files,
        "info/index.json": json.dumps(facts),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}),
        "info/files": "\n".join(str(each["_path"]) for each in paths),
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as archive:
        for path, text in whole.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
        if link is not None:
            entry = tarfile.TarInfo("bin/python")
            entry.type, entry.linkname = tarfile.SYMTYPE, str(link)
            archive.addfile(entry)
    return buffer.getvalue()
