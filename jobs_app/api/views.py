"""The endpoints of jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from django.db.models import Count, Min, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.models import Dataset
from jobs_app import steering, work
from jobs_app.api.serializers import (
    JobSerializer,
    LogSerializer,
    OrderSerializer,
    PreviewsSerializer,
    ReasonsSerializer,
    SampleErrorSerializer,
    SubmissionSerializer,
)
from jobs_app.idempotency import RequestKey
from jobs_app.models import Job, Preview, SampleError
from jobs_app.submit import submit
from samplecase.contracts.errors import Forbidden
from samplecase.contracts.states import DatasetRight, JobKind, JobState
from samplecase.web.accounts.models import User
from samplecase.web.rest.etag import polled
from samplecase.web.rest.parameters import choice_from, id_from
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiViewSet

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Per user, for 24 hours: the same key and body again changes nothing and gets the same answer.",
)
FILTERS = [
    OpenApiParameter("dataset", int, description="Jobs of this dataset."),
    OpenApiParameter("model", int, description="Jobs that run a version of this model."),
    OpenApiParameter("state", str, enum=[each.value for each in JobState]),
    OpenApiParameter("kind", str, enum=[each.value for each in JobKind]),
]
REASON = OpenApiParameter("reason", str, description="Only samples that failed for this reason.")

steered = extend_schema(request=None, responses={200: JobSerializer, **errors(409)})


class JobViewSet(ApiViewSet):
    """Jobs, as all see them who may view their dataset."""

    serializer_class = JobSerializer
    page_order = ("-id",)

    def get_queryset(self) -> QuerySet[Job]:
        jobs: QuerySet[Job] = Job.objects.visible_to(self.request.user).with_names()
        return jobs

    @extend_schema(parameters=FILTERS, responses=JobSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Jobs, newest first."""
        page = self.paginate_queryset(self.get_queryset().filter(**_conditions(request))) or []
        answer = self.get_paginated_response(
            JobSerializer(page, many=True, context=_context(request, page)).data
        )
        return polled(request, build=lambda: answer.data)

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=OrderSerializer,
        responses={201: SubmissionSerializer, **errors(404, 409)},
    )
    def create(self, request: Request) -> Response:
        """Run deployments over samples: one job per entry, all of them or none."""
        order = OrderSerializer.order(self.checked(OrderSerializer))
        header = request.headers.get("Idempotency-Key")
        user = cast(User, request.user)
        key = None if header is None else RequestKey.of(user=user, key=header, body=request.data)
        submission = submit(order=order, acting_user=user, key=key)
        jobs = Job.objects.filter(submission=submission).only("dataset", "state")
        return Response(SubmissionSerializer(submission, context=_context(request, jobs)).data, status=201)

    @extend_schema(responses={200: JobSerializer, 304: None})
    def retrieve(self, request: Request, pk: int) -> Response:
        """One job, with its progress."""
        job = self.get_queryset().require(pk=pk, user=request.user)  # type: ignore[attr-defined]
        return polled(request, build=lambda: JobSerializer(job, context=_context(request, [job])).data)

    @steered
    def pause(self, request: Request, pk: int) -> Response:
        """Let the job rest. Once this is answered, nothing of it is written until it is resumed."""
        return self._steered(request, pk, steering.pause)

    @steered
    def resume(self, request: Request, pk: int) -> Response:
        """Let a paused job go on, if rights and deployment still allow it."""
        return self._steered(request, pk, steering.resume)

    @steered
    def cancel(self, request: Request, pk: int) -> Response:
        """End the job. Once this is answered, nothing more of it is written."""
        return self._steered(request, pk, steering.cancel)

    @steered
    def retry(self, request: Request, pk: int) -> Response:
        """Run the same job again for its samples that failed or were cancelled."""
        return self._steered(request, pk, steering.retry)

    @steered
    def undo(self, request: Request, pk: int) -> Response:
        """Take the job's values back, in the background; what others have changed since stays."""
        return self._steered(request, pk, steering.undo)

    def _steered(self, request: Request, pk: int, verb: Callable[..., Job]) -> Response:
        job = Job.objects.require(pk=pk, user=request.user)
        verb(job=job, acting_user=cast(User, request.user))
        found = self.get_queryset().get(pk=pk)
        return Response(JobSerializer(found, context=_context(request, [found])).data)


