"""The life of a job over REST: paused, resumed, retried, undone, tried first, and never more than one may have."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from datasets_app.models import Dataset, Field, LabelClass, LabelIndex, Sample, Value, ValueHistory
from datasets_app.values import NewValue, delete_values, write_values
from jobs_app import starting, tasks
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Chunk, Job, JobField, Preview, SampleError
from samplecase.contracts.jobs import ChunkClaim, SampleResult
from samplecase.contracts.states import OnExisting, Outcome, Source
from samplecase.web.accounts.models import AuditEntry, User

pytestmark = pytest.mark.django_db
URL = "/api/v1/jobs/"
SUBJECT_OF = {"label": "3", "confidence": 0.5}


@pytest.fixture(autouse=True)
def _small_chunks(settings: Any) -> None:
    settings.CHUNK_SIZE = 4


@pytest.fixture
def samples(dataset: Dataset, add_samples: Callable[..., list[int]]) -> list[int]:
    return add_samples(dataset, 10)


@pytest.fixture
def ledger() -> DatabaseLedger:
    return DatabaseLedger()


def claim(ledger: DatabaseLedger) -> ChunkClaim:
    found = ledger.claim_chunk(executor="here", lease_seconds=30)
    assert found is not None
    return found


def answers(found: ChunkClaim, *, failing: Iterable[int] = (), label: str = "3") -> list[SampleResult]:
    bad = set(failing)
    return [
        SampleResult(each.id, Outcome.ERROR, reason="exception", message="ValueError")
        if each.id in bad
        else SampleResult(each.id, Outcome.DONE, {"predictions": {"label": label, "confidence": 0.5}})
        for each in found.samples
    ]


def commit(ledger: DatabaseLedger, found: ChunkClaim, results: list[SampleResult]) -> bool:
    return ledger.commit(chunk=found.chunk, fence=found.fence, results=results)


def work(ledger: DatabaseLedger, *, failing: Iterable[int] = (), label: str = "3") -> list[int]:
    """Do what can be claimed; return the samples that a model was given."""
    given: list[int] = []
    while found := ledger.claim_chunk(executor="here", lease_seconds=30):
        given += [each.id for each in found.samples]
        assert commit(ledger, found, answers(found, failing=failing, label=label))
    return given


def act(api: APIClient, job: Job, action: str, status: int = 200) -> dict[str, Any]:
    answer = api.post(f"{URL}{job.pk}/{action}/")
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    job.refresh_from_db()
    return body


def undone(api: APIClient, job: Job) -> dict[str, Any]:
    assert act(api, job, "undo")["state"] == "undoing"
    tasks.undo(job.pk)
    shown: dict[str, Any] = api.get(f"{URL}{job.pk}/").json()
    assert shown["state"] == "undone"
    return shown


def assert_counters_equal_rows(job: Job) -> None:
    job.refresh_from_db()
    marks = Counter("".join(Chunk.objects.filter(job=job).values_list("outcomes", flat=True)))
    assert (job.done, job.failed, job.cancelled) == (marks["d"], marks["e"], marks["c"])
    assert job.skipped == sum(marks[mark] for mark in "hxgs")
    assert job.total == marks.total()
    assert SampleError.objects.filter(job=job).count() == marks["e"]
    assert job.open_chunks == Chunk.objects.filter(job=job, state__in=["pending", "claimed"]).count()


def assert_field_counters_equal_rows(field: Field) -> None:
    field.refresh_from_db()
    assert field.value_count == Value.objects.filter(field=field).count()
    labels = Counter(LabelIndex.objects.filter(field=field).values_list("label_class__name", flat=True))
    counted = LabelClass.objects.filter(field=field, count__gt=0).values_list("name", "count")
    assert dict(counted) == dict(labels)


# Each state × action × role ------------------------------------------------------------------------------------------

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
ACTIONS = ("pause", "resume", "cancel", "retry", "undo")
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


# Pause and resume ----------------------------------------------------------------------------------------------------


def test_after_a_pause_nothing_is_written_and_after_resuming_nothing_is_missing(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    held = claim(ledger)
    assert commit(ledger, held, answers(held)[:2])
    assert act(owner_api, job, "pause")["state"] == "paused"
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None
    assert not commit(ledger, held, answers(held, label="late"))
    assert ledger.renew(claims=[(held.chunk, held.fence)], lease_seconds=30) == set()
    ledger.fail_job(job=job.pk, code="late", message="late")
    assert_counters_equal_rows(job)
    assert (job.state, job.done) == ("paused", 2)
    assert act(owner_api, job, "resume")["state"] == "running"
    assert not commit(ledger, held, answers(held, label="late"))
    given = work(ledger)
    assert given == samples[2:]
    assert not commit(ledger, held, answers(held, label="late"))
    assert_counters_equal_rows(job)
    assert (job.state, job.done) == ("finished", 10)
    assert set(Value.objects.values_list("label", flat=True)) == {"3"}
    assert (
        list(AuditEntry.objects.filter(action__startswith="job.").values_list("action", flat=True)).count(
            "job.pause"
        )
        == 1
    )


def test_a_paused_job_keeps_its_field(
    owner_api: APIClient, samples: list[int], make_job: Callable[..., Job]
) -> None:
    from samplecase.contracts.errors import Conflict

    job = make_job()
    act(owner_api, job, "pause")
    with pytest.raises(Conflict) as refused:
        make_job()
    assert refused.value.code == "field_busy"


def test_a_queued_job_that_was_paused_starts_when_it_is_resumed(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(is_started=False)
    act(owner_api, job, "pause")
    assert not tasks.start_job(job.pk)
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert starting.sweep() == 0
    shown = act(owner_api, job, "resume")
    assert (shown["state"], shown["started_at"] is None) == ("running", False)
    assert len(work(ledger)) == 10


@pytest.mark.parametrize(
    ("trouble", "code"), [("stopped", "deployment_stopped"), ("inactive", "rights"), ("field", "field_gone")]
)
@pytest.mark.parametrize("action", ["resume", "retry"])
def test_what_may_no_longer_run_is_not_set_to_work_and_stays_as_it_is(
    superuser_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    ready_deployment: Any,
    owner: User,
    trouble: str,
    code: str,
    action: str,
) -> None:
    job = make_job()
    act(superuser_api, job, {"resume": "pause", "retry": "cancel"}[action])
    before = job.state
    match trouble:
        case "stopped":
            type(ready_deployment).objects.update(state="stopped")
        case "inactive":
            User.objects.filter(pk=owner.pk).update(is_active=False)
        case "field":
            Field.objects.update(deleted_at=timezone.now())
    refused = act(superuser_api, job, action, 409)["error"]
    assert refused["code"] == code
    assert refused["message"]
    assert job.state == before
    assert_counters_equal_rows(job)
    assert JobField.objects.filter(is_open=True).exists() == (before == "paused")


def test_a_job_without_its_deployment_cannot_go_on(
    owner_api: APIClient, samples: list[int], make_job: Callable[..., Job], ready_deployment: Any
) -> None:
    job = make_job()
    act(owner_api, job, "pause")
    ready_deployment.delete()
    assert owner_api.get(f"{URL}{job.pk}/").json()["can"] == ["cancel"]
    assert "deleted" in act(owner_api, job, "resume", 409)["error"]["message"]
    assert act(owner_api, job, "cancel")["can"] == ["undo"]


def test_a_job_that_was_paused_says_the_rate_since_it_goes_on(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    found = claim(ledger)
    assert commit(ledger, found, answers(found))
    act(owner_api, job, "pause")
    act(owner_api, job, "resume")
    assert owner_api.get(f"{URL}{job.pk}/").json()["rate"] is None
    found = claim(ledger)
    assert commit(ledger, found, answers(found))
    job.refresh_from_db()
    Job.objects.update(
        started_at=job.updated_at - timedelta(hours=1), resumed_at=job.updated_at - timedelta(seconds=2)
    )
    assert owner_api.get(f"{URL}{job.pk}/").json()["rate"] == 2


def test_an_evaluation_is_paused_and_goes_on_where_it_was(
    owner_api: APIClient, dataset: Dataset, samples: list[int], owner: User
) -> None:
    from jobs_app.evaluating import evaluate

    for name in ("guess", "truth"):
        field = Field.objects.create(dataset=dataset, name=name, type="classification")
        rows = [NewValue(sample, {"label": "1"}) for sample in samples]
        write_values(field=field, rows=rows, source=Source.IMPORT)
    job = evaluate(dataset=dataset, predictions="guess", ground_truth="truth", acting_user=owner)
    assert starting.start(job.pk)
    assert act(owner_api, job, "pause")["can"] == ["resume", "cancel"]
    tasks.evaluate(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("paused", 0)
    assert act(owner_api, job, "resume")["state"] == "running"
    tasks.evaluate(job.pk)
    shown = owner_api.get(f"{URL}{job.pk}/").json()
    assert (shown["state"], shown["done"], shown["can"]) == ("finished", 10, [])
    assert act(owner_api, job, "retry", 409)


# The error threshold -------------------------------------------------------------------------------------------------


def test_a_job_whose_first_samples_all_fail_is_paused_and_resuming_goes_on_without_the_threshold(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    settings: Any,
    samples: list[int],
    make_job: Callable[..., Job],
) -> None:
    settings.ERROR_THRESHOLD = 6
    job = make_job()
    assert work(ledger, failing=samples) == samples[:8]
    assert_counters_equal_rows(job)
    shown = owner_api.get(f"{URL}{job.pk}/").json()
    assert (shown["state"], shown["reason"], shown["failed"]) == ("paused", "error_threshold", 8)
    assert act(owner_api, job, "resume")["reason"] == ""
    assert work(ledger, failing=samples) == samples[8:]
    assert_counters_equal_rows(job)
    assert (job.state, job.failed) == ("finished", 10)


def test_a_small_job_of_which_all_samples_fail_is_paused_and_finished_by_resuming(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:3])
    work(ledger, failing=samples)
    job.refresh_from_db()
    assert (job.state, job.reason, job.open_chunks) == ("paused", "error_threshold", 0)
    assert act(owner_api, job, "resume")["state"] == "finished"
    assert not JobField.objects.filter(is_open=True).exists()


def test_one_sample_that_is_done_keeps_a_job_going(
    ledger: DatabaseLedger, settings: Any, samples: list[int], make_job: Callable[..., Job]
) -> None:
    settings.ERROR_THRESHOLD = 2
    job = make_job()
    work(ledger, failing=samples[1:])
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == ("finished", 1, 9)


def test_a_threshold_of_zero_pauses_nothing(
    ledger: DatabaseLedger, settings: Any, samples: list[int], make_job: Callable[..., Job]
) -> None:
    settings.ERROR_THRESHOLD = 0
    job = make_job()
    work(ledger, failing=samples)
    job.refresh_from_db()
    assert (job.state, job.failed) == ("finished", 10)


# Retry ---------------------------------------------------------------------------------------------------------------


def test_a_finished_job_tries_its_failed_samples_again_and_no_other(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    bad = [samples[1], samples[5]]
    work(ledger, failing=bad)
    revisions = dict(Value.objects.values_list("sample", "revision"))
    shown = act(owner_api, job, "retry")
    assert (shown["state"], shown["done"], shown["failed"]) == ("running", 8, 0)
    assert shown["finished_at"] is None
    assert not SampleError.objects.exists()
    assert_counters_equal_rows(job)
    assert work(ledger, failing=bad[1:]) == bad
    assert_counters_equal_rows(job)
    assert (job.state, job.done, job.failed) == ("finished", 9, 1)
    assert dict(Value.objects.values_list("sample", "revision")) == revisions | {bad[0]: 1}
    act(owner_api, job, "retry")
    assert work(ledger) == bad[1:]
    assert act(owner_api, job, "retry", 409)["error"]["message"].startswith("No sample")


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_job_that_was_ended_does_what_it_had_left(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job], end: str
) -> None:
    job = make_job()
    held = claim(ledger)
    assert commit(ledger, held, answers(held, failing=samples[:1])[:3])
    if end == "cancelled":
        act(owner_api, job, "cancel")
    else:
        ledger.fail_job(job=job.pk, code="model_not_started", message="no torch")
    shown = act(owner_api, job, "retry")
    assert (shown["state"], shown["reason"], shown["error"], shown["cancelled"]) == ("running", "", None, 0)
    assert not commit(ledger, held, answers(held, label="late"))
    assert work(ledger) == [samples[0], *samples[3:]]
    assert_counters_equal_rows(job)
    assert (job.state, job.done) == ("finished", 10)
    assert set(Value.objects.values_list("label", flat=True)) == {"3"}


def test_a_job_is_not_retried_while_another_one_writes_its_field(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    work(ledger, failing=samples[:1])
    other = make_job(on_existing=OnExisting.REPLACE)
    for action in ("retry", "undo"):
        assert act(owner_api, job, action, 409)["error"]["code"] == "field_busy"
        assert job.state == "finished"
        assert_counters_equal_rows(job)
    act(owner_api, other, "cancel")
    act(owner_api, job, "retry")
    assert work(ledger) == samples[:1]


# Undo ----------------------------------------------------------------------------------------------------------------


def write(field: Field, sample: int, label: str, source: Source, user: User | None = None) -> None:
    rows = [NewValue(sample, {"label": label})]
    write_values(field=field, rows=rows, source=source, acting_user=user)


PROVENANCE = ("sample", "data", "label", "source", "job", "model_version", "origin", "editor", "written_at")


def standing(field: Field) -> list[Any]:
    return sorted(Value.objects.filter(field=field).values_list(*PROVENANCE), key=lambda row: row[0])


def test_undo_leaves_the_field_as_it_was_before_the_job(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
) -> None:
    field = Field.objects.create(dataset=dataset, name="digits", type="classification")
    write(field, samples[0], "imported", Source.IMPORT)
    write(field, samples[1], "human", Source.HUMAN, owner)
    write(field, samples[2], "emptied", Source.IMPORT)
    first = make_job(samples=samples[3:6], on_existing=OnExisting.REPLACE)
    work(ledger, label="first")
    before = standing(field)
    revisions = dict(Value.objects.values_list("sample", "revision"))
    job = make_job(on_existing=OnExisting.REPLACE)
    Value.objects.filter(job=first.pk).update(origin="another model")
    before = [(*row[:6], "another model", *row[7:]) if row[4] == first.pk else row for row in before]
    while found := ledger.claim_chunk(executor="here", lease_seconds=30):
        results = [
            SampleResult(
                each.id, Outcome.DONE, {"predictions": None if each.id == samples[2] else SUBJECT_OF}
            )
            for each in found.samples
        ]
        assert commit(ledger, found, results)
    assert Value.objects.filter(job=job.pk).count() == 8
    shown = undone(owner_api, job)
    assert shown["undo"] == {"restored": 9, "kept": 0}
    assert standing(field) == before
    again = dict(Value.objects.values_list("sample", "revision"))
    assert all(again[sample] > revisions[sample] for sample in (samples[0], *samples[3:6]))
    assert again[samples[1]] == revisions[samples[1]]
    assert_field_counters_equal_rows(field)
    assert_counters_equal_rows(job)
    assert not JobField.objects.filter(is_open=True).exists()
    assert undone(owner_api, first)["undo"] == {"restored": 3, "kept": 0}
    assert [row[0] for row in standing(field)] == samples[:3]


def test_undo_keeps_and_counts_what_others_have_changed_since(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
) -> None:
    job = make_job()
    work(ledger)
    field = Field.objects.get(name="digits")
    write(field, samples[0], "corrected", Source.HUMAN, owner)
    delete_values(field=field, samples=[samples[1]], acting_user=owner)
    later = make_job(samples=samples[2:4], on_existing=OnExisting.REPLACE)
    Value.objects.update(origin="")
    work(ledger, label="later")
    shown = undone(owner_api, job)
    assert shown["undo"] == {"restored": 6, "kept": 4}
    assert dict(Value.objects.values_list("sample", "label")) == {
        samples[0]: "corrected",
        samples[2]: "later",
        samples[3]: "later",
    }
    assert_field_counters_equal_rows(field)
    assert ValueHistory.objects.filter(field=field, job=job.pk).count() == 10
    assert undone(owner_api, later)["undo"] == {"restored": 2, "kept": 0}
    assert dict(Value.objects.values_list("sample", "label")) == {
        samples[0]: "corrected",
        samples[2]: "3",
        samples[3]: "3",
    }


def test_a_field_that_the_job_made_goes_with_it_unless_something_else_is_in_it(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
) -> None:
    job = make_job(outputs={"predictions": "digits", "score": "score"})
    while found := ledger.claim_chunk(executor="here", lease_seconds=30):
        values = {"predictions": SUBJECT_OF, "score": 0.5}
        assert commit(ledger, found, [SampleResult(each.id, Outcome.DONE, values) for each in found.samples])
    write(Field.objects.get(name="digits"), samples[0], "mine", Source.HUMAN, owner)
    assert undone(owner_api, job)["undo"] == {"restored": 19, "kept": 1}
    assert list(Field.objects.values_list("name", "value_count")) == [("digits", 1)]


def test_a_deleted_field_comes_back_without_the_work_of_a_job_that_was_undone(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
) -> None:
    job = make_job()
    work(ledger)
    Field.objects.update(deleted_at=timezone.now())
    undone(owner_api, job)
    Field.with_deleted.update(deleted_at=None)
    assert_field_counters_equal_rows(Field.objects.get(name="digits"))
    assert not Value.objects.exists()


def test_an_undo_goes_on_where_it_was_and_its_lost_doorbell_is_rung_again(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    job = make_job()
    work(ledger)
    act(owner_api, job, "undo")
    monkeypatch.setattr("jobs_app.stretches.STRETCH", 0)
    rung: list[int] = []
    monkeypatch.setattr("jobs_app.doorbell.ring_undo", rung.append)
    tasks.undo(job.pk)
    job.refresh_from_db()
    assert (job.state, job.undo_restored, rung) == ("undoing", 4, [job.pk])
    assert starting.sweep() == 0
    Job.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert starting.sweep() == 1
    assert rung == [job.pk] * 2
    Sample.objects.filter(pk=samples[9]).delete()
    for _ in range(3):
        tasks.undo(job.pk)
    job.refresh_from_db()
    assert (job.state, job.undo_restored, job.undo_kept) == ("undone", 9, 0)
    tasks.undo(job.pk)
    assert not Value.objects.exists()


# Dry runs ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def order(dataset: Dataset, ready_deployment: Any, samples: list[int]) -> Callable[..., dict[str, Any]]:
    def make(**changes: Any) -> dict[str, Any]:
        entry = {"deployment": ready_deployment.pk, "outputs": {"predictions": "digits"}}
        return {"dataset": dataset.pk, "entries": [entry], **changes}

    return make


def test_a_dry_run_shows_outputs_and_leaves_no_trace_in_fields(
    owner_api: APIClient,
    superuser_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    order: Callable[..., dict[str, Any]],
) -> None:
    made = owner_api.post(URL, order(dry_run=4)).json()["jobs"][0]
    assert (made["total"], made["dry_run"], made["outputs"]) == (4, 4, {"predictions": "digits"})
    assert starting.start(made["id"])
    spread = [samples[0], samples[3], samples[6], samples[9]]
    assert work(ledger, failing=[samples[3]]) == spread
    job = Job.objects.get(pk=made["id"])
    assert_counters_equal_rows(job)
    assert (job.state, job.done, job.failed) == ("finished", 3, 1)
    assert not Field.objects.exists()
    assert not Value.objects.exists()
    assert not JobField.objects.exists()
    for api in (owner_api, superuser_api):
        rows = api.get(f"{URL}{job.pk}/preview/").json()["results"]
        assert [row["sample"] for row in rows] == spread
        assert rows[0] == {
            "sample": samples[0], "name": "00000.png", "outputs": {"predictions": SUBJECT_OF},
        }  # fmt: skip
        assert rows[1]["outputs"] == {}
        assert rows[1]["error"] == {"reason": "exception", "message": "ValueError"}
    assert owner_api.get(f"{URL}{job.pk}/").json()["can"] == ["retry"]
    assert "dry run" in act(owner_api, job, "undo", 409)["error"]["message"]
    act(owner_api, job, "retry")
    assert work(ledger) == [samples[3]]
    assert Preview.objects.filter(job=job).count() == 4
    assert not Field.objects.exists()


@pytest.mark.parametrize(("given", "total"), [(True, 8), (1, 1), (100, 10), (None, None), (False, None)])
def test_a_dry_run_is_on_as_many_samples_as_asked_for_or_eight(
    owner_api: APIClient, order: Callable[..., dict[str, Any]], given: Any, total: int | None
) -> None:
    answer = owner_api.post(URL, order(dry_run=given))
    assert answer.status_code == 201, answer.content
    made = answer.json()["jobs"][0]
    assert made["total"] == (total or 10)
    assert (made["dry_run"] is None) == (total is None)


@pytest.mark.parametrize("given", [0, -1, 101, 1.5, "many", [], {}])
def test_a_dry_run_on_nonsense_is_refused_at_its_place(
    owner_api: APIClient, order: Callable[..., dict[str, Any]], given: Any
) -> None:
    answer = owner_api.post(URL, order(dry_run=given))
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == "/dry_run"


def test_a_dry_run_needs_no_free_field_and_no_empty_one(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    order: Callable[..., dict[str, Any]],
    make_job: Callable[..., Job],
) -> None:
    make_job()
    found = claim(ledger)
    assert commit(ledger, found, answers(found))
    answer = owner_api.post(URL, order(dry_run=2))
    assert answer.status_code == 201, answer.content


def test_a_dry_run_of_which_all_fails_is_finished(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], order: Callable[..., dict[str, Any]]
) -> None:
    made = owner_api.post(URL, order(dry_run=2)).json()["jobs"][0]
    assert starting.start(made["id"])
    work(ledger, failing=samples)
    assert owner_api.get(f"{URL}{made['id']}/").json()["state"] == "finished"


def test_outputs_of_a_dry_run_are_its_owners(
    collaborator_api: APIClient,
    collaborator: User,
    dataset: Dataset,
    grant: Any,
    owner_api: APIClient,
    order: Callable[..., dict[str, Any]],
) -> None:
    made = owner_api.post(URL, order(dry_run=2)).json()["jobs"][0]
    grant(dataset, collaborator, "edit")
    assert collaborator_api.get(f"{URL}{made['id']}/preview/").status_code == 403


# What is the same is not computed again ------------------------------------------------------------------------------


def test_a_rerun_of_the_same_version_over_the_same_inputs_asks_the_model_for_nothing_that_is_there(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
) -> None:
    first = make_job(samples=samples[:6])
    work(ledger, failing=samples[4:5])
    write(Field.objects.get(name="digits"), samples[0], "corrected", Source.HUMAN, owner)
    again = make_job(on_existing=OnExisting.REPLACE)
    assert work(ledger, label="again") == [samples[4], *samples[6:]]
    assert_counters_equal_rows(again)
    assert "".join(Chunk.objects.filter(job=again).values_list("outcomes", flat=True)) == "hsssdsdddd"
    assert (again.state, again.skipped) == ("finished", 5)
    assert undone(owner_api, again)["undo"] == {"restored": 5, "kept": 0}
    assert Value.objects.filter(job=first.pk).count() == 4


def test_another_version_output_or_input_is_another_value(
    ledger: DatabaseLedger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
    ready_deployment: Any,
) -> None:
    versions = type(ready_deployment.version).objects
    schema = ready_deployment.version.schema | {
        "inputs": {
            "type": "object",
            "properties": {
                "image_paths": {"type": "local"},
                "hint": {"type": "classification"},
                "size": {"type": "integer", "default": 3},
            },
        }
    }
    versions.update(schema=schema)
    ready_deployment.version.refresh_from_db()
    hint = Field.objects.create(dataset=dataset, name="hint", type="classification")
    write(hint, samples[0], "a", Source.IMPORT)

    def given(**entry: Any) -> list[int]:
        make_job(samples=samples[:3], on_existing=OnExisting.REPLACE, **entry)
        return work(ledger)

    by_field = {"inputs": {"hint": "hint"}}
    assert given(**by_field) == samples[:3]
    assert given(**by_field) == []
    write(hint, samples[0], "b", Source.IMPORT)
    assert given(**by_field) == samples[:1]
    assert given(inputs={"size": {"constant": 5}}) == samples[:3]
    assert given(inputs={"size": {"constant": 5}}) == []
    assert given() == samples[:3]
    assert given(inputs={"size": {"constant": 3}}) == []  # its default
    versions.update(sha256="f" * 64)
    ready_deployment.version.refresh_from_db()
    assert given() == samples[:3]
    outputs = {"type": "object", "properties": {"predictions": {"type": "classification", "enum": ["3"]}}}
    versions.update(schema=schema | {"outputs": outputs})  # the same zip, with another schema beside it
    ready_deployment.version.refresh_from_db()
    assert given() == samples[:3]
    assert given() == []


def test_a_sample_is_run_again_if_one_of_its_fields_has_another_value(
    ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    make_job(samples=samples[:2])
    work(ledger)
    make_job(
        samples=samples[:2],
        outputs={"predictions": "digits", "score": "score"},
        on_existing=OnExisting.REPLACE,
    )
    assert work(ledger) == samples[:2]


# Limits and turns ----------------------------------------------------------------------------------------------------


def test_a_user_has_only_so_many_unfinished_jobs(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    settings: Any,
    samples: list[int],
    make_job: Callable[..., Job],
    order: Callable[..., dict[str, Any]],
) -> None:
    settings.MAX_JOBS_PER_USER = 2
    ended = make_job()
    work(ledger, failing=samples[:1])
    jobs = [make_job(outputs={"predictions": name}) for name in ("a", "b")]
    refused = owner_api.post(URL, order(entries=[{**order()["entries"][0], "outputs": {"predictions": "c"}}]))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_many_jobs")
    assert act(owner_api, ended, "retry", 409)["error"]["code"] == "too_many_jobs"
    act(owner_api, jobs[0], "pause")
    assert act(owner_api, ended, "retry", 409)["error"]["code"] == "too_many_jobs"
    act(owner_api, jobs[0], "cancel")
    act(owner_api, ended, "retry")


def test_users_take_turns_and_then_each_ones_jobs(
    ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job], superuser: User
) -> None:
    mine = [make_job(outputs={"predictions": f"field_{index}"}).pk for index in range(2)]
    other = make_job(outputs={"predictions": "other"}, user=superuser).pk
    served = [claim(ledger).job for _ in range(6)]
    assert served == [mine[0], other, mine[1], other, mine[0], other]


# Whatever the order --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_counters_equal_the_rows_whatever_people_and_executors_do(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
    settings: Any,
    seed: int,
) -> None:
    dice = random.Random(seed)
    settings.ERROR_THRESHOLD = dice.choice([0, 2, 50])
    settings.CHUNK_SIZE = dice.choice([1, 3, 4])
    field = Field.objects.create(dataset=dataset, name="digits", type="classification")
    for sample in dice.sample(samples, 3):
        write(field, sample, "imported", Source.IMPORT)
    job = make_job(on_existing=dice.choice([OnExisting.SKIP, OnExisting.REPLACE]), is_started=False)
    held: list[ChunkClaim] = []
    for _ in range(60):
        match dice.choice(
            ["action", "action", "claim", "claim", "commit", "commit", "lapse", "edit", "start"]
        ):
            case "action":
                owner_api.post(f"{URL}{job.pk}/{dice.choice(ACTIONS[:4])}/")
            case "claim":
                found = ledger.claim_chunk(executor="here", lease_seconds=30)
                held += [found] if found else []
            case "commit" if held:
                found = dice.choice(held)
                failing = [each.id for each in found.samples if dice.random() < 0.4]
                results = answers(found, failing=failing)
                commit(ledger, found, dice.sample(results, dice.randint(0, len(results))))
            case "lapse":
                Chunk.objects.filter(state="claimed").update(
                    lease_until=timezone.now() - timedelta(seconds=1)
                )
            case "edit":
                write(field, dice.choice(samples), "human", Source.HUMAN, owner)
            case "start":
                tasks.start_job(job.pk)
        assert_counters_equal_rows(job)
        assert_field_counters_equal_rows(field)
        assert JobField.objects.filter(is_open=True).exists() == (
            job.state in {"queued", "running", "paused"}
        )
    humans = set(Value.objects.filter(source="human").values_list("sample", "label"))
    if job.state in {"queued", "running", "paused"}:
        act(owner_api, job, "cancel")
    undone(owner_api, job)
    assert not Value.objects.filter(job=job.pk).exists()
    assert humans <= set(Value.objects.values_list("sample", "label"))
    assert_field_counters_equal_rows(field)
