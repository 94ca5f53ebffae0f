"""The JSON of models, versions and deployments."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from models_app.api.alias_serializers import AliasSerializer, TombstoneSerializer
from models_app.api.measured_serializers import MeasuredField
from models_app.api.version_serializers import VersionSummarySerializer
from models_app.models import Deployment, Model, Version
from samplecase.contracts.states import DeploymentState, Sandbox
from samplecase.web.rest.serializers import StrictModelSerializer, StrictSerializer, username_of
from samplecase.web.sharing.models import OWNER

ACCESS = [*Model.rights_from(), OWNER]
MODEL_TYPES = ["inference"]
MOST_TAGS = 50


def printable(text: str) -> None:
    """Refuse control characters, which would break every list and log that shows the name."""
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise serializers.ValidationError("A name has no line breaks or other control characters.")


class DeploymentSerializer(serializers.ModelSerializer[Deployment]):
    """How a version runs, and where it stands."""

    model = serializers.IntegerField(source="version.model_id", read_only=True)
    version = serializers.CharField(source="version.version", read_only=True)
    follows = serializers.SerializerMethodField(help_text="The alias that it follows, or null.")
    model_type = serializers.ChoiceField(choices=MODEL_TYPES, read_only=True)
    state = serializers.ChoiceField(choices=[each.value for each in DeploymentState], read_only=True)
    sandbox = serializers.ChoiceField(choices=[each.value for each in Sandbox], read_only=True)
    measured = MeasuredField(read_only=True)
    dataset = serializers.IntegerField(source="dataset_id", read_only=True, allow_null=True)
    created_by = username_of("created_by")

    class Meta:
        model = Deployment
        fields = [
            "id",
            "model",
            "version",
            "follows",
            "left_behind",
            "name",
            "model_type",
            "mini_batch",
            "num_replicas",
            "num_gpus",
            "custom_environment",
            "dataset",
            "tune",
            "allow_bf16",
            "state",
            "reason",
            "sandbox",
            "measured",
            "created_by",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_follows(self, deployment: Deployment) -> str | None:
        return deployment.follows or None


class NewDeploymentSerializer(StrictSerializer):
    """The Deploy dialog."""

    model = serializers.IntegerField(min_value=1)
    version = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=40,
        help_text="A number, or an alias to follow. Left out: the newest that is not archived.",
    )
    name = serializers.CharField(max_length=100, validators=[printable], help_text="Deploy Name.")
    model_type = serializers.ChoiceField(choices=MODEL_TYPES, default="inference")
    mini_batch = serializers.IntegerField(
        min_value=1, max_value=4096, default=1, help_text="Samples per call."
    )
    num_replicas = serializers.IntegerField(min_value=1, max_value=256, default=1)
    num_gpus = serializers.IntegerField(min_value=0, max_value=1, default=0, help_text="Per replica.")
    custom_environment = serializers.BooleanField(
        default=False, help_text="Install the package's environment.yml, else its requirements.txt."
    )
    dataset = serializers.IntegerField(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="One that you may view: some of its samples are asked too, and tuned on.",
    )
    tune = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Look for a faster plan. Left out: for a no-code package with a dataset.",
    )
    allow_bf16 = serializers.BooleanField(
        default=False, help_text="Let the tuning try bfloat16, which rounds more."
    )


class DeploymentChangesSerializer(StrictSerializer):
    """What may be changed of a deployment. For anything else make another one: jobs refer to what it was."""

    name = serializers.CharField(max_length=100, validators=[printable], required=False)

    def _faults(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        faults = super()._faults(data)
        for key in faults.keys() & set(NewDeploymentSerializer().fields):
            faults[key] = ["Only the name of a deployment changes; deploy again for anything else."]
        return faults


class DeploymentLogSerializer(serializers.Serializer[Any]):
    """What the deploy check and the model printed."""

    log = serializers.CharField()


class ModelSerializer(serializers.ModelSerializer[Model]):
    """A model with its versions and deployments, newest first."""

    owner = serializers.CharField(source="owner.username", read_only=True)
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    versions = serializers.SerializerMethodField()
    version_count = serializers.IntegerField(
        read_only=True,
        help_text="Of these a list of models has the newest few as `versions`, and those that are deployed.",
    )
    aliases = AliasSerializer(many=True, read_only=True)
    tombstones = TombstoneSerializer(many=True, read_only=True)
    deployments = serializers.SerializerMethodField()
    access = serializers.ChoiceField(choices=ACCESS, read_only=True, help_text="Your highest right.")

    class Meta:
        model = Model
        fields = [
            "id",
            "name",
            "slug",
            "description",
            "tags",
            "owner",
            "versions",
            "version_count",
            "aliases",
            "tombstones",
            "deployments",
            "access",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(VersionSummarySerializer(many=True))
    def get_versions(self, model: Model) -> Any:
        found = {each.pk: each for each in [*model.newest_versions, *model.deployed_versions]}  # type: ignore[attr-defined]
        shown = [found[pk] for pk in sorted(found, reverse=True)]
        return VersionSummarySerializer(shown, many=True, context=self.context).data

    @extend_schema_field(DeploymentSerializer(many=True))
    def get_deployments(self, model: Model) -> Any:
        versions: list[Version] = model.deployed_versions  # type: ignore[attr-defined]
        found = [each for version in versions for each in version.deployments.all()]
        found.sort(key=lambda deployment: -deployment.pk)
        return DeploymentSerializer(found, many=True, context=self.context).data


class ModelFactsSerializer(StrictModelSerializer):
    """What a person says of a model."""

    tags = serializers.ListField(
        child=serializers.CharField(max_length=50, validators=[printable]),
        max_length=MOST_TAGS,
        required=False,
    )
    description = serializers.CharField(max_length=10_000, allow_blank=True, required=False)

    class Meta:
        model = Model
        fields = ["name", "description", "tags"]
        # The unique name is checked where it is written, with a sentence and a code of its own.
        extra_kwargs = {"name": {"validators": [printable]}}

    def validate_tags(self, tags: list[str]) -> list[str]:
        """Each tag once, in the order given."""
        return list(dict.fromkeys(tags))
