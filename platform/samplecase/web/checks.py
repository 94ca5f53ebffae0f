"""Settings that fit each other badly, refused at start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}


@register()
def queue_settings(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """A task that is delivered again while it still runs would run twice."""
    queue = settings.Q_CLUSTER
    needed = (queue["queue_limit"] + 2) * (queue["timeout"] + 3) + 60
    if queue["retry"] >= needed:
        return []
    message = f"Q_CLUSTER: retry is {queue['retry']} s and must be at least {needed} s."
    hint = "retry >= (queue_limit + 2) * (timeout + 3) + 60, or a task that waits or runs is delivered again."
    return [Error(message, hint=hint, id="samplecase.E001")]


@register()
def debug_is_local(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Tracebacks show settings and data to whoever can reach the server."""
    others = sorted(set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS)
    if not settings.DEBUG or not others:
        return []
    message = f"SAMPLECASE_DEBUG is on while the server is reached as {', '.join(others)}."
    return [Error(message, hint="Unset SAMPLECASE_DEBUG, or serve localhost only.", id="samplecase.E002")]
