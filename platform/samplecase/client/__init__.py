"""The Python client of a Samplecase server."""

from samplecase.client.client import Client
from samplecase.client.transport import ApiError, ServerUnreachable
from samplecase.client.waiting import NotReady

__all__ = ["ApiError", "Client", "NotReady", "ServerUnreachable"]
