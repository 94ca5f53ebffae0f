"""The JSON of evaluations, in and out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from datasets_app.evaluation_results import is_stale
from datasets_app.models import Evaluation
from samplecase.contracts.states import JobState
from samplecase.web.rest.serializers import FilterField, StrictSerializer


class NewEvaluationSerializer(StrictSerializer):
    """Which field of predictions to compare with which ground truth, over which samples."""

    predictions = serializers.CharField(max_length=63)
    ground_truth = serializers.CharField(max_length=63)
    filter = FilterField(required=False, allow_null=True, default=None)
    iou_threshold = serializers.FloatField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0.01,
        max_value=1.0,
        help_text="Of detections: how much two boxes have to overlap to be one; 0.5 if not given.",
    )
    crowd_attribute = serializers.CharField(
        required=False,
        allow_null=True,
        default=None,
        max_length=63,
        help_text="Of detections: the attribute of true boxes that stand for many; iscrowd if not given.",
    )


class EvaluationMadeSerializer(serializers.Serializer[Any]):
    """The answer to a new evaluation, or to one that is counted again."""

    id = serializers.IntegerField()
    job = serializers.IntegerField()


class ClassScoreSerializer(serializers.Serializer[Any]):
    """How well one label was told from the others."""

    label = serializers.CharField()  # type: ignore[assignment]
    precision = serializers.FloatField()
    recall = serializers.FloatField()
    f1 = serializers.FloatField()
    support = serializers.IntegerField(help_text="How often the ground truth has it; pixels of masks.")
    ap = serializers.FloatField(required=False, help_text="Of detections and lists of labels.")
    ap_50 = serializers.FloatField(required=False, help_text="Of detections.")
    iou = serializers.FloatField(required=False, help_text="Of segmentations.")


class ConfusionSerializer(serializers.Serializer[Any]):
    """`matrix[i][j]`: how often class i was predicted as class j."""

    classes = serializers.ListField(
        child=serializers.CharField(allow_null=True),
        help_text="null, of lists of labels: nothing. Its column is what was missed, its row what was made up.",
    )
    matrix = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))


class CurveSerializer(serializers.Serializer[Any]):
    """Precision at the recalls 0, 0.01 … 1: the best at that recall or above it."""

    label = serializers.CharField()  # type: ignore[assignment]
    precision = serializers.ListField(child=serializers.FloatField())


class EvaluationSerializer(serializers.ModelSerializer[Evaluation]):
    """An evaluation. Metrics, scores and confusion are empty until its job is finished.

    The context has `jobs`: the state of each job, what it has done of how much, and its end; and `fields`, what
    `evaluation_results.field_versions` says.
    """

    state = serializers.SerializerMethodField()
    done = serializers.SerializerMethodField(help_text="Samples that its job has counted …")
    total = serializers.SerializerMethodField(help_text="… of so many.")
    error = serializers.SerializerMethodField(help_text="Why its job failed, if it did.")
    counted_at = serializers.SerializerMethodField(help_text="When its job ended.")
    stale = serializers.SerializerMethodField(help_text="Values have changed since they were read.")
    filter = FilterField(allow_null=True)
    options = serializers.DictField()
    metrics = serializers.DictField(child=serializers.FloatField())
    per_class = ClassScoreSerializer(many=True)
    confusion = serializers.SerializerMethodField()
    created_by = serializers.SerializerMethodField()

    class Meta:
        model = Evaluation
        fields: tuple[str, ...] = (
            "id", "job", "state", "done", "total", "error", "counted_at", "stale", "type", "predictions",
            "ground_truth", "filter", "options", "samples", "missing", "metrics", "per_class", "confusion",
            "created_by", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField([each.value for each in JobState]))
    def get_state(self, evaluation: Evaluation) -> str:
        return str(self._job(evaluation)["state"])

    @extend_schema_field(serializers.IntegerField())
    def get_done(self, evaluation: Evaluation) -> int:
        return int(self._job(evaluation)["done"])

    @extend_schema_field(serializers.IntegerField())
    def get_total(self, evaluation: Evaluation) -> int:
        return int(self._job(evaluation)["total"])

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_error(self, evaluation: Evaluation) -> str | None:
        return self._job(evaluation)["error_message"] or None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_counted_at(self, evaluation: Evaluation) -> Any:
        return self._job(evaluation)["finished_at"]

    def get_stale(self, evaluation: Evaluation) -> bool:
        return is_stale(evaluation, self.context["fields"])

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_created_by(self, evaluation: Evaluation) -> str | None:
        return evaluation.created_by.username if evaluation.created_by else None

    @extend_schema_field(ConfusionSerializer)
    def get_confusion(self, evaluation: Evaluation) -> dict[str, Any]:
        return evaluation.confusion or {"classes": [], "matrix": []}

    def _job(self, evaluation: Evaluation) -> dict[str, Any]:
        found: dict[str, Any] = self.context["jobs"][evaluation.job]
        return found


class EvaluationDetailSerializer(EvaluationSerializer):
    """An evaluation with the curves of its classes."""

    curves = CurveSerializer(many=True)

    class Meta(EvaluationSerializer.Meta):
        fields = (*EvaluationSerializer.Meta.fields, "curves")
        read_only_fields = fields
