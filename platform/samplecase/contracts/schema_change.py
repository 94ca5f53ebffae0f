"""What a new schema changes for those who use a model, and how large a step its version takes (semver.org)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from samplecase.contracts.labels.reading import pointer_to, shown
from samplecase.contracts.schema import Port, Schema
from samplecase.contracts.schema_dialect import DESCRIBING


class Step(StrEnum):
    """How far a version is from the one before, the least first."""

    PATCH = "patch"  # nobody who uses the model has to know
    MINOR = "minor"  # there is more; what was asked and answered before still is
    MAJOR = "major"  # who uses the model has to change something

    @property
    def rank(self) -> int:
        return list(Step).index(self)


@dataclass(frozen=True)
class Change:
    """One difference: how large a step it asks for, where, and in a sentence what it is."""

    step: Step
    pointer: str
    message: str


def step_of(changes: Sequence[Change]) -> Step:
    """The largest that one of them asks for; without any, the least."""
    return max((change.step for change in changes), key=lambda step: step.rank, default=Step.PATCH)


def changes_between(old: Schema, new: Schema) -> list[Change]:
    """What `new` changes, the largest steps first.

    | of an output | step |
    |---|---|
    | removed, of another type or dimension, no longer promised, narrowed (labels, limits, members) | major |
    | added, widened, promised now | minor |

    | of an input | step |
    |---|---|
    | removed, of another type, required now, added and required, narrowed | major |
    | added and optional, no longer required, widened, another default | minor |

    How the image is handed over (`local` or `image`) is between the package and the runtime, and what only describes
    (title, description …) is read by people: both are patches.
    """
    found = [*_inputs(old.inputs, new.inputs), *_outputs(old.outputs, new.outputs)]
    return sorted(found, key=lambda change: -change.step.rank)


# Inputs and outputs ----------------------------------------------------------------------------------------------


def _inputs(old: Mapping[str, Port], new: Mapping[str, Port]) -> Iterator[Change]:
    for name in [*old, *(name for name in new if name not in old)]:
        at = pointer_to("/inputs/properties", name)
        before, after = old.get(name), new.get(name)
        if all(port is None or port.is_media for port in (before, after)):
            if before is None or after is None or before.type != after.type:
                yield Change(Step.PATCH, at, "The image is handed over in another way.")
        elif after is None:
            yield Change(Step.MAJOR, at, "The input is gone.")
        elif before is None:
            step = Step.MAJOR if _is_demanded(after) else Step.MINOR
            kind = "required" if step is Step.MAJOR else "optional"
            yield Change(step, at, f"The input is new and {kind}.")
        else:
            yield from _input(before, after, at)


def _input(old: Port, new: Port, at: str) -> Iterator[Change]:
    if _is_demanded(new) and not _is_demanded(old):
        yield Change(Step.MAJOR, at, "The input is required now.")
    elif _is_demanded(old) and not _is_demanded(new):
        yield Change(Step.MINOR, at, "The input is no longer required.")
    if old.default != new.default and None not in (old.default, new.default):
        message = f"The default is {shown(new.default)}, and was {shown(old.default)}."
        yield Change(Step.MINOR, pointer_to(at, "default"), message)
    yield from _specs(old.spec, new.spec, at, gains={"required": Step.MAJOR}, losses={"required": Step.MINOR})


def _is_demanded(port: Port) -> bool:
    """Whoever runs the model has to say where it comes from."""
    return port.required and port.default is None and not port.is_media


def _outputs(old: Mapping[str, Port], new: Mapping[str, Port]) -> Iterator[Change]:
    for name in [*old, *(name for name in new if name not in old)]:
        at = pointer_to("/outputs/properties", name)
        if name not in new:
            yield Change(Step.MAJOR, at, "The output is gone.")
        elif name not in old:
            yield Change(Step.MINOR, at, "The output is new.")
        else:
            before, after = old[name], new[name]
            if before.required != after.required:
                step = Step.MINOR if after.required else Step.MAJOR
                said = "on every sample now" if after.required else "no longer on every sample"
                yield Change(step, at, f"The output is promised {said}.")
            # A member that is no longer promised is missed by who reads it; one more is a gift.
            moves = {"gains": {"required": Step.MINOR}, "losses": {"required": Step.MAJOR}}
            yield from _specs(before.spec, after.spec, at, **moves)


# What stands under one name --------------------------------------------------------------------------------------

Moves = Mapping[str, Step]
# Keywords with a number, and whether a higher one lets more through.
_BOUNDS = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), False),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), True),
}


def _specs(
    old: Mapping[str, Any], new: Mapping[str, Any], at: str, *, gains: Moves, losses: Moves
) -> Iterator[Change]:
    """The changes within two specs. `gains` and `losses`: the steps of names that are (no longer) required."""
    if old.get("type") != new.get("type"):
        yield _type_change(old.get("type"), new.get("type"), at)
        return
    for keyword in sorted({*old, *new} - {"type", "default", "const"} - DESCRIBING):
        where = pointer_to(at, keyword)
        before, after = _stated(keyword, old), _stated(keyword, new)
        if keyword == "required":
            yield from _required(before or [], after or [], where, gains, losses)
        elif keyword == "properties":
            yield from _members(before or {}, after or {}, where, gains=gains, losses=losses)
        elif keyword == "items":
            yield from _specs(before or {}, after or {}, where, gains=gains, losses=losses)
        elif keyword != "enum" and before != after:
            yield _limit(keyword, before, after, where)
    yield from _choices(_choice(old), _choice(new), at)


def _stated(keyword: str, spec: Mapping[str, Any]) -> Any:
    """The keyword's value, None where it says no more than its absence."""
    value = spec.get(keyword)
    return None if keyword == "additionalProperties" and value is True else value


