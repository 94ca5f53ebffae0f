"""Sessions that know whose they are, so that they can be listed and ended."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from samplecase.contracts.errors import NotFound
from samplecase.web.accounts.models import SEEN_EVERY, User, UserSession, record


class SessionStore(DatabaseStore):
    """Django's, with a row of ours. The middleware says `client`: the address and the browser that ask."""

    row: UserSession | None = None
    client: tuple[str, str] = ("", "")

    @classmethod
    def get_model_class(cls) -> type[Any]:
        return UserSession

    def _get_session_from_db(self) -> UserSession | None:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    def create_model_instance(self, data: Any) -> UserSession:
        made: UserSession = super().create_model_instance(data)  # type: ignore[assignment]
        made.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        made.address, made.agent = self.client
        if self.row is not None and self.row.session_key == made.session_key:
            made.public_id, made.created_at = self.row.public_id, self.row.created_at
        self.row = made
        return made

    def note_use(self) -> None:
        """Remember that this session is in use, at most every few minutes."""
        row, now = self.row, timezone.now()
        if row is None or row.user_id is None or row.seen_at > now - SEEN_EVERY:
            return
        address, agent = self.client
        UserSession.objects.filter(pk=row.pk).update(seen_at=now, address=address, agent=agent)


def open_sessions(user: User) -> QuerySet[UserSession]:
    """Where `user` is signed in."""
    return UserSession.objects.filter(user=user, expire_date__gt=timezone.now())


@transaction.atomic
def end_session(*, user: User, public_id: Any, acting_user: User) -> None:
    """Sign one browser of `user` out. Raises `NotFound` if there is no such session (any more)."""
    ended, _ = open_sessions(user).filter(public_id=public_id).delete()
    if not ended:
        raise NotFound(f"There is no session {public_id} of yours.")
    record(actor=acting_user, action="session.end", subject=user, session=str(public_id))


@transaction.atomic
def end_sessions(*, user: User, acting_user: User | None, besides: str | None = None) -> int:
    """Sign `user` out everywhere, but in the session with the key `besides`; how many sessions that were."""
    ended, _ = open_sessions(user).exclude(pk=besides or "").delete()
    if ended:
        record(actor=acting_user, action="session.end_all", subject=user, ended=ended)
    return ended


def forget_expired_sessions() -> int:
    """Delete the rows of sessions that nobody can use any more."""
    return UserSession.objects.filter(expire_date__lte=timezone.now()).delete()[0]
