"""What all parts of a configuration share: strictness, and which of them are part of a run's identity."""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict


class Role:
    """How a field takes part in a run's identity; `Annotated[int, STATELESS]`. Without one it is stateful."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


STATELESS = Role("stateless")  # changes how fast a run goes or what it keeps, never its weights

_T = TypeVar("_T", bound="Settings")


class Settings(BaseModel):
    """A part of the configuration. The docstring under a field is its help in form, command line and schema."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True, ser_json_inf_nan="constants"
    )

    def plain(self) -> dict[str, Any]:
        """As JSON values, defaults included."""
        return self.model_dump(mode="json")


def stateful(settings: Settings) -> dict[str, Any]:
    """The plain values that decide which weights come out."""
    values = settings.plain()
    for name, field in type(settings).model_fields.items():
        if STATELESS in field.metadata:
            del values[name]
            continue
        values[name] = _stateful(getattr(settings, name), values[name])
    return values


def identity(settings: Settings) -> str:
    """SHA-256 of the stateful values: two runs of one identity, manifest and machine kind have the same weights."""
    text = json.dumps(stateful(settings), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _stateful(value: Any, plain: Any) -> Any:
    if isinstance(value, Settings):
        return stateful(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Settings):
        return [stateful(each) for each in value]
    return plain
