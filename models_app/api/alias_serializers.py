"""The JSON of aliases, their history, and tombstones."""

from __future__ import annotations

from rest_framework import serializers

from models_app.pointing import Alias, AliasMove, Tombstone
from samplecase.web.rest.serializers import StrictSerializer, username_of


class AliasSerializer(serializers.ModelSerializer[Alias]):
    """A word, and the version that it means at this time."""

    version = serializers.CharField(source="version.version", read_only=True)
    moved_by = username_of("moved_by")

    class Meta:
        model = Alias
        fields = ["name", "version", "moved_by", "moved_at"]
        read_only_fields = fields


class AliasMoveSerializer(serializers.ModelSerializer[AliasMove]):
    """One step of an alias."""

    before = serializers.CharField(read_only=True, help_text="Empty: it was not there.")
    after = serializers.CharField(read_only=True, help_text="Empty: it was taken away.")
    moved_by = username_of("moved_by")

    class Meta:
        model = AliasMove
        fields = ["name", "before", "after", "moved_by", "moved_at"]
        read_only_fields = fields


class NewAliasSerializer(StrictSerializer):
    """What an alias is to mean."""

    version = serializers.CharField(max_length=40)


class TombstoneSerializer(serializers.ModelSerializer[Tombstone]):
    """What is left of a version that was deleted and that values name."""

    deleted_by = username_of("deleted_by")

    class Meta:
        model = Tombstone
        fields = ["id", "version", "sha256", "deleted_by", "deleted_at"]
        read_only_fields = fields
