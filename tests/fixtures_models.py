"""Packed models for tests: small honest zips, and the places where an upload could leave something behind."""

from __future__ import annotations

import io
import json
import secrets
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from rest_framework.test import APIClient

from samplecase.storage import open_store
from samplecase.storage.port import BlobStore

SCHEMA: dict[str, Any] = {
    "inputs": {"type": "object", "properties": {"image_paths": {"type": "local"}}},
    "outputs": {"type": "object", "properties": {"predictions": {"type": "classification"}}},
}
MANIFEST: dict[str, Any] = {"format": 1, "name": "digits-cnn", "entrypoint": "model:Model", "schema": SCHEMA}
CODE = """class Model:
    def predict(self, image_paths):
        return {"predictions": ["3" for _ in image_paths]}
"""


def zip_of(files: Mapping[str, str | bytes]) -> bytes:
    """A zip with these files; the same files make the same bytes, whatever the clock says."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def package_of(files: Mapping[str, str | bytes] | None = None, **manifest: Any) -> bytes:
    """A whole package: manifest (with the keys given), code, and more files."""
    whole = {"model.json": json.dumps({**MANIFEST, **manifest}), "model.py": CODE, **(files or {})}
    return zip_of(whole)


@dataclass
class Traces:
    """What an upload may leave: blobs, in a folder or a bucket, and temporary files."""

    blobs: BlobStore
    temporary: Path

    @property
    def stored(self) -> list[str]:
        return sorted(key.rpartition("/")[2] for key in self.blobs.list())

    @property
    def spooled(self) -> list[str]:
        return sorted(path.name for path in self.temporary.iterdir())


@pytest.fixture
def traces(settings: Any, tmp_path: Path) -> Traces:
    """A blob store and a folder for temporary files of this test's own."""
    settings.BLOB_URL = _own_place(settings.BLOB_URL, tmp_path)
    found = Traces(open_store(settings.BLOB_URL), tmp_path / "temporary")
    found.temporary.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(found.temporary)
    return found


def _own_place(url: str, folder: Path) -> str:
    """A blob store of the same kind as that of the settings, and empty."""
    parts = urlsplit(url)
    if parts.scheme != "s3":
        return f"file://{folder / 'blobs'}"
    return parts._replace(path=f"{parts.path}/{secrets.token_hex(8)}").geturl()


@pytest.fixture
def upload(model: Any, traces: Traces) -> Callable[..., Any]:
    """`upload(api, package_of(), version="1.0.0")`: the answer to an upload to `model`."""

    def send(api: APIClient, package: bytes, *, name: str = "model.zip", **parts: Any) -> Any:
        file = io.BytesIO(package)
        file.name = name
        return api.post(
            f"/api/v1/models/{model.pk}/versions/", {"package": file, **parts}, format="multipart"
        )

    return send


@pytest.fixture
def version(model: Any, owner: Any) -> Any:
    """A version of `model` as a row alone."""
    from models_app.models import Version

    return Version.objects.create(
        model=model,
        version="1.0.0",
        sha256="0" * 64,
        size=1,
        manifest={**MANIFEST, "version": "1.0.0"},
        schema=SCHEMA,
        uploaded_by=owner,
    )


@pytest.fixture
def deployment(version: Any, owner: Any) -> Any:
    """A ready deployment of `version`."""
    from models_app.models import Deployment

    return Deployment.objects.create(
        version=version, name="digits", sandbox="bwrap", state="ready", log="loaded", created_by=owner
    )
