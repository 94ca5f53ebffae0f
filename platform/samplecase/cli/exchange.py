"""Commands that bring files to a dataset and take them from it: datasets import, datasets export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from samplecase.cli.completion import DatasetName
from samplecase.cli.output import AsJson, Exit, harmless, show
from samplecase.contracts.errors import InvalidInput

Follow = Annotated[bool, typer.Option("--follow", help="Wait for the end; the exit code tells.")]


def import_(
    name: DatasetName,
    path: Annotated[
        Path | None, typer.Argument(exists=True, help="A zip, a folder, or a JSON, XML or CSV file.")
    ] = None,
    on_server: Annotated[
        str | None,
        typer.Option(
            help="Instead of a file: ROOT/folder below a root of the server's settings; for staff.",
        ),
    ] = None,
    format: Annotated[str | None, typer.Option(help="Left out, it is detected.")] = None,
    field: Annotated[str | None, typer.Option(help="Where the main field of the file goes.")] = None,
    class_map: Annotated[
        list[str] | None,
        typer.Option(help="THEIRS=OURS, once for each label; THEIRS= leaves it out. Or a JSON file of them."),
    ] = None,
    on_existing: Annotated[str, typer.Option(help="skip or replace, where there is a value.")] = "skip",
    as_predictions: Annotated[
        bool, typer.Option(help="Into `predictions`, unless --field says another.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    follow: Follow = False,
    as_json: AsJson = False,
) -> None:
    """Import samples and labels of other tools, or of an archive; what is there already is left as it is."""
    from samplecase.cli import progress
    from samplecase.cli.credentials import connect
    from samplecase.cli.datasets import find_dataset
    from samplecase.cli.sending import bars

    if (path is None) == (on_server is None):
        raise InvalidInput("Name a file or folder of this machine, or --on-server ROOT/folder.")
    options: dict[str, Any] = {
        "on_server": on_server,
        **{"format": format, "field": field, "classes": read_class_map(class_map or [])},
        **{"on_existing": on_existing, "as_predictions": as_predictions},
    }
    with connect() as client:
        dataset = find_dataset(client, name)["id"]
        if dry_run:
            with bars(quiet=as_json) as watch:
                found = client.exchange.preview(dataset, path, watch=watch, **options)
            show(found, as_json=as_json, text=described(found))
            return
        with bars(quiet=as_json) as watch:
            pk = client.exchange.start_import(dataset, path, watch=watch, **options)
        job = client.jobs.get(pk)
        if not follow:
            show(job, as_json=as_json, text=f"Job {pk}: {progress.describe(job)}")
            return
        [job] = progress.follow(
            client, [job], names={pk: f"import {path.name if path else on_server}"}, quiet=as_json
        )
        facts = client.exchange.import_facts(dataset, pk)
        rows = [row for row in client.exchange.report(dataset, pk) if row["outcome"] == "skipped"]
    lines = [f"{facts['added']} added, {facts['matched']} matched, {facts['skipped']} skipped"]
    lines += [f"  {row['name']}: {row['reason']}" for row in rows[:50]]
    lines += [f"  … and {len(rows) - 50} more" if len(rows) > 50 else ""]
    text = "\n".join(filter(None, lines)) if job["state"] == "finished" else progress.describe(job)
    show({**facts, "skipped_rows": rows, "job": job}, as_json=as_json, text=text)
    raise typer.Exit(Exit.DONE if job["state"] == "finished" else Exit.NOT_FINISHED)


def export(
    name: DatasetName,
    output: Annotated[Path, typer.Option("-o", "--output", help="The zip to write.")],
    format: Annotated[
        str, typer.Option(help="coco, yolo, voc, cvat, csv, … or samplecase, which keeps all.")
    ],
    field: Annotated[list[str] | None, typer.Option(help="Only these fields, once for each.")] = None,
    filter: Annotated[str | None, typer.Option(help="Only the samples under this filter, as JSON.")] = None,
    media: Annotated[bool, typer.Option(help="With the images.")] = True,
    as_json: AsJson = False,
) -> None:
    """Export a dataset as a zip, and wait for it."""
    from samplecase.cli import progress
    from samplecase.cli.credentials import connect
    from samplecase.cli.datasets import find_dataset
    from samplecase.cli.jobs import read_filter

    chosen = read_filter(filter)
    with connect() as client:
        dataset = find_dataset(client, name)["id"]
        pk = client.exchange.start_export(dataset, format, filter=chosen, fields=field, media=media)
        [job] = progress.follow(client, [client.jobs.get(pk)], names={pk: f"export {format}"}, quiet=as_json)
        if job["state"] != "finished":
            show(job, as_json=as_json, text=progress.describe(job))
            raise typer.Exit(Exit.NOT_FINISHED)
        size = client.exchange.download(dataset, pk, output)
    text = f"{output}: {job['done']} samples, {size:,} bytes"
    show({"file": str(output), "bytes": size, "job": job}, as_json=as_json, text=text)
    if job["failed"]:
        raise typer.Exit(Exit.SAMPLES_FAILED)


def add_to(datasets: typer.Typer) -> None:
    datasets.command("import")(import_)
    datasets.command("export")(export)


def read_class_map(entries: list[str]) -> dict[str, str | None]:
    """`["dog=wolf", "cat="]`, or files with a JSON object of the same."""
    found: dict[str, str | None] = {}
    for entry in entries:
        theirs, equals, ours = entry.partition("=")
        if equals and theirs:
            found[theirs] = ours or None
        else:
            found |= _class_file(Path(entry))
    return found


def _class_file(path: Path) -> dict[str, str | None]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"--class-map {path} is neither THEIRS=OURS nor a JSON file: {error}") from None
    if not isinstance(read, dict):
        raise InvalidInput(f"--class-map {path} must hold an object of labels.")
    return read


def described(found: dict[str, Any]) -> str:
    """A preview for a person."""
    missing = found["missing"]["count"]
    lines = [
        f"{found['format']}: {found['samples']} samples, {found['matched']} matched, {found['new']} new"
        + (f", {missing} without an image" if missing else "")
    ]
    for field in found["fields"]:
        goes = f"→ {field['target']}" if field["target"] else "left out"
        lines.append(f"  {field['name']} ({field['type']}) {goes}: {field['values']} values")
        lines += [f"    {each['label']}: {each['count']}" for each in field["labels"][:20]]
    if found["unmatched"]:
        lines.append(f"  new classes: {', '.join(found['unmatched'][:20])}")
    return harmless("\n".join([*lines, *(f"  {warning}" for warning in found["warnings"])]))
