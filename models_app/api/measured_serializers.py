"""The JSON of what a deploy check measured."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class MeasuredSizeSerializer(serializers.Serializer[Any]):
    """How fast one replica is with mini-batches of one size."""

    size = serializers.IntegerField()
    images_per_second = serializers.FloatField()


class LayoutSerializer(serializers.Serializer[Any]):
    """What Deploy proposes instead of what was entered."""

    mini_batch = serializers.IntegerField()
    num_replicas = serializers.IntegerField()
    threads = serializers.IntegerField(help_text="Of each replica.")


class PlanSerializer(LayoutSerializer):
    """How the network runs, and its layout."""

    graph = serializers.ChoiceField(choices=["plain", "folded", "frozen", "compiled"])
    precision = serializers.ChoiceField(choices=["fp32", "bf16"])
    channels_last = serializers.BooleanField()
    decode = serializers.ChoiceField(choices=["plain", "box", "torch", "draft"])


class AgreementSerializer(serializers.Serializer[Any]):
    """How a plan's outputs compare with those of the plain network in single precision."""

    compared = serializers.IntegerField(help_text="Samples.")
    disagreeing = serializers.IntegerField(help_text="Samples over the tolerance.")
    labels_changed = serializers.IntegerField(
        help_text="Samples with another best label, within the margin or not."
    )
    largest_score_difference = serializers.FloatField()
    largest_box_difference = serializers.FloatField(help_text="Pixels.")


class TriedSerializer(serializers.Serializer[Any]):
    """A plan that was tried, and what came of it."""

    what = serializers.CharField()
    plan = PlanSerializer()
    outcome = serializers.ChoiceField(
        choices=["kept", "slower", "rejected", "failed", "unsuited", "left_out"]
    )
    reason = serializers.CharField(allow_blank=True)
    images_per_second = serializers.FloatField(allow_null=True)
    agreement = AgreementSerializer(allow_null=True)


class ToleranceSerializer(serializers.Serializer[Any]):
    """How far a plan's outputs may be from those of the plain network."""

    margin = serializers.FloatField(help_text="Below it, the best label may be another.")
    score = serializers.FloatField()
    pixels = serializers.FloatField(help_text="Of a box.")


class TuningSerializer(serializers.Serializer[Any]):
    """What a tuning tried, what it chose, and why."""

    why = serializers.CharField()
    samples = serializers.IntegerField(help_text="By which plans were compared.")
    seconds = serializers.FloatField()
    plain_images_per_second = serializers.FloatField(allow_null=True, help_text="As it was entered.")
    tolerance = ToleranceSerializer()
    agreement = AgreementSerializer(allow_null=True)
    tried = TriedSerializer(many=True)


class MeasuredSerializer(serializers.Serializer[Any]):
    """What the deploy check measured."""

    load_seconds = serializers.FloatField(required=False)
    images_per_second = serializers.FloatField(
        required=False, allow_null=True, help_text="As entered, or where there is a plan, under it."
    )
    memory_bytes = serializers.IntegerField(required=False, allow_null=True, help_text="Of one replica.")
    mini_batches = MeasuredSizeSerializer(many=True, required=False)
    proposed = LayoutSerializer(required=False)
    plan = PlanSerializer(
        required=False, allow_null=True, help_text="What jobs use instead of what was entered."
    )
    tuning = TuningSerializer(required=False)


@extend_schema_field(MeasuredSerializer(allow_null=True))
class MeasuredField(serializers.Field[Any, Any, Any, Any]):
    """Null until something was measured."""

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any] | None:
        return value or None
