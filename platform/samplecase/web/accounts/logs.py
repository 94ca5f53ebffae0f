"""How a log line looks, for people or for programs; and no secret in any of them."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

from samplecase.contracts.log_context import present

_SECRETS = (
    (re.compile(r"/welcome/[^/\s\"'?#\\]+"), "/welcome/…"),
    (re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?)?\btoken\s+[0-9a-f]{16,}"), "Token …"),
    (re.compile(r"(?i)\bbearer\s+[^\s'\",]+"), "Bearer …"),
    # The password in an address of a database, and the secret in one of a bucket.
    (re.compile(r"(\w://[^\s/:@]*):[^\s/@]+@"), r"\1:…@"),
)


def without_secrets(text: str) -> str:
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


class TextLines(logging.Formatter):
    """A line for people, with what it is about in brackets; secrets are blanked in the finished line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(about)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.about = "".join(f"[{name} {value}] " for name, value in present().items())
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """A JSON object per line; secrets are blanked in each text before it is quoted."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **present(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        shown = {
            name: without_secrets(value) if isinstance(value, str) else value for name, value in line.items()
        }
        return json.dumps(shown, ensure_ascii=False, default=str)


FORMATTERS: dict[str, type[logging.Formatter]] = {"text": TextLines, "json": JsonLines}
