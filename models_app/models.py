"""The tables of the registry: models, immutable versions, and deployments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Now
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from models_app import unsandboxed
from samplecase.contracts.errors import Forbidden, NotFound
from samplecase.contracts.plans import Plan
from samplecase.contracts.states import DeploymentState, ModelRight, Sandbox, Stage
from samplecase.packages.builtin_blocks import ENTRYPOINT_PREFIX
from samplecase.web.sharing.models import Shareable, ShareableQuerySet


class ModelQuerySet(ShareableQuerySet):
    """Which models a person sees, and how they are read together."""

    def with_parts(self, *, newest: int | None = None) -> ModelQuerySet:
        """With owner, versions and deployments, in as many queries for a page as for one.

        Of the versions all, or of each model the `newest` and, beside them, those that are deployed; `version_count`
        says how many there are.
        """
        versions = Version.objects.select_related("uploaded_by").defer(*Version.DETAILS).order_by("-id")
        deployments = Deployment.objects.select_related("created_by")
        of_a_model = Version.objects.filter(model=models.OuterRef("pk")).order_by().values("model")
        aliases = Alias.objects.select_related("version", "moved_by").defer(
            *(f"version__{each}" for each in Version.DETAILS)
        )
        rows: ModelQuerySet = self.select_related("owner").annotate(
            version_count=Coalesce(
                models.Subquery(of_a_model.annotate(count=models.Count("pk")).values("count")), 0
            )
        )
        return rows.prefetch_related(
            models.Prefetch("versions", versions[:newest], to_attr="newest_versions"),
            models.Prefetch(
                "versions",
                versions.filter(
                    models.Exists(Deployment.objects.filter(version=models.OuterRef("pk")))
                ).prefetch_related(models.Prefetch("deployments", deployments)),
                to_attr="deployed_versions",
            ),
            models.Prefetch("aliases", aliases),
            models.Prefetch("tombstones", Tombstone.objects.select_related("deleted_by")),
        )

    def tagged(self, tag: str) -> ModelQuerySet:
        """Those with the tag, whatever its case. It is looked for in its quotes."""
        escaped, plain = _as_json(tag)
        return self.filter(models.Q(tags__icontains=escaped) | models.Q(tags__icontains=plain))

    def search(self, text: str) -> ModelQuerySet:
        """Those in whose name, description or tags `text` occurs."""
        condition = models.Q(name__icontains=text) | models.Q(description__icontains=text)
        for written in _as_json(text):
            condition |= models.Q(tags__icontains=written[1:-1])
        return self.filter(condition)


def _as_json(text: str) -> tuple[str, str]:
    """`text` as SQLite and as PostgreSQL write it in a column of JSON."""
    return json.dumps(text), json.dumps(text, ensure_ascii=False)


class Model(Shareable):
    """A named model: its versions, and who may run and edit it."""

    RIGHTS = ModelRight

    name = models.CharField(max_length=100, unique=True)
    slug = models.CharField(
        max_length=40, unique=True
    )  # of its first name, for the names of fields; it stays
    description = models.TextField(blank=True, max_length=10_000)
    tags = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ModelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        permissions = [("run_model", "Can run model"), ("edit_model", "Can edit model")]

    def __str__(self) -> str:
        return self.name


class ModelUserRight(UserObjectPermissionBase):
    """A right on a model given to one user."""

    content_object = models.ForeignKey(Model, on_delete=models.CASCADE)


class ModelGroupRight(GroupObjectPermissionBase):
    """A right on a model given to a group."""

    content_object = models.ForeignKey(Model, on_delete=models.CASCADE)


class Version(models.Model):
    """A packed model as it was uploaded; but for its stage, nothing of it ever changes."""

    AUDITED_UNDER: ClassVar[str] = "model"
    # What lists of versions do not show, and what may be large.
    DETAILS = ("manifest", "files", "readme", "changelog", "requirements", "environment_yml")

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="versions")
    version = models.CharField(max_length=40)  # semantic, without a leading v
    sha256 = models.CharField(
        max_length=64, db_index=True
    )  # of the zip, which lies under storage.package_key
    size = models.PositiveBigIntegerField()  # bytes
    manifest = models.JSONField()  # checked and complete, the schema included
    schema = models.JSONField()
    files = models.JSONField(default=list)  # [{name, size}]
    readme = models.TextField(blank=True)
    changelog = models.TextField(blank=True)
    requirements = models.TextField(blank=True)
    environment_yml = models.TextField(blank=True)
    license = models.CharField(max_length=100, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    uploaded_by_superuser = models.BooleanField(default=False)  # at the time; decides on sandbox level `none`
    stage = models.CharField(
        max_length=12,
        choices=[(each.value, each.value) for each in Stage],
        default=Stage.DEVELOPMENT.value,
        db_default=Stage.DEVELOPMENT.value,
    )  # the one thing about a version that changes
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["model", "version"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.version}"

    @property
    def has_no_code(self) -> bool:
        """It is run by a runner of ours, and can be tuned."""
        return str(self.manifest.get("entrypoint", "")).startswith(ENTRYPOINT_PREFIX)

    @property
    def digest(self) -> str:
        """Of all that decides what it answers: the same zip may be uploaded with another schema beside it."""
        whole = [self.sha256, self.schema]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


class DeploymentQuerySet(models.QuerySet["Deployment"]):
    """Which deployments a person sees: those of the models that he sees."""

    def visible_to(self, user: Any, right: ModelRight | str | None = None) -> DeploymentQuerySet:
        """Those of the models on which `user` has at least `right` (default: view)."""
        return self.filter(version__model__in=Model.objects.visible_to(user, right))

    def require(self, *, pk: int, user: Any, right: ModelRight | str | None = None) -> Deployment:
        """The deployment, if `user` has `right` on its model.

        Raises `NotFound` where he may not even see it, and `Forbidden` where he sees it but has not that right.
        """
        found = self.visible_to(user).select_related("version__model", "created_by").filter(pk=pk).first()
        if found is None:
            raise NotFound(f"There is no deployment {pk} that you may see.")
        model = found.version.model
        if right is not None and not model.allows(user, right):
            raise Forbidden(f"You need the right “{right}” on the model “{model}”.")
        return found


class Deployment(models.Model):
    """How a version runs."""

    AUDITED_UNDER: ClassVar[str] = "version.model"

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="deployments")
    # The alias that says which version it is; empty: it stays with this one.
    follows = models.CharField(max_length=40, blank=True, default="", db_default="")
    # A copy for the jobs that began before the one they ran on turned to another version; it goes when they have ended.
    left_behind = models.BooleanField(default=False, db_default=False)
    # Of such a copy, the one that turned: the jobs that have ended are its jobs again when the copy goes.
    copy_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=100)
    model_type = models.CharField(max_length=20, default="inference", choices=[("inference", "Inference")])
    mini_batch = models.PositiveIntegerField(default=1)
    num_replicas = models.PositiveIntegerField(default=1)
    num_gpus = models.PositiveIntegerField(default=0)
    custom_environment = models.BooleanField(default=False)
    # Whose samples the check asks too, and tunes on: only while who deployed it may view them.
    dataset = models.ForeignKey(
        "datasets_app.Dataset", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    tune = models.BooleanField(default=False)
    allow_bf16 = models.BooleanField(default=False)
    sandbox = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Sandbox])
    state = models.CharField(
        max_length=10,
        choices=[(each.value, each.value) for each in DeploymentState],
        default=DeploymentState.PENDING.value,
        db_index=True,
    )
    reason = models.TextField(blank=True)
    log = models.TextField(blank=True)
    measured = models.JSONField(default=dict)
    attempt = models.PositiveIntegerField(default=0)  # the fence of the check that holds it
    lease_until = models.DateTimeField(null=True)
    executor = models.CharField(max_length=100, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = DeploymentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def plan(self) -> Plan | None:
        """How its check found that the network runs fastest, if it was tuned."""
        return Plan.of(self.measured.get("plan"))

    def usable_reason(self) -> str:
        """Why no job may use it now; empty when one may. Jobs ask at submit, at start and at each claim."""
        if self.state != DeploymentState.READY:
            return f"The deployment “{self.name}” is {self.state}, not ready."
        if self.sandbox == Sandbox.NONE:
            return unsandboxed.refusal(uploaded_by_superuser=self.version.uploaded_by_superuser)
        return ""

    def stop(self) -> bool:
        """Any state but stopped → stopped: a check that goes on finds its lease gone. False if it was stopped."""
        others = [state for state in DeploymentState if state is not DeploymentState.STOPPED]
        return self._step(others, state=DeploymentState.STOPPED, reason="")

    def start(self, *, sandbox: Sandbox) -> bool:
        """stopped or failed → pending: checked anew by an executor. False if it is in another state."""
        ended = [DeploymentState.STOPPED, DeploymentState.FAILED]
        return self._step(
            ended, state=DeploymentState.PENDING, reason="", log="", measured={}, sandbox=sandbox
        )

    def turn_to(self, version: Version, *, sandbox: Sandbox, refusal: str) -> None:
        """Run another version: checked anew, or failed where it is refused; one that is stopped stays so.

        A check that goes on finds its lease gone.
        """
        is_stopped = self.state == DeploymentState.STOPPED
        on_its_way = DeploymentState.FAILED if refusal else DeploymentState.PENDING
        state = DeploymentState.STOPPED if is_stopped else on_its_way
        facts = {
            "version": version,
            "state": state,
            "sandbox": sandbox,
            "tune": self.tune and version.has_no_code,
        }
        self._step(list(DeploymentState), **facts, reason=refusal, log="", measured={})

    def _step(self, among: Collection[DeploymentState], **facts: Any) -> bool:
        """One conditional update: of several callers exactly one takes the step."""
        held = Deployment.objects.filter(pk=self.pk, state__in=among)
        taken = bool(held.update(**facts, lease_until=None, executor="", updated_at=Now()))
        self.refresh_from_db()
        return taken


# What points at versions, and what is left of those that were deleted.
from models_app.pointing import Alias, AliasMove, Tombstone  # noqa: E402, F401
