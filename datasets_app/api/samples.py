"""`/datasets/{id}/samples/`: pages of samples, uploads, single samples, and their pixels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.conf import settings
from django.core.files.base import File
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.api.blobs import HEADERS, KEPT, blob_answer
from datasets_app.api.datasets import FILTER
from datasets_app.api.fields import find_field
from datasets_app.api.serializers import (
    RunsSerializer,
    SampleChangesSerializer,
    SampleDetailSerializer,
    SamplePageSerializer,
    SentSamplesSerializer,
    UploadReportSerializer,
    UploadSerializer,
)
from datasets_app.api.shown import chosen_fields, shown_samples
from datasets_app.evaluation_results import results_on
from datasets_app.images import THUMBNAIL_MIME, THUMBNAIL_SIZES, UnfitImage, thumbnail
from datasets_app.masks import find_mask
from datasets_app.models import Dataset, Sample
from datasets_app.pages import sample_page
from datasets_app.painting import runs_of
from datasets_app.samples import delete_sample, find_sample, update_sample
from datasets_app.uploads import upload_samples
from samplecase.contracts.errors import InvalidInput, NotFound
from samplecase.contracts.labels import FieldType
from samplecase.contracts.states import DatasetRight
from samplecase.storage.port import BlobNotFound, mask_key, media_key, thumbnail_key
from samplecase.web.accounts.models import User
from samplecase.web.rest.blobs import blob_store
from samplecase.web.rest.pagination import MAX_LIMIT
from samplecase.web.rest.parameters import choice_from
from samplecase.web.rest.parsers import StrictJSONParser, WholeMultiPartParser
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiView
from samplecase.web.uploads.whole import used

DEFAULT_THUMBNAIL = 256
PAGE_PARAMETERS = [
    OpenApiParameter("limit", OpenApiTypes.INT, description=f"Samples on a page, up to {MAX_LIMIT}."),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="`next` of the page before."),
    FILTER,
    OpenApiParameter(
        "sort", OpenApiTypes.STR, description="A column, such as `name` or `-field.confidence`."
    ),
    OpenApiParameter("fields", OpenApiTypes.STR, description="Only these fields' values, divided by commas."),
]
SIZE = OpenApiParameter(
    "size", OpenApiTypes.INT, enum=THUMBNAIL_SIZES, description="Pixels of the longer side."
)
LABELS = OpenApiParameter(
    "labels", OpenApiTypes.STR, enum=["folder"], description="Make `ground_truth` of folders."
)
EDITION = OpenApiParameter(
    "v", OpenApiTypes.STR, description="Of which mask; it is part of the value's `url`."
)
AS = OpenApiParameter("as", OpenApiTypes.STR, enum=["runs"], description="Runs of classes instead of a PNG.")
IMAGE = {(200, "image/*"): OpenApiTypes.BINARY}


class SamplesView(ApiView):
    """The samples of a dataset."""

    parser_classes = (WholeMultiPartParser, StrictJSONParser)

    @extend_schema(
        operation_id="datasets_samples_list", parameters=PAGE_PARAMETERS, responses=SamplePageSerializer
    )
    def get(self, request: Request, pk: int) -> Response:
        """A page of samples with their values."""
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        fields = chosen_fields(dataset, request.query_params.get("fields"))
        page = sample_page(dataset=dataset, params=request.query_params)
        return Response(
            {
                "results": shown_samples(page.samples, fields),
                "next": page.next,
                "count": None if page.is_filtered else dataset.sample_count,
            }
        )

    @extend_schema(
        parameters=[LABELS],
        request={"multipart/form-data": UploadSerializer, "application/json": SentSamplesSerializer},
        responses={200: UploadReportSerializer, **errors(409, 423, 460)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Add images, or zips of images; needs *edit*.

        Never all or nothing: what cannot be added is listed with its reason. 400 only when none of it is an image.
        """
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.EDIT)
        labels = request.query_params.get("labels")
        if labels not in {None, "", "folder"}:
            raise InvalidInput("labels is “folder”, or not given.", pointer="/labels")
        user = cast(User, request.user)
        with self._files(request, user) as files:
            report = upload_samples(
                acting_user=user, dataset=dataset, files=files, folders_are_labels=labels == "folder"
            )
        return Response({"added": report.added, "skipped": [vars(each) for each in report.skipped]})

    @contextmanager
    def _files(self, request: Request, user: User) -> Iterator[list[File[bytes]]]:
        if request.content_type.partition(";")[0] == StrictJSONParser.media_type:
            id = self.checked(SentSamplesSerializer)["upload"]
            with used(acting_user=user, id=id) as sent, sent.as_file() as file:
                yield [file]
            return
        files = request.FILES.getlist("files")
        if not files:
            raise InvalidInput("Send one or more images, or zips of them, as “files”.", pointer="/files")
        yield files


