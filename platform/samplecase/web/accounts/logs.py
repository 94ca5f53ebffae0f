"""Keeps the secrets of links and tokens out of every log line."""

from __future__ import annotations

import logging
import re

_SECRETS = (
    (re.compile(r"/welcome/[^/\s\"'?#]+"), "/welcome/…"),
    (re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?)?\btoken\s+[0-9a-f]{16,}"), "Token …"),
)


def without_secrets(text: str) -> str:
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


class WithoutSecrets(logging.Formatter):
    """Formats as usual and blanks secrets in the finished line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))
