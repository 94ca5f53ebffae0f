"""Resumable uploads as a test sends them: tus by hand, over Django's test client."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

ADDRESS = "/api/v1/uploads/"
VERSION = {"Tus-Resumable": "1.0.0"}
OFFSET_TYPE = "application/offset+octet-stream"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def metadata(**said: str) -> str:
    return ",".join(f"{key} {encoded(value)}" for key, value in said.items())


def checksum(content: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


def begin(api: Any, length: int, **said: str) -> Any:
    """The answer to the beginning of an upload of so many bytes."""
    headers = {**VERSION, "Upload-Length": str(length)}
    if said:
        headers["Upload-Metadata"] = metadata(**said)
    return api.post(ADDRESS, headers=headers)


def begun(api: Any, length: int, **said: str) -> str:
    """The address of an upload that was just begun."""
    answer = begin(api, length, **said)
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def add(api: Any, address: str, content: bytes, offset: int = 0, **headers: str) -> Any:
    """The answer to some bytes; header names with underscores for hyphens."""
    given = {**VERSION, "Upload-Offset": str(offset)} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return api.patch(address, content, content_type=OFFSET_TYPE, headers=given)


def offset_of(api: Any, address: str) -> int:
    answer = api.head(address, headers=VERSION)
    assert answer.status_code == 200, answer.content
    return int(answer["Upload-Offset"])


def sent(api: Any, content: bytes, **said: str) -> str:
    """The id of an upload that is whole."""
    address = begun(api, len(content), **said)
    answer = add(api, address, content)
    assert answer.status_code == 204, answer.content
    return address.rstrip("/").rpartition("/")[2]


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
