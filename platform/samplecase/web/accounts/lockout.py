"""How often a password may be guessed: failed tries are counted, and too many of them lock, for a while.

A try is counted before the password is looked at and taken back when it was right, so that many tries at once are
counted too. A browser that has signed in as somebody before bears a signed cookie: its tries for that account are
counted by themselves. So whoever guesses from elsewhere can lock an account, but not for those browsers.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import ErrorDetail, Throttled

from samplecase.web.accounts.models import SignInTally, TallyScope, User, record
from samplecase.web.accounts.names import as_stored
from samplecase.web.rest.limits import address_of

LIMITS = {TallyScope.BROWSER: 10, TallyScope.PAIR: 10, TallyScope.ADDRESS: 50, TallyScope.ACCOUNT: 100}
WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)

COOKIE = "samplecase_browser"
COOKIE_SECONDS = 365 * 24 * 3600
_SALT = "samplecase.browser"


class LockedOut(Throttled):
    """Too many tries failed: whoever it is has to wait, or to come in by a one-time link."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.seconds = math.ceil(wait)
        minutes = max(1, round(wait / 60))
        self.detail = ErrorDetail(
            f"Too many tries failed. Wait {minutes} minute{'' if minutes == 1 else 's'}, or ask whoever runs this "
            "server for a one-time link."
        )


class SignInTries:
    """The tries of one request to sign in as `username`."""

    def __init__(self, request: Any, username: object) -> None:
        self._account = _account_of(str(username))
        self._name = str(username)
        self._address = address_of(request)
        self._keys = self._counted_by(request)

    def count(self) -> None:
        """Count a try as failed. Raises `LockedOut` where there were too many already."""
        now = timezone.now()
        _raise_if_locked(SignInTally.objects.filter(key__in=self._keys.values()), now)
        with transaction.atomic():
            tallies = list(self._held(now))
            full = [each for each in tallies if each.failures >= LIMITS[TallyScope(each.scope)]]
            for each in full:
                self._lock(each, now)
            if not full:
                for each in tallies:
                    each.failures += 1
            SignInTally.objects.bulk_update(tallies, ["failures", "since", "locked_until"])
        _raise_if_locked(tallies, now)

    def succeeded(self) -> None:
        """Take the try back; the account's own failures from here are forgotten."""
        with transaction.atomic():
            for tally in self._held(timezone.now()):
                is_own = tally.scope in {TallyScope.BROWSER, TallyScope.PAIR}
                tally.failures = 0 if is_own else max(0, tally.failures - 1)
                tally.save(update_fields=["failures", "since"])

    def _counted_by(self, request: Any) -> dict[TallyScope, str]:
        browser = _known_browser(request, self._name)
        if browser:
            return {TallyScope.BROWSER: _digest("browser", browser)}
        return {
            TallyScope.PAIR: _digest("pair", self._address, self._account),
            TallyScope.ADDRESS: _digest("address", self._address),
            TallyScope.ACCOUNT: self._account,
        }

    def _held(self, now: datetime) -> Iterable[SignInTally]:
        """The rows, locked in one order so that no two requests wait for each other; old failures are over."""
        new = [SignInTally(key=key, scope=scope, since=now) for scope, key in self._keys.items()]
        SignInTally.objects.bulk_create(new, ignore_conflicts=True)
        found = SignInTally.objects.select_for_update().filter(key__in=self._keys.values()).order_by("key")
        for tally in found:
            if tally.since < now - WINDOW:
                tally.failures, tally.since = 0, now
            yield tally

    def _lock(self, tally: SignInTally, now: datetime) -> None:
        tally.failures, tally.since, tally.locked_until = 0, now, now + LOCK
        subject = User.objects.filter(username=_storable(self._name)).first() or tally
        minutes = int(LOCK.total_seconds() // 60)
        record(
            actor=None,
            action="user.lock_out",
            subject=subject,
            counted=tally.scope,
            address=self._address,
            minutes=minutes,
        )


def unlock(username: str) -> None:
    """Let the account be tried again from everywhere: its person has come in by a link, or was let in by staff."""
    SignInTally.objects.filter(key=_account_of(username)).delete()


def forget_old_tallies() -> int:
    """Delete what no longer counts; rows that somebody holds just now are left for the next time."""
    with transaction.atomic():
        old = SignInTally.objects.filter(since__lt=timezone.now() - WINDOW - LOCK)
        held = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:10_000])
        return SignInTally.objects.filter(pk__in=held).delete()[0]


def remember_browser(response: HttpResponse, user: User) -> None:
    """Let this browser's tries for `user` be counted by themselves from now on."""
    response.set_cookie(
        COOKIE,
        signing.dumps([_digest("name", user.username), secrets.token_urlsafe(16)], salt=_SALT),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known_browser(request: Any, name: str) -> str | None:
    try:
        known, browser = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    # The very name, not its account's digest: "boß" is counted with "boss", but is somebody else, and whoever it is
    # gets as many cookies as he likes.
    return str(browser) if known == _digest("name", _as_read(name)) else None


def _account_of(username: str) -> str:
    # Django's users differ by case, people who guess do not.
    return _digest("account", _as_read(username).casefold())


def _as_read(username: str) -> str:
    """As the form reads it."""
    return as_stored(username).strip()


def _raise_if_locked(tallies: Iterable[SignInTally], now: datetime) -> None:
    until = max((each.locked_until for each in tallies if each.locked_until), default=now)
    if until > now:
        raise LockedOut((until - now).total_seconds())


def _storable(text: str) -> str:
    """Without what no database takes: NUL, and halves of a character."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