class SampleView(ApiView):
    """One sample."""

    @extend_schema(responses=SampleDetailSerializer)
    def get(self, request: Request, pk: int, sid: int) -> Response:
        """One sample with all its values."""
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        return _shown(dataset, find_sample(dataset=dataset, pk=sid))

    @extend_schema(request=SampleChangesSerializer, responses=SampleDetailSerializer)
    def patch(self, request: Request, pk: int, sid: int) -> Response:
        """Change the tags (needs *label*) or the name (needs *edit*)."""
        renames = isinstance(request.data, dict) and "name" in request.data
        right = DatasetRight.EDIT if renames else DatasetRight.LABEL
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=right)
        sample = find_sample(dataset=dataset, pk=sid)
        changes = self.checked(SampleChangesSerializer, partial=True)
        changed = update_sample(acting_user=request.user, sample=sample, changes=changes)  # type: ignore[arg-type]
        return _shown(dataset, changed)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, sid: int) -> Response:
        """Delete a sample with its values; needs *edit*."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.EDIT)
        sample = find_sample(dataset=dataset, pk=sid)
        delete_sample(acting_user=request.user, sample=sample)  # type: ignore[arg-type]
        return Response(status=204)


class MediaView(ApiView):
    """The bytes of a sample's image, as they were uploaded."""

    @extend_schema(responses=IMAGE)
    def get(self, request: Request, pk: int, sid: int) -> HttpResponseBase:
        """The original image; ranges are served."""
        sample = _visible(request, pk, sid)
        key, digest = media_key(sample.media_sha256), sample.media_sha256
        return blob_answer(request, key=key, tag=digest, mime=sample.mime, name=sample.name)


class ThumbnailView(ApiView):
    """A small copy of a sample's image, upright, as WebP."""

    @extend_schema(parameters=[SIZE], responses=IMAGE)
    def get(self, request: Request, pk: int, sid: int) -> HttpResponseBase:
        """Made when it is first asked for, and kept."""
        sample = _visible(request, pk, sid)
        asked = request.query_params.get("size", str(DEFAULT_THUMBNAIL))
        if asked not in map(str, THUMBNAIL_SIZES):
            raise InvalidInput(f"size is one of {', '.join(map(str, THUMBNAIL_SIZES))}.", pointer="/size")
        digest = sample.media_sha256
        key = thumbnail_key(digest, int(asked))
        if not blob_store().exists(key):
            _make_thumbnail(digest, int(asked), key)
        tag, name = f"{digest}-{asked}", f"{sample.name}.webp"
        return blob_answer(request, key=key, tag=tag, mime=THUMBNAIL_MIME, name=name)


class MaskView(ApiView):
    """The pixels of a segmentation or heat map."""

    @extend_schema(
        parameters=[EDITION, AS],
        responses={(200, "image/*"): OpenApiTypes.BINARY, (200, "application/json"): RunsSerializer},
    )
    def get(self, request: Request, pk: int, sid: int, name: str) -> HttpResponseBase:
        """The PNG that is part of a sample's value, or its runs of classes, as `values/` takes them.

        Under `v` the mask that this address was made for, also if another one has replaced it.
        """
        sample = _visible(request, pk, sid)
        field = find_field(sample.dataset, name)
        form = choice_from(request.query_params, "as", ["runs"])
        edition = request.query_params.get("v")
        mask = find_mask(field=field, sample=sample, edition=edition)
        if mask is None:
            raise NotFound(f"The sample has no such mask in “{name}”.")
        if form is None:
            digest = mask["mask"]
            return blob_answer(
                request, key=mask_key(digest), tag=digest, mime="image/png", name=f"{name}.png"
            )
        if field.type != FieldType.SEGMENTATION:
            raise InvalidInput("Only segmentations have runs of classes.", pointer="/as")
        kept = {} if edition is None else {"Cache-Control": KEPT, "Vary": HEADERS["Vary"]}
        return Response(runs_of(mask), headers=kept)


def _visible(request: Request, pk: int, sid: int) -> Sample:
    dataset = Dataset.objects.require(pk=pk, user=request.user)
    return find_sample(dataset=dataset, pk=sid)


def _shown(dataset: Dataset, sample: Sample) -> Response:
    shown = shown_samples([sample], chosen_fields(dataset, None))[0]
    return Response({**shown, "evaluations": results_on(sample)})


def _make_thumbnail(digest: str, size: int, key: str) -> None:
    store = blob_store()
    try:
        with store.open(media_key(digest)) as stream:
            content = io.BytesIO(stream.read())
        made = thumbnail(content, size=size, max_pixels=settings.MAX_IMAGE_PIXELS)
    except BlobNotFound:
        raise NotFound("The blob store has lost this image.", code="media_gone") from None
    except UnfitImage as error:
        raise NotFound(f"There is no thumbnail: {error.message}", code="no_thumbnail") from None
    store.put(key, io.BytesIO(made))