class JobErrorViewSet(ApiViewSet):
    """The samples of a job that failed."""

    serializer_class = SampleErrorSerializer
    page_order = ("id",)

    @extend_schema(parameters=[REASON], responses=SampleErrorSerializer(many=True))
    def list(self, request: Request, pk: int) -> Response:
        """Why samples failed, in the order in which they did."""
        job = Job.objects.require(pk=pk, user=request.user)
        page = self.paginate_queryset(_errors(job, request.query_params.get("reason")))
        context = {"is_told": job.is_read_in_full_by(request.user)}
        return self.get_paginated_response(SampleErrorSerializer(page, many=True, context=context).data)


class JobReasonViewSet(ApiViewSet):
    """The reasons for which samples of a job failed."""

    serializer_class = ReasonsSerializer

    @extend_schema(responses={200: ReasonsSerializer, 304: None})
    def retrieve(self, request: Request, pk: int) -> Response:
        """How many samples failed for which reason, the most frequent first."""
        job = Job.objects.require(pk=pk, user=request.user)
        is_told = job.is_read_in_full_by(request.user)
        return polled(request, build=lambda: {"results": _reasons(job, is_told=is_told)})


class JobPreviewViewSet(ApiViewSet):
    """What the model of a dry run answered."""

    serializer_class = PreviewsSerializer

    @extend_schema(responses={200: PreviewsSerializer, 304: None})
    def retrieve(self, request: Request, pk: int) -> Response:
        """The outputs of a dry run, for the job's owner and superusers. Other jobs have none."""
        job = Job.objects.require(pk=pk, user=request.user)
        if not job.is_read_in_full_by(request.user):
            raise Forbidden("Only the job's owner and superusers may read the outputs of a dry run.")
        return polled(request, build=lambda: {"results": _previews(job)})


class JobLogViewSet(ApiViewSet):
    """What the model printed."""

    serializer_class = LogSerializer

    @extend_schema(responses={200: LogSerializer, 304: None})
    def retrieve(self, request: Request, pk: int) -> Response:
        """The model's output, for the job's owner and superusers."""
        job = Job.objects.require(pk=pk, user=request.user)
        if not job.is_read_in_full_by(request.user):
            raise Forbidden("Only the job's owner and superusers may read its log.")
        return polled(request, build=lambda: {"log": job.log})


def _context(request: Request, jobs: Iterable[Job]) -> dict[str, Any]:
    """What `JobSerializer` wants to know, with four queries for all of `jobs`."""
    jobs = list(jobs)
    datasets = {job.dataset_id for job in jobs}

    def granted(right: DatasetRight) -> set[int]:
        rows = Dataset.objects.visible_to(request.user, right).filter(pk__in=datasets)
        return set(rows.values_list("pk", flat=True))

    return {
        "user": request.user,
        "editable": granted(DatasetRight.EDIT),
        "labelled": granted(DatasetRight.LABEL),
        "holders": work.holders(jobs),
        "are_others_served": work.is_anyone_at_work(),
    }


def _errors(job: Job, reason: str | None) -> QuerySet[SampleError]:
    errors: QuerySet[SampleError] = SampleError.objects.filter(job=job)
    return errors if reason is None else errors.filter(reason=reason)


def _reasons(job: Job, *, is_told: bool) -> list[dict[str, Any]]:
    """Each reason with its number and the message of the first sample that has it."""
    rows = SampleError.objects.filter(job=job).order_by().values("reason")
    groups = list(rows.annotate(count=Count("pk"), first=Min("pk")))
    firsts = SampleError.objects.in_bulk([each["first"] for each in groups]) if is_told else {}
    messages = {pk: error.message for pk, error in firsts.items()}
    shown = [
        {"reason": each["reason"], "count": each["count"], "message": messages.get(each["first"], "")}
        for each in groups
    ]
    return sorted(shown, key=lambda each: (-each["count"], each["reason"]))


def _previews(job: Job) -> list[dict[str, Any]]:
    """The answers and the failures of a dry run, in the order of the samples."""
    if job.dry_run is None:
        return []
    shown = [
        {"sample": each.sample, "name": each.name, "outputs": each.outputs}
        for each in Preview.objects.filter(job=job)
    ]
    shown += [
        {
            "sample": each.sample,
            "name": each.name,
            "outputs": {},
            "error": {"reason": each.reason, "message": each.message},
        }
        for each in SampleError.objects.filter(job=job)
    ]
    return sorted(shown, key=lambda each: each["sample"])


def _conditions(request: Request) -> dict[str, Any]:
    """The list's filters. Raises `InvalidInput` at the parameter that is not valid."""
    params = request.query_params
    conditions = {
        "dataset": id_from(params, "dataset"),
        "state": choice_from(params, "state", list(JobState)),
        "kind": choice_from(params, "kind", list(JobKind)),
        "version__model": id_from(params, "model"),
    }
    return {name: value for name, value in conditions.items() if value is not None}
