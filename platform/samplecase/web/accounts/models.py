"""Users, tokens, sessions, one-time links, tries to sign in, and the audit log."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from knox.models import AbstractAuthToken, AuthTokenManager


class User(AbstractUser):
    """A person with an account. The username is the name that others see and share with."""

    class Meta(AbstractUser.Meta):
        verbose_name = "user"

    @property
    def shown_name(self) -> str:
        return self.get_full_name() or self.username


class TokenScope(models.TextChoices):
    """What a token may be used for; the user's own rights still apply."""

    READ = "read", "Read"  # safe methods only
    WRITE = "write", "Read and write"
    ADMIN = "admin", "Read, write and manage accounts"  # tokens and users too


class ApiToken(AbstractAuthToken):
    """A hashed API token; its text is shown once, when it is made."""

    # What addresses and the audit log call it: the primary key and `token_key` are made from the secret.
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, blank=True)
    scope = models.CharField(max_length=8, choices=TokenScope.choices, default=TokenScope.WRITE)
    last_used_at = models.DateTimeField(null=True, editable=False)  # to within SEEN_EVERY

    objects: ClassVar[AuthTokenManager] = AuthTokenManager()

    class Meta:
        verbose_name = "API token"
        ordering = ["-created"]

    def __str__(self) -> str:
        return self.name or f"token of {self.user}"


# How often a request notes that its token or session is in use: a write each time would slow down every reader.
SEEN_EVERY = timedelta(minutes=5)


class UserSession(AbstractBaseSession):
    """A browser that somebody is signed in with. Written by `accounts.sessions.SessionStore`; deleted, it is over."""

    # What addresses and the audit log call it: the primary key is the secret of the cookie.
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)  # to within SEEN_EVERY
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from samplecase.web.accounts.sessions import SessionStore

        return SessionStore


class TallyScope(models.TextChoices):
    """Whose failed tries to sign in are counted together."""

    BROWSER = "browser", "Browser"  # one that this account has signed in with before
    PAIR = "pair", "Account from an address"
    ADDRESS = "address", "Address"  # whatever accounts it tries
    ACCOUNT = "account", "Account"  # from wherever, but for browsers that it knows


class SignInTally(models.Model):
    """How many tries to sign in failed lately. Names that were typed are kept as digests: some are passwords."""

    key = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=8, choices=TallyScope.choices)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(default=timezone.now, db_index=True)  # when the first of them was
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.get_scope_display()


class LinkPurpose(models.TextChoices):
    """Why a one-time link was made."""

    LOGIN = "login", "Sign in"  # 15 minutes
    INVITATION = "invitation", "Invitation"  # 7 days


LINK_LIFETIME = {LinkPurpose.LOGIN: timedelta(minutes=15), LinkPurpose.INVITATION: timedelta(days=7)}


class OneTimeLinkManager(models.Manager["OneTimeLink"]):
    """Makes links and consumes them; only the SHA-256 of a link's secret is stored."""

    def issue(self, *, user: User, purpose: LinkPurpose, made_by: User | None = None) -> str:
        """Make a link and return its secret, which cannot be read again."""
        secret = secrets.token_urlsafe(32)
        self.create(
            user=user,
            purpose=purpose,
            made_by=made_by,
            digest=link_digest(secret),
            expires_at=timezone.now() + LINK_LIFETIME[purpose],
        )
        return secret

    def usable(self, secret: str) -> models.QuerySet[OneTimeLink]:
        return self.filter(
            digest=link_digest(secret), used_at=None, expires_at__gt=timezone.now(), user__is_active=True
        )

    def consume(self, secret: str) -> OneTimeLink | None:
        """Use a link up: of several callers exactly one gets it, the others None."""
        link = self.usable(secret).select_related("user").first()
        if link is None or self.usable(secret).update(used_at=timezone.now()) != 1:
            return None
        return link

    def withdraw(self, user: User) -> None:
        """Let no link of `user` that is still unused be used."""
        now = timezone.now()
        self.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)


def link_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class OneTimeLink(models.Model):
    """A single-use way in for one user: the first login, an invitation, or a lost password."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="one_time_links")
    purpose = models.CharField(max_length=12, choices=LinkPurpose.choices)
    made_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # null: the server
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[OneTimeLinkManager] = OneTimeLinkManager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of {self.user}"


class AuditEntry(models.Model):
    """Who did what to which object, when. Rows are only ever added."""

    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=60, db_index=True)  # "dataset.create", "model.share", "job.submit" …
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    object_name = models.CharField(max_length=200)
    details = models.JSONField(default=dict)
    # The dataset or model that the object is or belongs to, and whose that was: its owner may read the row.
    home_type = models.CharField(max_length=40, blank=True)
    home_id = models.BigIntegerField(null=True)
    home_owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id"]),
            models.Index(fields=["home_type", "home_id"]),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.object_name}"


def record(*, actor: User | None, action: str, subject: models.Model, **details: Any) -> AuditEntry:
    """Add an audit row in the caller's transaction, so that it stands exactly when the act does."""
    home = _home_of(subject)
    return AuditEntry.objects.create(
        actor=actor,
        actor_name=actor.username if actor else "system",
        action=action,
        object_type=subject._meta.model_name or "",
        object_id=str(subject.pk),
        object_name=str(subject)[:200],
        details=details,
        home_type=home._meta.model_name if home else "",
        home_id=home.pk if home else None,
        home_owner_id=home.owner_id if home else None,
    )


def _home_of(subject: models.Model) -> Any:
    """What `AUDITED_UNDER` of the subject's class leads to: names of relations with dots, empty for itself."""
    path: str | None = getattr(subject, "AUDITED_UNDER", None)
    if path is None:
        return None
    home: Any = subject
    for name in filter(None, path.split(".")):
        home = getattr(home, name)
    return home
