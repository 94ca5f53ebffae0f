"""Serializers that refuse what they do not know, and say what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The sentence for a key that nobody reads."""
    close = difflib.get_close_matches(key, list(known), n=1)
    return f"Unknown key “{key[:100]}”." + (f" Did you mean “{close[0]}”?" if close else "")


def username_of(relation: str) -> serializers.CharField:
    """The username of whom a row names, or null where nobody is named or the account is gone."""
    return serializers.CharField(source=f"{relation}.username", default=None, allow_null=True, read_only=True)


@extend_schema_field({"type": "object", "additionalProperties": True})
class FilterField(serializers.JSONField):
    """A filter document, or null; whether it is one, who reads it says."""


class Strictness:
    """Mixed into a serializer: unknown and read-only keys are refused by name, not silently dropped."""

    fields: Any

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            faults = self._faults(data)
            if faults:
                raise serializers.ValidationError(faults)
        return super().to_internal_value(data)  # type: ignore[misc]

    def _faults(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        writable = [name for name, field in self.fields.items() if not field.read_only]
        faults = {}
        for key in data:
            if key not in self.fields:
                faults[str(key)] = [unknown_key(str(key), writable)]
            elif key not in writable:
                faults[str(key)] = [f"“{key}” is set by the server."]
        return faults


class StrictSerializer(Strictness, serializers.Serializer[Any]):
    """A plain serializer that refuses unknown keys."""


class StrictModelSerializer(Strictness, serializers.ModelSerializer[Any]):
    """A model serializer that refuses unknown keys."""
