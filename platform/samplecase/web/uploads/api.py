"""`/uploads/`: tus 1.0 with creation, checksum, expiration and termination (https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from samplecase.contracts.errors import NotFound, UnknownProtocol
from samplecase.web.accounts.models import User
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiViewSet
from samplecase.web.uploads import headers
from samplecase.web.uploads.beginning import begin
from samplecase.web.uploads.models import Upload
from samplecase.web.uploads.receiving import receive
from samplecase.web.uploads.removing import remove
from samplecase.web.uploads.serializers import ResumableUploadSerializer
from samplecase.web.uploads.whole import verify

VERSION = OpenApiParameter(
    "Tus-Resumable", OpenApiTypes.STR, "header", required=True, description="1.0.0, else 412."
)
CREATION = [
    VERSION,
    OpenApiParameter(
        "Upload-Length", OpenApiTypes.INT64, "header", required=True, description="Bytes of the whole file."
    ),
    OpenApiParameter(
        "Upload-Metadata",
        OpenApiTypes.STR,
        "header",
        description="`filename` and `sha256` (in hexadecimal), each value in base64. With a digest, an upload of the "
        "same file that broke off is gone on with, and bytes that one may read anyway need not be sent.",
    ),
]
ADDITION = [
    VERSION,
    OpenApiParameter(
        "Upload-Offset",
        OpenApiTypes.INT64,
        "header",
        required=True,
        description="Where the upload goes on, else 409.",
    ),
    OpenApiParameter(
        "Upload-Checksum",
        OpenApiTypes.STR,
        "header",
        description="`sha256` or `sha1` and the digest of this body in base64.",
    ),
]
ANSWERED = [
    OpenApiParameter(
        "Upload-Offset", OpenApiTypes.INT64, "header", response=[201, 204], description="Where it goes on."
    ),
    OpenApiParameter(
        "Upload-Expires", OpenApiTypes.STR, "header", response=[201, 204], description="When it is given up."
    ),
]
OVERRIDDEN = {"HEAD", "PATCH", "DELETE"}


class UploadViewSet(ApiViewSet):
    """Resumable uploads. Each belongs to the user who began it; nobody else sees it."""

    http_method_names = (*ApiViewSet.http_method_names, "options")  # type: ignore[assignment]
    serializer_class = ResumableUploadSerializer
    queryset = Upload.objects.none()
    page_order: ClassVar[tuple[str, ...]] = ("-created_at", "id")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Proxies that know POST alone: `X-HTTP-Method-Override` says what is meant by it, and is judged as that."""
        meant = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and meant in OVERRIDDEN:
            request.method = meant
        return super().dispatch(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Every answer says the version; what an upload is like is out of date at once."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Tus-Resumable"] = headers.VERSION
        response.headers["Cache-Control"] = "no-store"
        if response.status_code == 412:
            response.headers["Tus-Version"] = headers.VERSION
        return response

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What is spoken here."""
        facts = {
            "Tus-Version": headers.VERSION,
            "Tus-Extension": headers.EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(headers.ALGORITHMS),
            "Tus-Max-Size": str(settings.MAX_UPLOAD_BYTES),
        }
        return Response(status=204, headers=facts)

    @extend_schema(responses=ResumableUploadSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Your uploads that were not used yet, under way or whole; the newest first."""
        page = self.paginate_queryset(Upload.objects.of(_user(request)).filter(used_at=None))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        parameters=[*CREATION, *ANSWERED],
        request=None,
        responses={201: ResumableUploadSerializer, **errors(412, 413, 423)},
    )
    def create(self, request: Request) -> Response:
        """Begin an upload; `Location` is where its bytes go, and `Upload-Offset` where to begin."""
        _agree_on_version(request)
        length = headers.whole_number(request.headers, "Upload-Length")
        metadata = headers.read_metadata(request.headers.get("Upload-Metadata", ""))
        upload = begin(acting_user=_user(request), length=length, metadata=metadata)
        if upload.offset == upload.length:
            upload = verify(upload)
        answer = {
            "Location": reverse("upload", args=[upload.public_id]),
            "Upload-Offset": str(upload.offset),
            "Upload-Expires": headers.expires(upload.expires_at),
        }
        return Response(ResumableUploadSerializer(upload).data, status=201, headers=answer)

    @extend_schema(responses=ResumableUploadSerializer)
    def retrieve(self, request: Request, id: Any) -> Response:
        """One upload. HEAD answers as tus says: `Upload-Offset`, `Upload-Length` and `Upload-Metadata`."""
        return Response(ResumableUploadSerializer(_own(request, id)).data)

    def offset(self, request: Request, id: Any) -> Response:
        """HEAD: where to go on."""
        upload = _own(request, id)
        _agree_on_version(request)
        answer = {
            "Upload-Offset": str(upload.offset),
            "Upload-Length": str(upload.length),
            "Upload-Expires": headers.expires(upload.expires_at),
        }
        if upload.metadata:
            answer["Upload-Metadata"] = upload.metadata
        return Response(status=200, headers=answer)

    @extend_schema(
        parameters=[*ADDITION, *ANSWERED],
        request={headers.OFFSET_TYPE: OpenApiTypes.BINARY},
        responses={204: None, **errors(409, 412, 423, 460)},
    )
    def partial_update(self, request: Request, id: Any) -> Response:
        """Add bytes. What came before the connection broke off is kept, unless a checksum was to be checked.

        With its last byte the whole is verified; where it has another digest than was said, nothing of it is kept.
        """
        upload = _own(request, id)
        _agree_on_version(request)
        if request.content_type.partition(";")[0].strip() != headers.OFFSET_TYPE:
            raise UnsupportedMediaType(request.content_type, f"The body is {headers.OFFSET_TYPE}.")
        upload = receive(
            upload=upload,
            body=request._request,
            offset=headers.whole_number(request.headers, "Upload-Offset"),
            size=headers.whole_number(request.headers, "Content-Length"),
            checksum=headers.read_checksum(request.headers.get("Upload-Checksum")),
        )
        if upload.offset == upload.length:
            upload = verify(upload)
        answer = {
            "Upload-Offset": str(upload.offset),
            "Upload-Expires": headers.expires(upload.expires_at),
        }
        return Response(status=204, headers=answer)

    @extend_schema(parameters=[VERSION], responses={204: None, **errors(412)})
    def destroy(self, request: Request, id: Any) -> Response:
        """Remove it, with all that came of it."""
        upload = _own(request, id)
        _agree_on_version(request)
        remove(upload)
        return Response(status=204)


def _user(request: Request) -> User:
    return cast(User, request.user)


def _own(request: Request, id: Any) -> Upload:
    found = Upload.objects.of(_user(request)).filter(public_id=id).first()
    if found is None:
        raise NotFound(f"You have no upload {id}.")
    return found


def _agree_on_version(request: Request) -> None:
    if request.headers.get("Tus-Resumable") != headers.VERSION:
        raise UnknownProtocol(f"Send Tus-Resumable: {headers.VERSION}.")
