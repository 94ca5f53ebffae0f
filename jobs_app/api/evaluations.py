"""The endpoints of evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db.models import OuterRef, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.evaluation_results import field_versions
from datasets_app.models import Dataset, Evaluation
from jobs_app.api.evaluation_serializers import (
    EvaluationDetailSerializer,
    EvaluationMadeSerializer,
    EvaluationSerializer,
    NewEvaluationSerializer,
)
from jobs_app.evaluating import delete, evaluate, refresh
from jobs_app.models import Job
from samplecase.contracts.errors import NotFound
from samplecase.contracts.states import DatasetRight
from samplecase.web.accounts.models import User
from samplecase.web.rest.etag import polled
from samplecase.web.rest.views import ApiViewSet

JOB_FACTS = ("state", "done", "total", "finished_at", "error_message")


class EvaluationViewSet(ApiViewSet):
    """Evaluations of a dataset, as all see them who may view it. To make one needs *label*."""

    serializer_class = EvaluationSerializer
    page_order = ("-id",)

    @extend_schema(responses=EvaluationSerializer(many=True))
    def list(self, request: Request, dataset: int) -> Response:
        """The dataset's evaluations, newest first."""
        found = Dataset.objects.require(pk=dataset, user=request.user)
        page = self.paginate_queryset(_shown(found).defer("tally", "curves"))
        return self.get_paginated_response(_json(page or []))

    @extend_schema(request=NewEvaluationSerializer, responses={202: EvaluationMadeSerializer})
    def create(self, request: Request, dataset: int) -> Response:
        """Compare a field of predictions with one of ground truth, as a job."""
        found = Dataset.objects.require(pk=dataset, user=request.user, right=DatasetRight.LABEL)
        job = evaluate(
            dataset=found, acting_user=cast(User, request.user), **self.checked(NewEvaluationSerializer)
        )
        return Response({"id": job.evaluation_id, "job": job.pk}, status=202)

    @extend_schema(responses={200: EvaluationDetailSerializer, 304: None})
    def retrieve(self, request: Request, dataset: int, pk: int) -> Response:
        """One evaluation, with its curves."""
        found = Dataset.objects.require(pk=dataset, user=request.user)
        return polled(request, build=lambda: _json([_one(found, pk)], EvaluationDetailSerializer)[0])

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, dataset: int, pk: int) -> Response:
        """Delete an evaluation and its results; for who made it while he may label, and with *edit*."""
        found = Dataset.objects.require(pk=dataset, user=request.user, right=DatasetRight.LABEL)
        delete(evaluation=_one(found, pk), acting_user=cast(User, request.user))
        return Response(status=204)

    @extend_schema(request=None, responses={202: EvaluationMadeSerializer})
    def refresh(self, request: Request, dataset: int, pk: int) -> Response:
        """Count it again, over the values as they are now; needs *label*."""
        found = Dataset.objects.require(pk=dataset, user=request.user, right=DatasetRight.LABEL)
        job = refresh(evaluation=_one(found, pk), acting_user=cast(User, request.user))
        return Response({"id": job.evaluation_id, "job": job.pk}, status=202)


def _shown(dataset: Dataset) -> Any:
    """With what the jobs say, in the same statement: none is finished before its results are there."""
    job = Job.objects.filter(pk=OuterRef("job"))
    facts = {f"job_{name}": Subquery(job.values(name)) for name in JOB_FACTS}
    found = Evaluation.objects.filter(dataset=dataset, job__isnull=False).annotate(**facts)
    return found.select_related("created_by", "dataset").defer("tally")


def _one(dataset: Dataset, pk: int) -> Evaluation:
    evaluation: Evaluation | None = _shown(dataset).filter(pk=pk).first()
    if evaluation is None:
        raise NotFound(f"The dataset has no evaluation {pk}.")
    return evaluation


def _json(evaluations: Sequence[Evaluation], kind: type[EvaluationSerializer] = EvaluationSerializer) -> Any:
    facts = {
        each.job: {name: getattr(each, f"job_{name}") for name in JOB_FACTS}
        for each in cast(Sequence[Any], evaluations)
    }
    fields = field_versions(evaluations[0].dataset_id) if evaluations else {}
    return kind(evaluations, many=True, context={"jobs": facts, "fields": fields}).data
