"""What may be done with a job in each state, by whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from datasets_app.models import Dataset
from jobs_app import tasks
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Job
from samplecase.web.accounts.models import User
from tests.api.jobs_life.working import (
    ACTIONS,
    URL,
    answers,
    claim,
    commit,
    work,
)

pytestmark = pytest.mark.django_db


ALLOWED = {
    "queued": {"pause", "cancel"},
    "running": {"pause", "cancel"},
    "paused": {"resume", "cancel"},
    "finished": {"retry", "undo"},
    "failed": {"retry", "undo"},
    "cancelled": {"retry", "undo"},
    "undoing": set[str](),
    "undone": set[str](),
}
ROLES: dict[str, set[str]] = {
    "owner without label": set(ACTIONS) - {"undo"},
    "owner with label": set(ACTIONS),
    "view": set(),
    "label": set(),
    "edit": set(ACTIONS),
    "superuser": set(ACTIONS),
}


@pytest.fixture
def job_in(ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]) -> Callable[..., Job]:
    """`job_in("paused", user=…)`: a job that came into that state, with one failed sample where it has ended."""

    def make(state: str, user: User) -> Job:
        job = make_job(is_started=state != "queued", user=user)
        if state in {"finished", "undoing", "undone"}:
            work(ledger, failing=samples[5:6])
        if state in {"failed", "cancelled", "paused"}:
            found = claim(ledger)
            assert commit(ledger, found, answers(found, failing=samples[1:2]))
            job.refresh_from_db()
        if state == "failed":
            ledger.fail_job(job=job.pk, code="x", message="y")
        if state in {"paused", "cancelled", "undoing", "undone"}:
            from jobs_app import steering

            verb = {"paused": steering.pause, "cancelled": steering.cancel}.get(state, steering.undo)
            verb(job=job, acting_user=user)
        if state == "undone":
            tasks.undo(job.pk)
        job.refresh_from_db()
        assert job.state == state
        return job

    return make


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", ALLOWED)
def test_can_says_exactly_what_each_may_do_in_each_state(
    job_in: Callable[..., Job],
    dataset: Dataset,
    model: Any,
    make_user: Callable[..., User],
    client_of: Callable[..., APIClient],
    grant: Any,
    superuser: User,
    state: str,
    role: str,
) -> None:
    from django.db import transaction
    from guardian.shortcuts import remove_perm

    runner = make_user("runner")
    grant(dataset, runner, "label")
    grant(model, runner, "run")
    job = job_in(state, runner)
    if role.startswith("owner"):
        person = runner
    elif role == "superuser":
        person = superuser
    else:
        person = make_user("person")
        grant(dataset, person, role)
    if role == "owner without label":
        remove_perm("datasets_app.label_dataset", runner, dataset)
        grant(dataset, runner, "view")
    api = client_of(person)
    expected = [action for action in ACTIONS if action in ALLOWED[state] & ROLES[role]]
    assert api.get(f"{URL}{job.pk}/").json()["can"] == expected
    for action in ACTIONS:
        with transaction.atomic():
            answer = api.post(f"{URL}{job.pk}/{action}/")
            after = Job.objects.get(pk=job.pk).state
            transaction.set_rollback(True)
        is_idle_repeat = (action, state) == ("cancel", "cancelled") and action in ROLES[role]
        if action not in ROLES[role]:
            wanted = 403
        elif action in ALLOWED[state] or is_idle_repeat:
            # Who lost his right on the data may still steer the job to rest, but not set it to work.
            wanted = 409 if role == "owner without label" and action in {"resume", "retry"} else 200
        else:
            wanted = 409
        assert answer.status_code == wanted, (action, answer.content)
        assert answer.json()["error"]["message"] if wanted != 200 else after != state or is_idle_repeat


@pytest.mark.parametrize("action", ACTIONS)
def test_strangers_and_anonymous_people_meet_no_action(
    job_in: Callable[..., Job], owner: User, stranger_api: APIClient, anonymous_api: APIClient, action: str
) -> None:
    job = job_in("running", owner)
    assert stranger_api.post(f"{URL}{job.pk}/{action}/").status_code == 404
    assert anonymous_api.post(f"{URL}{job.pk}/{action}/").status_code == 401
    job.refresh_from_db()
    assert job.state == "running"
