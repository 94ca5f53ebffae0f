"""Prometheus' text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Row:
    """One number of a family; `suffix` is what histograms add to its name."""

    labels: Mapping[str, str]
    value: float
    suffix: str = ""


@dataclass(frozen=True)
class Family:
    """Numbers of one name. No label may have values without bound."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    rows: Iterable[Row]


def written(families: Iterable[Family]) -> str:
    return "".join(line + "\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.meaning}"
    yield f"# TYPE {family.name} {family.kind}"
    for row in family.rows:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in row.labels.items())
        yield f"{family.name}{row.suffix}{f'{{{labels}}}' if labels else ''} {_number(row.value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
