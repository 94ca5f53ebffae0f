"""Jobs: submitted, followed, cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import cast

from samplecase.client.transport import Transport
from samplecase.client.types import Entry, Job, Json, Preview, SampleError, Submission
from samplecase.client.waiting import poll
from samplecase.contracts.states import JobState

# A paused job goes on only when a person says so: whoever follows it is told, and decides.
RESTING = frozenset({str(state) for state in JobState if state.is_final} | {str(JobState.PAUSED)})


class Jobs:
    """What one may do with jobs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def submit(
        self,
        dataset: int,
        entries: Sequence[Entry],
        *,
        filter: Json | None = None,
        samples: Sequence[int] | None = None,
        dry_run: int | None = None,
        idempotency_key: str | None = None,
    ) -> Submission:
        """Run models over the samples of a dataset: one job per entry, all of them or none.

        With `dry_run`, on so many of them only, and without writing a field: `preview` has the outputs.
        The request carries an idempotency key (its own, unless one is given), so it may be sent again when the
        connection fails and still makes the jobs once.
        """
        body: Json = {"dataset": dataset, "entries": [*entries]}
        if filter is not None:
            body["filter"] = filter
        if samples is not None:
            body["samples"] = [*samples]
        if dry_run is not None:
            body["dry_run"] = dry_run
        key = idempotency_key or str(uuid.uuid4())
        return cast(Submission, self._transport.post("jobs/", body, idempotency_key=key))

    def list(
        self,
        *,
        dataset: int | None = None,
        model: int | None = None,
        state: str | None = None,
        kind: str | None = None,
    ) -> Iterator[Job]:
        return self._transport.pages("jobs/", dataset=dataset, model=model, state=state, kind=kind)

    def get(self, job: int) -> Job:
        return cast(Job, self._transport.get(f"jobs/{job}/"))

    def follow(self, job: int, *, every: float = 0.5, timeout: float | None = None) -> Iterator[Job]:
        """The job again and again, until it has ended or is paused."""
        return poll(
            lambda: self.get(job), until=lambda seen: seen["state"] in RESTING, every=every, timeout=timeout
        )

    def wait(self, job: int, *, timeout: float | None = None) -> Job:
        """The job once it has ended or is paused: look at `state`, `failed` and `error`."""
        *_, last = self.follow(job, timeout=timeout)
        return last

    def pause(self, job: int) -> Job:
        """Let it rest: nothing of it is written until it is resumed."""
        return self._act(job, "pause")

    def resume(self, job: int) -> Job:
        return self._act(job, "resume")

    def cancel(self, job: int) -> Job:
        """End it; what it has written stays."""
        return self._act(job, "cancel")

    def retry(self, job: int) -> Job:
        """Run it again for the samples that failed or were cancelled."""
        return self._act(job, "retry")

    def undo(self, job: int) -> Job:
        """Take its values back, in the background: follow it until it is undone."""
        return self._act(job, "undo")

    def _act(self, job: int, action: str) -> Job:
        return cast(Job, self._transport.post(f"jobs/{job}/{action}/"))

    def preview(self, job: int) -> Sequence[Preview]:
        """What the model of a dry run answered."""
        return cast("Sequence[Preview]", self._transport.get(f"jobs/{job}/preview/")["results"])

    def errors(self, job: int, *, reason: str | None = None) -> Iterator[SampleError]:
        """Why samples have no result; with a `reason`, those that failed for it."""
        return self._transport.pages(f"jobs/{job}/errors/", reason=reason)

    def reasons(self, job: int) -> Sequence[Json]:
        """`{reason, count, message}` of samples without a result, the most frequent reason first."""
        return cast("Sequence[Json]", self._transport.get(f"jobs/{job}/errors/reasons/")["results"])

    def log(self, job: int) -> str:
        """What the model printed; for the job's owner and superusers."""
        return str(self._transport.get(f"jobs/{job}/log/")["log"])