def _type_change(old: Any, new: Any, at: str) -> Change:
    is_wider = (old, new) == ("integer", "number") and at.startswith("/inputs")
    message = f"The type is {shown(new)}, and was {shown(old)}."
    return Change(Step.MINOR if is_wider else Step.MAJOR, pointer_to(at, "type"), message)


def _required(
    old: Sequence[str], new: Sequence[str], at: str, gains: Moves, losses: Moves
) -> Iterator[Change]:
    for name in sorted(set(new) - set(old)):
        yield Change(gains["required"], at, f"“{name}” is required now.")
    for name in sorted(set(old) - set(new)):
        yield Change(losses["required"], at, f"“{name}” is no longer required.")


def _members(
    old: Mapping[str, Any], new: Mapping[str, Any], at: str, *, gains: Moves, losses: Moves
) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        where = pointer_to(at, name)
        if name not in new:
            yield Change(Step.MAJOR, where, "The member is gone.")
        elif name not in old:
            yield Change(Step.MINOR, where, "The member is new.")
        else:
            yield from _specs(old[name], new[name], where, gains=gains, losses=losses)


def _choice(spec: Mapping[str, Any]) -> list[Any] | None:
    """The values that are allowed, or None where all are."""
    return [spec["const"]] if "const" in spec else spec.get("enum")


def _choices(old: list[Any] | None, new: list[Any] | None, at: str) -> Iterator[Change]:
    where = pointer_to(at, "enum")
    if old is None and new is None:
        return
    if old is None:
        yield Change(Step.MAJOR, where, "Only listed values are left.")
    elif new is None:
        yield Change(Step.MINOR, where, "Any value may come now, not only those that were listed.")
    else:
        # The dialect lists plain values alone. Looked up: of some ten thousand, each with each takes seconds.
        were, are = set(old), set(new)
        for each in (each for each in old if each not in are):
            yield Change(Step.MAJOR, where, f"{shown(each)} is gone.")
        for each in (each for each in new if each not in were):
            yield Change(Step.MINOR, where, f"{shown(each)} is new.")


def _limit(keyword: str, old: Any, new: Any, at: str) -> Change:
    said = ("is gone" if new is None else f"is {shown(new)}") + (
        f", and was {shown(old)}." if old is not None else "."
    )
    step = Step.MINOR if _is_wider(keyword, old, new) else Step.MAJOR
    return Change(step, at, f"“{keyword}” {said}")


def _is_wider(keyword: str, old: Any, new: Any) -> bool:
    """Whether all that was let through still is."""
    rule: Callable[[Any, Any], bool] | None = _RULES.get(keyword)
    if new is None:
        return keyword != "dimension"
    return bool(rule and old is not None and rule(old, new))


_RULES: dict[str, Callable[[Any, Any], bool]] = {
    **{
        keyword: (lambda old, new: new > old) if is_upper else (lambda old, new: new < old)
        for keyword, is_upper in _BOUNDS.items()
    },
    "multipleOf": lambda old, new: old % new == 0,
    "additionalProperties": lambda old, new: old is False,
}
