"""What lists are narrowed down by in the query string, read and refused alike everywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from drf_spectacular.utils import OpenApiParameter

from samplecase.contracts.errors import InvalidInput

MAX_ID = 2**63 - 1
LONGEST_SEARCH = 100
LONGEST_TEXT = 150


def id_from(params: Mapping[str, str], name: str) -> int | None:
    """The id under `name`, None where it is left out. Raises `InvalidInput` at `/name`."""
    text = params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_ID):
        raise InvalidInput(f"{name} is the id of a {name}.", pointer=f"/{name}")
    return int(text)


def choice_from(params: Mapping[str, str], name: str, known: Collection[str]) -> str | None:
    """The word under `name`, None where it is left out. Raises `InvalidInput` at `/name`."""
    text = params.get(name)
    if text is not None and text not in list(known):
        raise InvalidInput(f"{name} is one of {', '.join(known)}.", pointer=f"/{name}")
    return text


def search_from(params: Mapping[str, str]) -> str:
    """The trimmed `search`, empty where it is left out. Raises `InvalidInput` at `/search`."""
    text = params.get("search", "").strip()
    if len(text) > LONGEST_SEARCH:
        raise InvalidInput(f"search has at most {LONGEST_SEARCH} characters.", pointer="/search")
    return text


def text_from(params: Mapping[str, str], name: str) -> str:
    """The text under `name`, empty where it is left out. Raises `InvalidInput` at `/name` where it is too long."""
    text = params.get(name, "")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"{name} has at most {LONGEST_TEXT} characters.", pointer=f"/{name}")
    return text


def search_in(where: str) -> OpenApiParameter:
    """How `search` is described."""
    return OpenApiParameter("search", str, description=f"In {where}.")
