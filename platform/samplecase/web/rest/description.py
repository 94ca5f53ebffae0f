"""`GET /api/v1/schema/`: the API's description of itself."""

from __future__ import annotations

from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from samplecase.web.rest.limits import Limited


class SchemaView(Limited, SpectacularAPIView):
    """The API's description, for who is signed in."""

    def handle_exception(self, exc: Exception) -> Response:
        """Errors are JSON here too, not in the format that was asked for."""
        response = super().handle_exception(exc)
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return response
