"""Text that came from a model, made fit for every database."""

from __future__ import annotations


def storable(text: str) -> str:
    """`text` without NUL characters and lone surrogates, which PostgreSQL refuses."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
