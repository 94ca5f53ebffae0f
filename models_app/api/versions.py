"""`/models/{id}/versions/` and `/models/check-schema/`: uploads, facts, stages, and a check without an upload."""

from __future__ import annotations

from contextlib import nullcontext
from typing import cast

from django.conf import settings
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.version_serializers import (
    CheckedSchemaSerializer,
    ComparisonSerializer,
    NewVersionSerializer,
    ProposalSerializer,
    SchemaPropertySerializer,
    SchemaToCheckSerializer,
    StageSerializer,
    VersionSerializer,
)
from models_app.comparing import compare
from models_app.deleting import delete_version
from models_app.models import Model, Version
from models_app.proposing import propose
from models_app.schemas import checked_schema
from models_app.stages import change_stage
from models_app.uploads import upload_version
from samplecase.contracts.errors import InvalidInput, NotFound, TooLarge
from samplecase.contracts.states import ModelRight, Stage
from samplecase.storage.port import BlobNotFound, package_key
from samplecase.web.accounts.models import User
from samplecase.web.rest.blobs import blob_store
from samplecase.web.rest.parsers import StrictJSONParser, WholeMultiPartParser
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiView
from samplecase.web.uploads.whole import used

SINCE = OpenApiParameter("since", OpenApiTypes.STR, required=True, description="The other version.")
FORM_ALLOWANCE = 2**20  # bytes of a form around its package


class VersionsView(ApiView):
    """Uploads of packed models."""

    parser_classes = (WholeMultiPartParser, StrictJSONParser)

    @extend_schema(
        request={"multipart/form-data": NewVersionSerializer, "application/json": NewVersionSerializer},
        responses={201: VersionSerializer, **errors(409, 423, 460)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Upload a packed model as a new version, which never changes; needs *edit*."""
        # Before the body is read: it may have gigabytes.
        model = Model.objects.require(pk=pk, user=request.user, right=ModelRight.EDIT)
        announced = request.META.get("CONTENT_LENGTH") or ""
        if announced.isdecimal() and int(announced) > settings.MAX_UPLOAD_BYTES + FORM_ALLOWANCE:
            raise TooLarge(f"A package has at most {settings.MAX_UPLOAD_BYTES:,} bytes.", pointer="/package")
        form = self.checked(NewVersionSerializer)
        user = cast(User, request.user)
        with used(acting_user=user, id=form["upload"]) if "upload" in form else nullcontext(None) as sent:
            version = upload_version(
                acting_user=user,
                model=model,
                package=sent or form["package"],
                schema=form.get("schema"),
                version=form.get("version", ""),
            )
        return Response(VersionSerializer(version).data, status=201)


class VersionView(ApiView):
    """One version."""

    @extend_schema(responses=VersionSerializer)
    def get(self, request: Request, pk: int, version: str) -> Response:
        """All facts of one version."""
        return Response(VersionSerializer(version_of(request, pk, version, ModelRight.VIEW)).data)

    @extend_schema(responses={204: None, **errors(409)})
    def delete(self, request: Request, pk: int, version: str) -> Response:
        """Delete it with its stopped deployments; needs *edit*. If values name it, a tombstone stays."""
        found = version_of(request, pk, version, ModelRight.EDIT)
        delete_version(acting_user=request.user, version=found)  # type: ignore[arg-type]
        return Response(status=204)


class StageView(ApiView):
    """The life of one version."""

    @extend_schema(request=StageSerializer, responses={200: VersionSerializer, **errors(409)})
    def post(self, request: Request, pk: int, version: str) -> Response:
        """Take it a step on, from development to production to archived and back to development; needs *edit*."""
        found = version_of(request, pk, version, ModelRight.EDIT)
        stage = Stage(self.checked(StageSerializer)["stage"])
        changed = change_stage(acting_user=request.user, version=found, stage=stage)  # type: ignore[arg-type]
        return Response(VersionSerializer(changed).data)


class ChangesView(ApiView):
    """One version beside another."""

    @extend_schema(parameters=[SINCE], responses=ComparisonSerializer)
    def get(self, request: Request, pk: int, version: str) -> Response:
        """What it changes since another version: of the schema and of the package's files."""
        after = version_of(request, pk, version, ModelRight.VIEW)
        since = request.query_params.get("since", "")
        before = after.model.versions.filter(version=since).first()
        if before is None:
            message = f"“{after.model}” has no version {since[:60]}." if since else "Name a version."
            raise InvalidInput(message, pointer="/since")
        return Response(ComparisonSerializer(compare(before, after)).data)


class PackageView(ApiView):
    """The zip of one version."""

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int, version: str) -> FileResponse:
        """The packed model as it was uploaded; needs *edit*."""
        found = version_of(request, pk, version, ModelRight.EDIT)
        try:
            package = blob_store().open(package_key(found.sha256))
        except BlobNotFound:
            raise NotFound(f"The package of {found} is no longer in the blob store.") from None
        return FileResponse(
            package,
            as_attachment=True,
            filename=f"{found.model.slug}-{found.version}.zip",
            content_type="application/zip",
            headers={
                "Content-Length": str(found.size),
                "ETag": f'"{found.sha256}"',
                "Cache-Control": "private",
            },
        )


class CheckSchemaView(ApiView):
    """A check of a schema without an upload."""

    @extend_schema(request=SchemaToCheckSerializer, responses={200: CheckedSchemaSerializer, **errors(404)})
    def post(self, request: Request) -> Response:
        """Check a schema without storing it: its inputs and outputs in short, or every fault with its pointer.

        With a `model`, also the number that its next version would get, and what the schema changes.
        """
        sent = self.checked(SchemaToCheckSerializer)
        schema = checked_schema(sent["schema"], at="/schema")
        named = sent.get("model")
        proposal = None if named is None else propose(visible_model(request, named), schema)
        return Response(
            {
                "schema": schema.document,
                "inputs": SchemaPropertySerializer(schema.inputs.values(), many=True).data,
                "outputs": SchemaPropertySerializer(schema.outputs.values(), many=True).data,
                "proposal": None if proposal is None else ProposalSerializer(proposal).data,
            }
        )


def visible_model(request: Request, pk: int) -> Model:
    """The model that a body names. Raises `NotFound` at `/model`."""
    try:
        found: Model = Model.objects.require(pk=pk, user=request.user)
    except NotFound as error:
        raise NotFound(error.message, pointer="/model") from None
    return found


def version_of(request: Request, pk: int, number: str, right: ModelRight) -> Version:
    """The version of a model on which the caller has `right`. Raises `NotFound` and `Forbidden`."""
    model = Model.objects.require(pk=pk, user=request.user, right=right)
    found: Version | None = (
        model.versions.select_related("uploaded_by", "model").filter(version=number).first()
    )
    if found is None:
        was = "no longer has the" if model.tombstones.filter(version=number).exists() else "has no"
        raise NotFound(f"“{model}” {was} version {number[:60]}.")
    return found
