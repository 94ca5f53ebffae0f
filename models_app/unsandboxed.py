"""The rule for code that runs without a sandbox: only what a superuser uploaded, and only where he alone decides."""

from __future__ import annotations

from django.conf import settings

from samplecase.web.accounts.models import User


def refusal(*, uploaded_by_superuser: bool) -> str:
    """Why a version may not run without a sandbox; empty when it may. It can change with every new account."""
    if not uploaded_by_superuser:
        return "Without a sandbox only versions that a superuser uploaded are run, and this one is not."
    if settings.ALLOW_UNSANDBOXED or User.objects.filter(is_active=True).count() == 1:
        return ""
    return (
        "Several people have accounts here, so nothing runs without a sandbox; "
        "an administrator may set SAMPLECASE_ALLOW_UNSANDBOXED=1."
    )
