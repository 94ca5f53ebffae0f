"""The audit log: who did what, when."""

from __future__ import annotations

from collections.abc import Iterator

from samplecase.client.account_types import AuditRow
from samplecase.client.transport import Transport


class Audit:
    """All of the log for superusers, for others what concerns their account and what they own."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        action: str | None = None,
        actor: str | None = None,
        type: str | None = None,
        id: str | None = None,
        since: str | None = None,
        until: str | None = None,
        search: str | None = None,
        limit: int | None = None,
    ) -> Iterator[AuditRow]:
        """Rows, the newest first, read page by page of `limit` rows as they are asked for.

        `action` is one, `job.submit`, or all of a kind, `job`; `since` and `until` are times of ISO 8601.
        """
        return self._transport.pages(
            "audit/",
            action=action,
            actor=actor,
            type=type,
            id=id,
            since=since,
            until=until,
            search=search,
            limit=limit,
        )
