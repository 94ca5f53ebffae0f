"""`evaluation_results/`: figures, confusion matrices and a line per prediction."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from samplecase.training.engine.logs import number
from samplecase.training.runs.files import write_text, write_whole
from samplecase.training.tasks import EvaluationResult, FieldResult


def write_results(folder: Path, result: EvaluationResult) -> None:
    """Write every file of an evaluation; names of fields are in them where there is more than one."""
    folder.mkdir(exist_ok=True)
    write_text(folder / "summary_metrics.csv", summary_text(result))
    rows = [{"field": each.name, **row} for each in result.fields for row in each.per_class]
    write_text(
        folder / "per_class_metrics.csv",
        _table(rows, ["field", "label", "precision", "recall", "f1", "ap", "support"]),
    )
    write_text(folder / "predictions.csv", _table(*_predictions(result.predictions)))
    for each in result.fields:
        if each.confusion:
            suffix = f"_{each.name}" if len(result.fields) > 1 else ""
            write_text(folder / f"confusion_matrix{suffix}.csv", _matrix(each))
            image = confusion_png(each)
            write_whole(folder / f"confusion_matrix{suffix}.png", partial(_put, image))


def _put(data: bytes, file: BinaryIO) -> None:
    file.write(data)


def summary_text(result: EvaluationResult) -> str:
    return "metric,value\n" + "".join(f"{name},{number(value)}\n" for name, value in result.summary().items())


def confusion_png(result: FieldResult) -> bytes:
    """The matrix as a picture, each row's shares as its colours."""
    from matplotlib.figure import Figure

    size = max(4.0, min(12.0, 0.5 * len(result.classes) + 2))
    figure = Figure(figsize=(size, size), dpi=120, layout="constrained")
    axes = figure.subplots()
    shares = [[each / max(1, sum(row)) for each in row] for row in result.confusion]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(len(result.classes))
    axes.set_xticks(places, result.classes, rotation=90)
    axes.set_yticks(places, result.classes)
    axes.set_xlabel("predicted")
    axes.set_ylabel("actual")
    if len(result.classes) <= 20:
        for row in places:
            for column in places:
                colour = "white" if shares[row][column] > 0.5 else "black"
                axes.text(
                    column, row, str(result.confusion[row][column]), ha="center", va="center", color=colour
                )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _matrix(result: FieldResult) -> str:
    rows = [
        {"actual": label, **dict(zip(result.classes, row, strict=True))}
        for label, row in zip(result.classes, result.confusion, strict=True)
    ]
    return _table(rows, ["actual", *result.classes])


def _predictions(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Probabilities get a column each: `p_{class}`, or `p_{field}_{class}` where there are several fields."""
    several = len({row["field"] for row in rows}) > 1
    flat, columns = (
        [],
        ["sample_id", "split", "field", "label", "prediction", "confidence", "loss", "bounding_box"],
    )
    seen = dict.fromkeys(columns)
    for row in rows:
        prefix = f"p_{row['field']}_" if several else "p_"
        scores = {f"{prefix}{name}": value for name, value in row.get("scores", {}).items()}
        line = {**{name: value for name, value in row.items() if name != "scores"}, **scores}
        if "bounding_box" in line:
            line["bounding_box"] = json.dumps(line["bounding_box"])
        seen.update(dict.fromkeys(line))
        flat.append(line)
    used = {name for line in flat for name in line}
    return flat, [name for name in seen if name in used or name in columns[:6]]


def _table(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return buffer.getvalue()


def _cell(value: Any) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, float):
        return number(value)
    text = str(value)
    return (
        f"'{text}"
        if text[:1] in ("=", "+", "@", "\t", "\r") or (text[:1] == "-" and not _is_number(text))
        else text
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
