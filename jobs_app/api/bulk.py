"""`/datasets/{id}/bulk/`: one action over many samples, and its undo."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.api.serializers import LONGEST_LABEL, TagsField, printable
from datasets_app.bulk_actions import Action, checked_order, chosen_samples
from datasets_app.bulk_undoing import undo_action
from datasets_app.models import Dataset
from jobs_app import bulk
from jobs_app.models import Job
from samplecase.contracts.states import DatasetRight
from samplecase.web.accounts.models import User
from samplecase.web.rest.schema import errors
from samplecase.web.rest.serializers import FilterField, StrictSerializer
from samplecase.web.rest.views import ApiView


class SampleIdsField(serializers.ListField):
    """Ids of samples. Checked in one go: there may be a hundred thousand."""

    child = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    def run_child_validation(self, data: Any) -> Any:
        if all(type(each) is int and 0 < each < 2**63 for each in data):
            return data
        return super().run_child_validation(data)


class BulkSerializer(StrictSerializer):
    """What is to be done to which samples: exactly one of `samples` and `filter`."""

    action = serializers.ChoiceField(choices=[each.value for each in Action])
    samples = SampleIdsField(required=False)
    filter = FilterField(required=False)
    tags = TagsField(required=False, help_text="Of tag and untag.")
    field = serializers.CharField(max_length=63, required=False, help_text="Of set_label and clear_label.")
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=LONGEST_LABEL,
        validators=[printable],
        required=False,
        help_text="Of set_label; with clear_label, only this label is taken away.",
    )


class BulkSkippedSerializer(serializers.Serializer[Any]):
    """Why samples did not change."""

    reason = serializers.ChoiceField(choices=["gone", "unchanged", "too_many_tags"])
    count = serializers.IntegerField()


class BulkReportSerializer(serializers.Serializer[Any]):
    """What became of the samples."""

    changed = serializers.IntegerField()
    skipped = BulkSkippedSerializer(many=True)
    undo = serializers.CharField(
        allow_null=True, help_text="For bulk/undo/, a day long; null: nothing can undo it."
    )
    job = serializers.IntegerField(
        allow_null=True, help_text="What does it, over many samples; else null: it is done."
    )


class BulkUndoSerializer(StrictSerializer):
    """What is to be undone."""

    undo = serializers.UUIDField()


class BulkUndoneSerializer(serializers.Serializer[Any]):
    """How many samples are as before, and how many stay because somebody changed them since."""

    restored = serializers.IntegerField()
    kept = serializers.IntegerField()


class BulkView(ApiView):
    """One action over many samples."""

    @extend_schema(
        request=BulkSerializer,
        responses={200: BulkReportSerializer, 202: BulkReportSerializer, **errors(409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Tag, untag, set or clear a label (needs *label*), or delete (needs *edit*) samples.

        Over more than 5,000 of them it is a job, which is undone like other jobs. Deleting samples is final. All else
        can be undone with what `undo` says, by who did it or with *edit*.
        """
        deletes = isinstance(request.data, dict) and request.data.get("action") == Action.DELETE
        right = DatasetRight.EDIT if deletes else DatasetRight.LABEL
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=right)
        given = self.checked(BulkSerializer)
        action = Action(given.pop("action"))
        where = {key: given.pop(key) for key in ("samples", "filter") if key in given}
        order = checked_order(dataset, action, **given)
        samples = chosen_samples(dataset, **where)
        found = bulk.act(acting_user=cast(User, request.user), order=order, samples=samples)
        if isinstance(found, Job):
            return Response({"changed": 0, "skipped": [], "undo": None, "job": found.pk}, status=202)
        skipped = [
            {"reason": reason, "count": count} for reason, count in sorted(found.skipped.items()) if count
        ]
        return Response({"changed": found.changed, "skipped": skipped, "undo": found.undo, "job": None})


class BulkUndoView(ApiView):
    """Undoes a bulk action."""

    @extend_schema(request=BulkUndoSerializer, responses=BulkUndoneSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """What the action changed is as before, unless somebody changed it since; needs *label*."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.LABEL)
        token = self.checked(BulkUndoSerializer)["undo"]
        report = undo_action(acting_user=cast(User, request.user), dataset=dataset, token=token)
        return Response(vars(report))
