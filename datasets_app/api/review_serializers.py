"""The shapes of reviews: what makes one, what is claimed, and what is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from datasets_app.api.serializers import AnyValueField, SampleSerializer, printable
from datasets_app.review_claims import MOST_CLAIMED
from datasets_app.review_decisions import Decision
from samplecase.web.rest.serializers import FilterField, StrictSerializer

AT_ONCE = 5


class NewReviewSerializer(StrictSerializer):
    """A review to be made."""

    name = serializers.CharField(max_length=100, validators=[printable])
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=63, help_text="The field with the labels of a model."
    )
    target = serializers.CharField(
        max_length=63,
        required=False,
        help_text="The field that people's labels are written to; made if need be. Default: `{source}_reviewed`.",
    )
    filter = FilterField(required=False, allow_null=True)
    order = serializers.CharField(
        max_length=200,
        required=False,
        help_text="`confidence` (default) or `-confidence` of the source, or a `sort` of samples.",
    )


class ReviewCountsSerializer(serializers.Serializer[Any]):
    """How far a review is, in samples."""

    total = serializers.IntegerField()
    done = serializers.IntegerField()
    left = serializers.IntegerField()
    claimed = serializers.IntegerField(help_text="Of those left, with somebody now.")
    yours = serializers.IntegerField(help_text="Of those claimed, with you.")
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    corrected = serializers.IntegerField()


class ReviewSerializer(serializers.Serializer[Any]):
    """A queue over the samples that a filter held when it was made."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    filter = FilterField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    order = serializers.CharField()
    created_by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    problem = serializers.CharField(
        allow_null=True, help_text="Why nobody can go on, as after a field was deleted."
    )
    counts = ReviewCountsSerializer()


class ReviewClaimSerializer(StrictSerializer):
    """How many samples you want to have."""

    count = serializers.IntegerField(min_value=1, max_value=MOST_CLAIMED, default=AT_ONCE)


class ReviewClaimedSerializer(serializers.Serializer[Any]):
    """The samples that you have, the first ones first."""

    results = SampleSerializer(many=True)
    counts = ReviewCountsSerializer()


class ReviewDecisionSerializer(StrictSerializer):
    """What is decided on one sample."""

    sample = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    decision = serializers.ChoiceField(choices=[each.value for each in Decision])
    value = AnyValueField(required=False, allow_null=True, help_text="Of correct, and only of that.")
    revision = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="Of the target's value that was seen, 0: there was none; without it, whatever stands there.",
    )
    source_revision = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="Of the model's value that was seen.",
    )

    def validate(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if given["decision"] != Decision.CORRECT and given.get("value") is not None:
            raise serializers.ValidationError({"value": "Only a correction has a value."})
        return given


class ReviewOutcomeSerializer(serializers.Serializer[Any]):
    """What became of it."""

    sample = serializers.IntegerField()
    revision = serializers.IntegerField(help_text="Of the target's value now; 0: there is none.")
    restored = serializers.BooleanField(
        allow_null=True, help_text="Of undo: the target is as before. False: somebody changed it since."
    )
    counts = ReviewCountsSerializer()
