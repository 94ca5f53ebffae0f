"""The number that is proposed for a new version, and what its schema changes to ask for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models_app.models import Model
from models_app.naming import next_version
from samplecase.contracts.schema import Schema, parse_schema
from samplecase.contracts.schema_change import Change, Step, changes_between, step_of


@dataclass(frozen=True)
class Proposal:
    """A number, the version that the schema was compared with, and what differs."""

    version: str
    since: str | None  # None: there is none before it
    step: Step | None
    changes: Sequence[Change]


def propose(model: Model, schema: Schema) -> Proposal:
    """The newest version's number, and a step further: the larger, the more `schema` changes."""
    newest = model.versions.first()
    taken = [
        *model.versions.values_list("version", flat=True),
        *model.tombstones.values_list("version", flat=True),
    ]
    if newest is None:
        return Proposal(next_version(taken), None, None, ())
    changes = changes_between(parse_schema(newest.schema), schema)
    step = step_of(changes)
    return Proposal(next_version(taken, step), newest.version, step, changes)
