"""Whether a version can run here: its stage, its environment, and the sandbox that this host has for it."""

from __future__ import annotations

from models_app import unsandboxed
from models_app.models import Version
from samplecase.contracts.errors import Conflict, InvalidInput
from samplecase.contracts.states import Sandbox, Stage
from samplecase.runtime.sandbox import probe_sandbox


def refuse_archived(version: Version) -> None:
    """Raise `Conflict` (`archived`) at `/version`."""
    if version.stage == Stage.ARCHIVED:
        message = f"Version {version.version} is archived; restore it to development before it is deployed."
        raise Conflict(message, code="archived", pointer="/version")


def refuse_without_environment(version: Version, *, custom_environment: bool) -> None:
    """Raise `InvalidInput` at `/custom_environment` where there is nothing to build one from."""
    if custom_environment and not (version.environment_yml or version.requirements):
        raise InvalidInput(
            "The package has neither an environment.yml nor a requirements.txt to build an environment from.",
            pointer="/custom_environment",
        )


def sandbox_for(version: Version) -> Sandbox:
    """The level at which the version will run. Raises `Conflict` (`no_sandbox`) with what to install."""
    found = probe_sandbox()
    if found.level is Sandbox.NONE:
        refusal = unsandboxed.refusal(uploaded_by_superuser=version.uploaded_by_superuser)
        if refusal:
            raise Conflict(f"There is no sandbox here: {found.why_not}. {refusal}", code="no_sandbox")
    return found.level
