"""One's own account: name, password, tokens, and the browsers that one is signed in with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from samplecase.client.account_types import NewToken, Scope, Session, Token
from samplecase.client.transport import Transport
from samplecase.client.types import Json


class Account:
    """What one may do with one's own account; changing it needs a token of the scope `admin`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def rename(self, name: str) -> Json:
        """Change the full name."""
        return cast(Json, self._transport.patch("me/", {"name": name}))

    def change_password(self, new: str, *, current: str | None = None) -> None:
        """Set another password: sessions end, tokens stay. `current` where there is one."""
        body = {"new": new} if current is None else {"new": new, "current": current}
        self._transport.post("me/password/", body)

    def tokens(self) -> Iterator[Token]:
        """One's tokens, without their text, the newest first."""
        return self._transport.pages("tokens/")

    def make_token(self, name: str, *, scope: Scope = "write", expires: str | None = None) -> NewToken:
        """Make a token; its text is shown this once. `expires` is a time of ISO 8601; left out, in a year."""
        body = {"name": name, "scope": scope}
        if expires is not None:
            body["expires"] = expires
        return cast(NewToken, self._transport.post("tokens/", body))

    def revoke_token(self, token: str) -> None:
        """Revoke the token with this id: whoever sends it is refused from now on."""
        self._transport.delete(f"tokens/{token}/")

    def sessions(self) -> Iterator[Session]:
        """The browsers that one is signed in with, the last used first."""
        return self._transport.pages("sessions/")

    def end_session(self, session: str) -> None:
        """Sign one browser out."""
        self._transport.delete(f"sessions/{session}/")

    def end_sessions(self) -> int:
        """Sign all browsers out; returns how many."""
        return int(self._transport.request("DELETE", "sessions/")["ended"])
