"""`/models/{id}/versions/` and `/models/check-schema/`: uploads, facts, downloads, and a check without an upload."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from models_app.api.serializers import (
    CheckedSchemaSerializer,
    NewVersionSerializer,
    SchemaPropertySerializer,
    SchemaToCheckSerializer,
    VersionSerializer,
)
from models_app.models import Model, Version
from models_app.schemas import checked_schema
from models_app.uploads import upload_version
from samplecase.contracts.errors import NotFound, TooLarge
from samplecase.contracts.states import ModelRight
from samplecase.storage.port import BlobNotFound, package_key
from samplecase.web.rest.blobs import blob_store
from samplecase.web.rest.parsers import WholeMultiPartParser
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiView

FORM_ALLOWANCE = 2**20  # bytes of a form around its package


class VersionsView(ApiView):
    """Uploads of packed models."""

    parser_classes = (WholeMultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": NewVersionSerializer},
        responses={201: VersionSerializer, **errors(409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Upload a packed model as a new version, which never changes; needs *edit*."""
        # Before the body is read: it may have gigabytes.
        model = Model.objects.require(pk=pk, user=request.user, right=ModelRight.EDIT)
        announced = request.META.get("CONTENT_LENGTH") or ""
        if announced.isdecimal() and int(announced) > settings.MAX_UPLOAD_BYTES + FORM_ALLOWANCE:
            raise TooLarge(f"A package has at most {settings.MAX_UPLOAD_BYTES:,} bytes.", pointer="/package")
        form = self.checked(NewVersionSerializer)
        version = upload_version(
            acting_user=request.user,  # type: ignore[arg-type]
            model=model,
            package=form["package"],
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

    @extend_schema(request=SchemaToCheckSerializer, responses=CheckedSchemaSerializer)
    def post(self, request: Request) -> Response:
        """Check a schema without storing it: its inputs and outputs in short, or every fault with its pointer."""
        schema = checked_schema(self.checked(SchemaToCheckSerializer)["schema"], at="/schema")
        return Response(
            {
                "schema": schema.document,
                "inputs": SchemaPropertySerializer(schema.inputs.values(), many=True).data,
                "outputs": SchemaPropertySerializer(schema.outputs.values(), many=True).data,
            }
        )


def version_of(request: Request, pk: int, number: str, right: ModelRight) -> Version:
    """The version of a model on which the caller has `right`. Raises `NotFound` and `Forbidden`."""
    model = Model.objects.require(pk=pk, user=request.user, right=right)
    found: Version | None = (
        model.versions.select_related("uploaded_by", "model").filter(version=number).first()
    )
    if found is None:
        raise NotFound(f"“{model}” has no version {number[:60]}.")
    return found
