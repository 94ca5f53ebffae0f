"""XML as data: elements, attributes and text. Document types, and with them entities of any kind, are refused."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from samplecase.contracts.errors import InvalidInput

MAX_DEPTH = 40


def parse_xml(content: bytes, *, source: str) -> Element:
    """The root element. Raises `InvalidInput` at `source`, with the line."""
    tree, depth = TreeBuilder(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise _Refused("is nested too deep")
        tree.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        tree.end(name)

    def refuse(*_: object) -> None:
        raise _Refused("has a document type, which is not read")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = tree.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
        return tree.close()
    except (expat.ExpatError, _Refused, AssertionError, ValueError, LookupError) as error:
        raise InvalidInput(
            f"“{source}” is no XML that can be read: line {parser.CurrentLineNumber}: {error}.",
            code="invalid_file",
            pointer=source,
        ) from None


class _Refused(Exception):
    """A construct that is not read."""
