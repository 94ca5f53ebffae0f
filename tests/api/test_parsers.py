"""What a JSON body may not be, and what the answer says about it. The tokens' endpoint stands for all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from samplecase.contracts.errors import InvalidInput
from samplecase.web.rest.parsers import MAX_DEPTH, parse_strictly

TOKENS = "/api/v1/tokens/"


def post(api: Any, body: bytes, content_type: str = "application/json") -> Any:
    return api.generic("POST", TOKENS, body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"name": NaN}',
        b'{"name": 1e999}',
        b'{"name": "a", "name": "b"}',
        b'{"name": "\xff"}',
        b'{"name": "\x00"}',
        b'{"name": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_what_is_no_plain_json_is_malformed(anonymous_api: Any, body: bytes) -> None:
    answer = post(anonymous_api, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (rb'{"name": "\u0000"}', "/name"),
        (rb'{"name": "a\ud800b"}', "/name"),
        (rb'{"a": [{"x/y": "\udfff"}]}', "/a/0/x~1y"),
        (rb'{"a\u0000b": 1}', ""),
    ],
)
def test_text_that_cannot_be_stored_is_refused_at_its_place(
    anonymous_api: Any, body: bytes, pointer: str
) -> None:
    answer = post(anonymous_api, body)
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["error"]["details"]] == [pointer]


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1", b"true"])
def test_another_json_value_than_an_object_is_invalid(anonymous_api: Any, body: bytes) -> None:
    answer = post(anonymous_api, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid"


@pytest.mark.parametrize("charset", ["bz2_codec", "no-such-charset", "utf-16", "latin-1"])
def test_json_in_another_charset_is_malformed(anonymous_api: Any, charset: str) -> None:
    answer = post(anonymous_api, b"{}", f"application/json; charset={charset}")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml"]
)
def test_other_types_than_json_are_not_read(anonymous_api: Any, kind: str) -> None:
    answer = post(anonymous_api, b"username=a", kind)
    assert answer.status_code == 415
    assert answer.json()["error"]["code"] == "unsupported_media_type"


def test_too_large_a_body_is_refused_with_the_limit(anonymous_api: Any, settings: Any) -> None:
    settings.MAX_JSON_BYTES = 1000
    answer = post(anonymous_api, json.dumps({"name": "x" * 2000}).encode())
    assert answer.status_code == 413
    assert "1,000" in answer.json()["error"]["message"]


def test_ordinary_json_comes_through_whole() -> None:
    value = {"a": [1, 2.5, "ä€😀", None, True], "b": {"c": "line\nbreak"}}
    assert parse_strictly(json.dumps(value).encode()) == value
    assert parse_strictly(json.dumps(value, ensure_ascii=False).encode()) == value
    assert parse_strictly("\ufeff{}".encode()) == {}


def test_depth_is_allowed_up_to_the_limit_and_not_beyond() -> None:
    assert parse_strictly(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(InvalidInput, match="deeper"):
        parse_strictly(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


def test_a_nul_in_the_query_string_is_refused(owner_api: Any) -> None:
    assert owner_api.get("/api/v1/me/?x=%00").status_code == 400
