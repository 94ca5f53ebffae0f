"""`/models/{id}/runs/`: the datasets that a model was run over."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Count, Max, Sum
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.models import Dataset
from jobs_app.models import Job
from models_app.models import Model
from samplecase.contracts.states import JobKind, JobState
from samplecase.web.rest.views import ApiViewSet


class ModelRunsSerializer(serializers.Serializer[Any]):
    """What a model did on one dataset."""

    dataset = serializers.IntegerField()
    name = serializers.CharField(help_text="The dataset's.")
    jobs = serializers.IntegerField(help_text="All of them; tries write nothing and do not count.")
    samples = serializers.IntegerField(help_text="Done by these jobs together.")
    versions = serializers.ListField(child=serializers.CharField(), help_text="The newest first.")
    last_job = serializers.IntegerField(help_text="The newest.")
    last_state = serializers.ChoiceField(choices=[each.value for each in JobState])
    last_at = serializers.DateTimeField(help_text="When that was submitted.")


class ModelRunsViewSet(ApiViewSet):
    """Where a model was run."""

    serializer_class = ModelRunsSerializer
    page_order: ClassVar[tuple[str, ...]] = ("-last_job",)

    @extend_schema(operation_id="models_runs_list", responses=ModelRunsSerializer(many=True))
    def list(self, request: Request, pk: int) -> Response:
        """The datasets that a model was run over, of those that you may see; that with the newest job first."""
        model = Model.objects.require(pk=pk, user=request.user)
        jobs = Job.objects.filter(version__model=model, kind=JobKind.INFERENCE, dry_run=None)
        datasets = Dataset.objects.visible_to(request.user).filter(jobs__in=jobs)
        rows = datasets.annotate(
            count=Count("jobs"), samples_done=Sum("jobs__done"), last_job=Max("jobs__id")
        )
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(_shown(page, jobs))


def _shown(page: list[Any], jobs: Any) -> list[dict[str, Any]]:
    last = Job.objects.only("state", "created_at").in_bulk([each.last_job for each in page])
    used: dict[int, list[str]] = {}
    pairs = jobs.filter(dataset__in=page).order_by("-version").values_list("dataset", "version__version")
    for dataset, version in pairs.distinct():
        used.setdefault(dataset, []).append(version)
    return [
        {
            "dataset": each.pk,
            "name": each.name,
            "jobs": each.count,
            "samples": each.samples_done,
            "versions": used.get(each.pk, []),
            "last_job": each.last_job,
            "last_state": last[each.last_job].state,
            "last_at": last[each.last_job].created_at,
        }
        for each in page
        if each.last_job in last
    ]
