"""Imports and exports as a worker does them, without one."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from jobs_app.tasks import export_samples, import_samples, start_job


def send(api: Any, dataset: Any, name: str, content: bytes, **options: Any) -> Any:
    form = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in options.items()}
    form["file"] = SimpleUploadedFile(name, content)
    return api.post(f"/api/v1/datasets/{dataset.pk}/imports/", form, format="multipart")


def imported(api: Any, dataset: Any, name: str, content: bytes, **options: Any) -> dict[str, Any]:
    """What an import says of itself after its end."""
    answer = send(api, dataset, name, content, **options)
    assert answer.status_code == 202, answer.content
    made = answer.json()
    start_job(made["job"])
    import_samples(made["job"])
    job = api.get(f"/api/v1/jobs/{made['job']}/").json()
    facts = api.get(f"/api/v1/datasets/{dataset.pk}/imports/{made['id']}/").json()
    return {**facts, "job": job, "rows": report(api, dataset, made["id"])}


def report(api: Any, dataset: Any, pk: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(
        f"/api/v1/datasets/{dataset.pk}/imports/{pk}/report/?as=json"
    ).json()["results"]
    return rows


def exported(api: Any, dataset: Any, format: str, **order: Any) -> bytes:
    """The bytes of an export's zip."""
    answer = api.post(f"/api/v1/datasets/{dataset.pk}/exports/", {"format": format, **order})
    assert answer.status_code == 202, answer.content
    made = answer.json()
    start_job(made["job"])
    export_samples(made["job"])
    return download(api, dataset, made["id"])


def download(api: Any, dataset: Any, pk: int) -> bytes:
    answer = api.get(f"/api/v1/datasets/{dataset.pk}/exports/{pk}/file/")
    assert answer.status_code == 200, answer.content
    content = b"".join(answer.streaming_content)
    assert len(content) == int(answer["Content-Length"])
    return content


def zipped(files: dict[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def opened(content: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive
