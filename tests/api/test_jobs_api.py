"""Jobs over REST: who sees them, how far they are, and their end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from datasets_app.models import Dataset
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Chunk, Job
from jobs_app.tasks import start_job
from samplecase.contracts.jobs import SampleResult
from samplecase.contracts.states import Outcome
from samplecase.web.accounts.models import AuditEntry, User

pytestmark = pytest.mark.django_db
URL = "/api/v1/jobs/"


@pytest.fixture
def job(dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]) -> Job:
    add_samples(dataset, 4)
    return make_job()


@pytest.fixture
def half_done(job: Job) -> Job:
    """Two samples done, one failed, one left; two seconds after the start."""
    ledger = DatabaseLedger()
    claim = ledger.claim_chunk(executor="here", lease_seconds=30)
    assert claim is not None
    done = [
        SampleResult(each.id, Outcome.DONE, {"predictions": {"label": "1"}}) for each in claim.samples[:2]
    ]
    error = SampleResult(claim.samples[2].id, Outcome.ERROR, reason="exception", message="ValueError: secret")
    assert ledger.commit(chunk=claim.chunk, fence=claim.fence, results=[*done, error])
    ledger.append_job_log(job=job.pk, text="secret output\n")
    job.refresh_from_db()
    Job.objects.update(started_at=job.updated_at - timedelta(seconds=2))
    return job


def test_progress_is_shown_from_the_counters(owner_api: APIClient, half_done: Job) -> None:
    shown = owner_api.get(f"{URL}{half_done.pk}/").json()
    assert (shown["state"], shown["total"], shown["done"], shown["failed"]) == ("running", 4, 2, 1)
    assert (shown["rate"], shown["eta_seconds"], shown["can"]) == (1.5, 1, ["pause", "cancel"])


def test_a_job_that_just_started_promises_nothing(owner_api: APIClient, job: Job) -> None:
    shown = owner_api.get(f"{URL}{job.pk}/").json()
    assert (shown["rate"], shown["eta_seconds"]) == (None, None)


def test_a_running_job_that_nobody_works_on_says_what_it_waits_for(
    owner_api: APIClient, job: Job, make_job: Callable[..., Job]
) -> None:
    def waits() -> Any:
        return owner_api.get(f"{URL}{job.pk}/").json()["waiting_for"]

    assert waits() is None  # it has only just started
    Job.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
    assert waits() == "executor"
    other = make_job(outputs={"predictions": "others"})
    Job.objects.filter(pk=job.pk).update(state="paused")
    ledger = DatabaseLedger()
    claimed = ledger.claim_chunk(executor="here", lease_seconds=30)
    assert claimed is not None
    assert claimed.job == other.pk
    assert waits() is None  # who rests waits for a person
    Job.objects.filter(pk=job.pk).update(state="running")
    assert waits() == "turn"
    claimed = ledger.claim_chunk(executor="here", lease_seconds=30)
    assert claimed is not None
    assert claimed.job == job.pk
    assert waits() is None
    Chunk.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert waits() == "executor"


def test_a_job_that_stands_still_has_no_rate(owner_api: APIClient, half_done: Job) -> None:
    long_ago = timezone.now() - timedelta(minutes=5)
    Job.objects.update(started_at=long_ago, updated_at=long_ago + timedelta(seconds=3))
    shown = owner_api.get(f"{URL}{half_done.pk}/").json()
    assert (shown["rate"], shown["eta_seconds"]) == (None, None)


@pytest.mark.parametrize("address", ["", "{pk}/", "{pk}/log/"])
def test_a_poll_of_what_did_not_change_gets_no_body(
    owner_api: APIClient, half_done: Job, address: str
) -> None:
    url = URL + address.format(pk=half_done.pk)
    tag = owner_api.get(url)["ETag"]
    assert owner_api.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 304
    ledger = DatabaseLedger()
    ledger.append_job_log(job=half_done.pk, text="more")
    ledger.fail_job(job=half_done.pk, code="x", message="y")
    assert owner_api.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_jobs_are_listed_newest_first_and_filtered(
    owner_api: APIClient, job: Job, make_job: Callable[..., Job], dataset: Dataset
) -> None:
    second = make_job(outputs={"predictions": "other"}, is_started=False)

    def ids(query: str) -> list[int]:
        answer = owner_api.get(URL + query)
        assert answer.status_code == 200, answer.content
        return [each["id"] for each in answer.json()["results"]]

    assert ids("") == [second.pk, job.pk]
    assert ids("?state=queued") == [second.pk]
    assert ids(f"?dataset={dataset.pk}&kind=inference") == [second.pk, job.pk]
    assert ids("?kind=evaluation") == ids("?dataset=999999") == []
    first = owner_api.get(f"{URL}?limit=1").json()
    assert (first["count"], first["results"][0]["id"]) == (2, second.pk)
    assert ids(f"?limit=1&cursor={first['next']}") == [job.pk]


@pytest.mark.parametrize(
    "query",
    [
        "dataset=x",
        "dataset=-1",
        "dataset=99999999999999999999",
        "state=done",
        "kind=all",
        "cursor=x",
        "limit=0",
    ],
)
def test_a_filter_that_is_none_is_refused(owner_api: APIClient, query: str) -> None:
    answer = owner_api.get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_the_list_asks_the_database_as_often_for_many_jobs_as_for_one(
    owner_api: APIClient, job: Job, make_job: Callable[..., Job], django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as one:
        owner_api.get(URL)
    for index in range(5):
        make_job(outputs={"predictions": f"field_{index}"})
    with CaptureQueriesContext(connection) as many:
        assert len(owner_api.get(URL).json()["results"]) == 6
    assert len(many) == len(one)


# Reasons of failures -------------------------------------------------------------------------------------------------


@pytest.fixture
def failing(job: Job) -> Job:
    """One sample done; of the others two have one reason and one has another."""
    ledger = DatabaseLedger()
    claim = ledger.claim_chunk(executor="here", lease_seconds=30)
    assert claim is not None
    ids = [each.id for each in claim.samples]
    results = [
        SampleResult(ids[0], Outcome.ERROR, reason="invalid_output", message="/confidence: 7"),
        SampleResult(ids[1], Outcome.ERROR, reason="exception", message="ValueError: first"),
        SampleResult(ids[2], Outcome.DONE, {"predictions": {"label": "1"}}),
        SampleResult(ids[3], Outcome.ERROR, reason="exception", message="ValueError: second"),
    ]
    assert ledger.commit(chunk=claim.chunk, fence=claim.fence, results=results)
    return job


def test_failures_are_grouped_by_reason_the_most_frequent_first(owner_api: APIClient, failing: Job) -> None:
    answer = owner_api.get(f"{URL}{failing.pk}/errors/reasons/")
    assert answer.json()["results"] == [
        {"reason": "exception", "count": 2, "message": "ValueError: first"},
        {"reason": "invalid_output", "count": 1, "message": "/confidence: 7"},
    ]
    again = owner_api.get(f"{URL}{failing.pk}/errors/reasons/", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_errors_of_one_reason_alone(owner_api: APIClient, failing: Job) -> None:
    def named(query: str) -> tuple[list[str], int]:
        page = owner_api.get(f"{URL}{failing.pk}/errors/{query}").json()
        return [each["name"] for each in page["results"]], page["count"]

    assert named("?reason=exception") == (["00001.png", "00003.png"], 2)
    assert named("?reason=of%20no%20sample") == ([], 0)
    assert named("")[1] == 3
    first = owner_api.get(f"{URL}{failing.pk}/errors/?reason=exception&limit=1").json()["next"]
    assert named(f"?reason=exception&limit=1&cursor={first}")[0] == ["00003.png"]
    other = owner_api.get(f"{URL}{failing.pk}/errors/?reason=invalid_output&cursor={first}")
    assert (other.status_code, other.json()["error"]["code"]) == (400, "bad_cursor")


def test_a_viewer_sees_the_reasons_without_a_text_of_the_model(
    collaborator_api: APIClient,
    dataset: Dataset,
    collaborator: User,
    grant: Callable[[Any, Any, str], None],
    failing: Job,
) -> None:
    grant(dataset, collaborator, "view")
    rows = collaborator_api.get(f"{URL}{failing.pk}/errors/reasons/").json()["results"]
    assert [(each["reason"], each["count"], each["message"]) for each in rows] == [
        ("exception", 2, ""),
        ("invalid_output", 1, ""),
    ]


# Rights --------------------------------------------------------------------------------------------------------------

READ = ["", "errors/", "errors/reasons/"]


@pytest.mark.parametrize("part", [*READ, "log/"])
def test_strangers_and_anonymous_people_see_no_job(
    stranger_api: APIClient, anonymous_api: APIClient, half_done: Job, part: str
) -> None:
    assert stranger_api.get(f"{URL}{half_done.pk}/{part}").status_code == 404
    assert anonymous_api.get(f"{URL}{half_done.pk}/{part}").status_code == 401
    assert stranger_api.get(URL).json()["results"] == []
    assert anonymous_api.get(URL).status_code == 401


def test_a_viewer_sees_the_job_and_which_samples_failed_but_no_text_of_the_model(
    collaborator_api: APIClient,
    dataset: Dataset,
    collaborator: User,
    grant: Callable[[Any, Any, str], None],
    half_done: Job,
) -> None:
    grant(dataset, collaborator, "view")
    shown = collaborator_api.get(f"{URL}{half_done.pk}/")
    assert (shown.status_code, shown.json()["can"]) == (200, [])
    (error,) = collaborator_api.get(f"{URL}{half_done.pk}/errors/").json()["results"]
    assert (error["name"], error["reason"], error["message"]) == ("00002.png", "exception", "")
    assert collaborator_api.get(f"{URL}{half_done.pk}/log/").status_code == 403
    DatabaseLedger().fail_job(job=half_done.pk, code="cannot_start", message="secret")
    assert collaborator_api.get(f"{URL}{half_done.pk}/").json()["error"] == {
        "code": "cannot_start",
        "message": "",
    }


@pytest.mark.parametrize("who", ["owner", "superuser"])
def test_the_owner_and_superusers_read_errors_and_log(
    request: pytest.FixtureRequest, half_done: Job, who: str
) -> None:
    api = request.getfixturevalue(f"{who}_api")
    (error,) = api.get(f"{URL}{half_done.pk}/errors/").json()["results"]
    assert error["message"] == "ValueError: secret"
    assert api.get(f"{URL}{half_done.pk}/log/").json() == {"log": "secret output\n"}
    DatabaseLedger().fail_job(job=half_done.pk, code="cannot_start", message="no torch")
    assert api.get(f"{URL}{half_done.pk}/").json()["error"] == {"code": "cannot_start", "message": "no torch"}


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("label", 403), ("edit", 200)])
def test_a_collaborator_cancels_with_edit_on_the_dataset(
    collaborator_api: APIClient,
    dataset: Dataset,
    collaborator: User,
    grant: Callable[[Any, Any, str], None],
    half_done: Job,
    right: str,
    status: int,
) -> None:
    grant(dataset, collaborator, right)
    can = collaborator_api.get(f"{URL}{half_done.pk}/").json()["can"]
    answer = collaborator_api.post(f"{URL}{half_done.pk}/cancel/")
    assert answer.status_code == status
    assert can == (["pause", "cancel"] if status == 200 else [])
    half_done.refresh_from_db()
    assert half_done.state == ("cancelled" if status == 200 else "running")


def test_others_do_not_cancel(stranger_api: APIClient, anonymous_api: APIClient, job: Job) -> None:
    assert stranger_api.post(f"{URL}{job.pk}/cancel/").status_code == 404
    assert anonymous_api.post(f"{URL}{job.pk}/cancel/").status_code == 401
    job.refresh_from_db()
    assert job.state == "running"


# Ends ----------------------------------------------------------------------------------------------------------------


def test_a_cancelled_job_says_what_became_of_each_sample(owner_api: APIClient, half_done: Job) -> None:
    answer = owner_api.post(f"{URL}{half_done.pk}/cancel/")
    shown = answer.json()
    assert (answer.status_code, shown["state"], shown["can"]) == (200, "cancelled", ["retry", "undo"])
    assert (shown["done"], shown["failed"], shown["cancelled"]) == (2, 1, 1)
    assert shown["finished_at"]
    assert owner_api.post(f"{URL}{half_done.pk}/cancel/").status_code == 200
    (row,) = AuditEntry.objects.filter(action__startswith="job.cancel")
    assert (row.actor, row.action) == (half_done.owner, "job.cancel")
    assert row.details == {"kind": "inference", "done": 2, "failed": 1, "skipped": 0, "cancelled": 1}


def test_a_job_that_has_ended_is_not_cancelled(owner_api: APIClient, half_done: Job) -> None:
    DatabaseLedger().fail_job(job=half_done.pk, code="x", message="y")
    assert owner_api.post(f"{URL}{half_done.pk}/cancel/").status_code == 409


def test_the_doorbell_starts_a_job_once(
    dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    add_samples(dataset, 1)
    job = make_job(is_started=False)
    assert start_job(job.pk)
    assert not start_job(job.pk)
    job.refresh_from_db()
    assert job.state == "running"


def test_a_job_whose_owner_lost_his_right_fails_at_its_start(
    dataset: Dataset,
    add_samples: Callable[..., list[int]],
    make_job: Callable[..., Job],
    superuser: User,
) -> None:
    add_samples(dataset, 1)
    job = make_job(is_started=False, user=superuser)
    User.objects.filter(pk=superuser.pk).update(is_superuser=False)
    start_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code, job.cancelled) == ("failed", "rights", 1)
    assert "label" in job.error_message


def test_the_schedules_are_installed_once(db: None) -> None:
    from django_q.models import Schedule

    from jobs_app.schedules import SCHEDULES, install

    install(using="default")
    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(SCHEDULES)


def test_the_admin_shows_jobs_to_superusers_only_and_cancels_them(
    client: Any, superuser: User, make_user: Callable[..., Any], half_done: Job
) -> None:
    address = "/admin/jobs_app/job/"
    client.force_login(make_user("staff", is_staff=True))
    assert client.get(address).status_code == 403
    client.force_login(superuser)
    assert client.get(address).status_code == 200
    assert client.get(f"{address}{half_done.pk}/change/").status_code == 200
    assert client.get("/admin/jobs_app/sampleerror/").status_code == 200
    answer = client.post(address, {"action": "cancel_jobs", "_selected_action": [half_done.pk]})
    assert answer.status_code == 302
    half_done.refresh_from_db()
    assert half_done.state == "cancelled"
