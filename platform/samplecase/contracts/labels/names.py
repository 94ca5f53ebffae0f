"""The rule for names of fields, and the name a model's output gets when nobody chose one."""

from __future__ import annotations

import re
import unicodedata

from samplecase.contracts.errors import Fault, InvalidInput

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z", re.ASCII)
MAX_FIELD_NAME = 63

# What every sample has anyway, and what filters and sorting therefore already mean.
RESERVED_FIELD_NAMES = frozenset({"id", "name", "tags", "width", "height", "created", "media"})


def check_field_name(name: object, *, pointer: str = "/name") -> str:
    """Return `name` if a field may be called so; raises `InvalidInput` (`invalid_field_name`) at `pointer`."""
    if not isinstance(name, str) or not FIELD_NAME.match(name):
        message = (
            "A field's name begins with a small letter and has up to 63 small letters, digits and underscores, "
            f"unlike {_shortened(name)}."
        )
    elif name in RESERVED_FIELD_NAMES:
        message = f'"{name}" is reserved: every sample has it already. Choose another name.'
    else:
        return name
    raise InvalidInput(message, code="invalid_field_name", details=[Fault(pointer, message)])


def slugify_output(text: str) -> str:
    """Turn `text` into something a field may be called: "Digits CNN" becomes `digits_cnn`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not slug or not slug[0].isalpha():
        slug = f"f_{slug}".rstrip("_")
    slug = slug[:MAX_FIELD_NAME].rstrip("_")
    return f"{slug}_" if slug in RESERVED_FIELD_NAMES else slug


def default_field_name(model_slug: str, output: str) -> str:
    """The field an output goes to when nothing else was said: `{model_slug}_{output}`.

    A long slug is cut, so that two outputs of one model never end in one field.
    """
    suffix = re.sub(r"[^a-z0-9]+", "_", output.lower()).strip("_")
    room = max(1, MAX_FIELD_NAME - 1 - len(suffix))
    return slugify_output(f"{slugify_output(model_slug)[:room].rstrip('_')}_{suffix}")


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
