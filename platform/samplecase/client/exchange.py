"""Imports into a dataset and exports from it."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from samplecase.client.archives import collect
from samplecase.client.transport import Transport
from samplecase.client.types import Json
from samplecase.client.uploads import LARGE, Uploads, Watch, unwatched


class Exchange:
    """What one may bring to a dataset and take from it."""

    def __init__(self, transport: Transport, uploads: Uploads) -> None:
        self._transport = transport
        self._uploads = uploads

    def preview(
        self,
        dataset: int,
        path: Path | None = None,
        *,
        on_server: str | None = None,
        watch: Watch = unwatched,
        **options: Any,
    ) -> Json:
        """What an import would find; its `upload` imports the same file without sending it again."""
        return self._import(dataset, path, {"path": on_server, **options, "dry_run": True}, watch)

    def start_import(
        self,
        dataset: int,
        path: Path | None = None,
        *,
        upload: int | None = None,
        on_server: str | None = None,
        watch: Watch = unwatched,
        **options: Any,
    ) -> int:
        """Begin an import; returns the id of its job, which is its own too.

        It imports a file or folder of this machine, an `upload` of a preview, or what lies `on_server` below one of the
        roots of its settings (`ROOT/folder`, for staff). Options are those of the API: `format`, `field`, `fields`,
        `classes`, `on_existing`, `as_predictions`. A large file goes in pieces, which `watch` is told of.
        """
        given = {"upload": upload, "path": on_server, **options}
        return int(self._import(dataset, path, given, watch)["id"])

    def import_facts(self, dataset: int, pk: int) -> Json:
        """How many samples were added, matched and skipped."""
        return cast(Json, self._transport.get(f"datasets/{dataset}/imports/{pk}/"))

    def report(self, dataset: int, pk: int) -> list[Json]:
        """What became of each sample: `{name, sample, outcome, reason, message}`."""
        answer = self._transport.get(f"datasets/{dataset}/imports/{pk}/report/", **{"as": "json"})
        return cast("list[Json]", answer["results"])

    def start_export(
        self,
        dataset: int,
        format: str,
        *,
        filter: Json | None = None,
        fields: Sequence[str] | None = None,
        media: bool = True,
    ) -> int:
        """Begin an export; returns the id of its job, which is its own too."""
        body: Json = {"format": format, "media": media}
        if filter is not None:
            body["filter"] = filter
        if fields is not None:
            body["fields"] = [*fields]
        return int(self._transport.post(f"datasets/{dataset}/exports/", body)["id"])

    def download(self, dataset: int, pk: int, to: Path) -> int:
        """Write the zip of a finished export to a file; returns its bytes. The file is there when it is whole."""
        return self._transport.save(f"datasets/{dataset}/exports/{pk}/file/", to)

    def _import(self, dataset: int, path: Path | None, options: Mapping[str, Any], watch: Watch) -> Json:
        given = {key: value for key, value in options.items() if value is not None}
        if path is not None:
            return self._send(dataset, path, given, watch)
        return cast(Json, self._transport.post(f"datasets/{dataset}/imports/", given))

    def _send(self, dataset: int, path: Path, options: Mapping[str, Any], watch: Watch) -> Json:
        with _packed(path) as (name, file):
            if file.seek(0, 2) > LARGE:
                with self._uploads.sent(file, name=name, watch=watch) as upload:
                    return self._post(dataset, json={**options, "upload": upload})
            file.seek(0)
            form = {key: _text(value) for key, value in options.items()}
            return self._post(dataset, data=form, files={"file": (name, file)})

    def _post(self, dataset: int, **content: Any) -> Json:
        answer = self._transport.request("POST", f"datasets/{dataset}/imports/", timeout=None, **content)
        return cast(Json, answer)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@contextmanager
def _packed(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """The file itself, or a zip of the folder."""
    if not path.is_dir():
        with path.open("rb") as file:
            yield path.name, file
        return
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for each, name in collect([path]):
                archive.write(each, name)
        packed.seek(0)
        yield f"{path.name or 'folder'}.zip", cast(BinaryIO, packed)
