"""The JSON of uploads."""

from __future__ import annotations

from rest_framework import serializers

from samplecase.web.uploads.models import Upload


class ResumableUploadSerializer(serializers.ModelSerializer[Upload]):
    """A resumable upload, and how far it came."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    sha256 = serializers.CharField(
        read_only=True, help_text="Of the whole file, counted here; empty until it is whole."
    )
    complete = serializers.BooleanField(
        source="is_whole", read_only=True, help_text="It is whole and verified, and may be used."
    )

    class Meta:
        model = Upload
        fields = ["id", "name", "length", "offset", "sha256", "complete", "created_at", "expires_at"]
        read_only_fields = fields
