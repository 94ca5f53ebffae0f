"""The endpoints of imports and exports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.models import Dataset
from jobs_app.api.exchange_serializers import (
    ExportSerializer,
    ImportMadeSerializer,
    ImportPreviewSerializer,
    ImportSerializer,
    NewExportSerializer,
    NewImportSerializer,
    ReportSerializer,
)
from jobs_app.exchange import exporting, importing, incoming
from jobs_app.exchange.models import Export, Import, ImportFile, ImportRows
from samplecase.contracts.errors import Conflict, NotFound, TooLarge
from samplecase.contracts.states import DatasetRight, JobState
from samplecase.exchange.formats.csv_table import harmless
from samplecase.web.accounts.models import User
from samplecase.web.rest.etag import polled
from samplecase.web.rest.parameters import choice_from
from samplecase.web.rest.parsers import StrictJSONParser, WholeMultiPartParser
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiView
from samplecase.web.uploads.whole import used

FORM_ALLOWANCE = 2**20  # bytes of a form around its file
COLUMNS = ("name", "sample", "outcome", "reason", "message")
AS = OpenApiParameter("as", str, enum=["csv", "json"], description="Left out: csv.")


class ImportsView(ApiView):
    """Imports into a dataset."""

    parser_classes = (WholeMultiPartParser, StrictJSONParser)

    @extend_schema(
        request={"multipart/form-data": NewImportSerializer, "application/json": NewImportSerializer},
        responses={
            200: OpenApiResponse(ImportPreviewSerializer, "With `dry_run`: what it would do."),
            202: ImportMadeSerializer,
            **errors(409, 423, 460),
        },
    )
    def post(self, request: Request, dataset: int) -> Response:
        """Import samples and values as a job; needs *label*, and *edit* for samples that are new."""
        # Before the body is read: it may have gigabytes.
        found = Dataset.objects.require(pk=dataset, user=request.user, right=DatasetRight.LABEL)
        announced = request.META.get("CONTENT_LENGTH") or ""
        if announced.isdecimal() and int(announced) > settings.MAX_UPLOAD_BYTES + FORM_ALLOWANCE:
            raise TooLarge(f"A file has at most {settings.MAX_UPLOAD_BYTES:,} bytes.", pointer="/file")
        options = self.checked(NewImportSerializer)
        user = cast(User, request.user)
        file = _file(options, found, user)
        if options.pop("dry_run"):
            return Response(
                {"upload": file.pk, **importing.preview(dataset=found, file=file, options=options)}
            )
        job = importing.start_import(acting_user=user, dataset=found, file=file, options=options)
        return Response({"id": job.pk, "job": job.pk}, status=202)


def _file(options: dict[str, Any], dataset: Dataset, user: User) -> ImportFile:
    if "file" in options:
        return incoming.take_in(acting_user=user, dataset=dataset, file=options["file"])
    if isinstance(options.get("upload"), UUID):
        source = {"acting_user": user, "dataset": dataset, "upload": options["upload"]}
        with used(acting_user=user, id=options["upload"]) as sent:
            if (earlier := incoming.copy_of(**source)) is not None:
                return earlier
            with sent.as_file() as file:
                return incoming.take_in(**source, file=file)
    if "path" in options:
        return incoming.refer_to(acting_user=user, dataset=dataset, path=options["path"])
    return incoming.waiting_file(acting_user=user, dataset=dataset, pk=options["upload"])


class ImportView(ApiView):
    """One import."""

    @extend_schema(responses={200: ImportSerializer, 304: None})
    def get(self, request: Request, dataset: int, pk: int) -> Response:
        """How far it is, and what it was told."""
        work = _import(request, dataset, pk)
        return polled(request, build=lambda: ImportSerializer(work).data)


class ImportReportView(ApiView):
    """What became of each sample of an import."""

    @extend_schema(parameters=[AS], responses={200: ReportSerializer, (200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, dataset: int, pk: int) -> Any:
        """The report so far, to be kept: added, matched or skipped, and why."""
        work = _import(request, dataset, pk)
        if choice_from(request.query_params, "as", ["csv", "json"]) == "json":
            rows = [dict(zip(COLUMNS, row, strict=True)) for row in _rows(work)]
            return Response({"results": rows})
        answer = StreamingHttpResponse(_lines(work), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = content_disposition_header(True, f"import-{pk}.csv") or "attachment"
        return answer


def _rows(work: Import) -> Iterator[list[Any]]:
    for group in ImportRows.objects.filter(work=work).order_by("index").iterator(20):
        yield from group.rows


def _lines(work: Import) -> Iterator[str]:
    for row in (COLUMNS, *_rows(work)):
        line = io.StringIO()
        cells = [harmless(cell) if isinstance(cell, str) else cell for cell in row]
        csv.writer(line, lineterminator="\n").writerow(cells)
        yield line.getvalue()


class ExportsView(ApiView):
    """Exports of a dataset."""

    @extend_schema(request=NewExportSerializer, responses={202: ImportMadeSerializer, **errors(409)})
    def post(self, request: Request, dataset: int) -> Response:
        """Export samples, their values and images as a zip, as a job; needs *view*."""
        found = Dataset.objects.require(pk=dataset, user=request.user)
        order = self.checked(NewExportSerializer)
        job = exporting.start_export(acting_user=cast(User, request.user), dataset=found, order=order)
        return Response({"id": job.pk, "job": job.pk}, status=202)


class ExportView(ApiView):
    """One export."""

    @extend_schema(responses={200: ExportSerializer, 304: None})
    def get(self, request: Request, dataset: int, pk: int) -> Response:
        """How far it is."""
        work = _export(request, dataset, pk)
        work.size = exporting.size_of(work)  # type: ignore[attr-defined]
        return polled(request, build=lambda: ExportSerializer(work).data)


class ExportFileView(ApiView):
    """The zip of an export."""

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, **errors(409)})
    def get(self, request: Request, dataset: int, pk: int) -> StreamingHttpResponse:
        """The zip, for a week after it was made."""
        work = _export(request, dataset, pk)
        if work.job.state != JobState.FINISHED:
            raise Conflict(f"The export is {work.job.state}; its file is there once it is finished.")
        size = exporting.size_of(work)
        if not size:
            raise NotFound("The export's file was removed; export again.", code="file_gone")
        answer = StreamingHttpResponse(exporting.blocks(work), content_type="application/zip")
        answer["Content-Length"] = str(size)
        name = f"{work.job.dataset.name}-{work.format}.zip"
        answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        return answer


def _import(request: Request, dataset: int, pk: int) -> Import:
    found = Dataset.objects.require(pk=dataset, user=request.user)
    work = Import.objects.select_related("job").filter(job__dataset=found, pk=pk).first()
    if work is None:
        raise NotFound(f"The dataset has no import {pk}.")
    return work


def _export(request: Request, dataset: int, pk: int) -> Export:
    found = Dataset.objects.require(pk=dataset, user=request.user)
    work = Export.objects.select_related("job__dataset").filter(job__dataset=found, pk=pk).first()
    if work is None:
        raise NotFound(f"The dataset has no export {pk}.")
    return work
