"""What Prometheus reads: for whom, in which format, and that the numbers are those of the tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Chunk, Job
from samplecase.web.pages import metrics

TOKEN = "scrape-me-if-you-can"
LINE = re.compile(
    r'(# (HELP|TYPE) \w+ .+|\w+(\{\w+="(\\.|[^"\\])*"(,\w+="(\\.|[^"\\])*")*\})? -?[0-9.]+(e[+-]?\d+)?)'
)


@pytest.fixture
def scraper(settings: Any, db: None) -> APIClient:
    settings.METRICS_TOKEN = TOKEN
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    return client


def numbers(client: APIClient | Client) -> dict[str, float]:
    answer = client.get("/metrics", HTTP_ACCEPT="text/plain;version=0.0.4;q=0.3")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


class TestWhoMay:
    def test_staff_with_a_token_or_a_session(
        self, make_user: Callable[..., Any], client_of: Callable[..., APIClient], client: Client
    ) -> None:
        staff = make_user("staff", is_staff=True)
        assert "samplecase_database_up" in numbers(client_of(staff, scope="read"))
        client.force_login(staff)
        assert "samplecase_database_up" in numbers(client)

    def test_nobody_else(self, owner_api: APIClient, anonymous_api: APIClient) -> None:
        for address in ("/metrics", "/metrics/"):
            assert owner_api.get(address).status_code == 403
            refused = anonymous_api.get(address)
            assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
            assert refused.json().keys() == {"error"}

    @pytest.mark.parametrize("given", ["", "wrong", TOKEN + "x", TOKEN[:-1], "\xff"])
    def test_the_token_of_the_settings_must_be_the_very_one(self, scraper: APIClient, given: str) -> None:
        scraper.credentials(HTTP_AUTHORIZATION=f"Bearer {given}")
        assert scraper.get("/metrics/").status_code == 401

    def test_without_one_in_the_settings_none_is_right(self, anonymous_api: APIClient) -> None:
        anonymous_api.credentials(HTTP_AUTHORIZATION="Bearer ")
        assert anonymous_api.get("/metrics/").status_code == 401

    def test_it_opens_nothing_else(self, scraper: APIClient) -> None:
        assert scraper.get("/api/v1/datasets/").status_code == 401


def test_requests_are_counted_by_route_method_and_status(scraper: APIClient) -> None:
    route = 'route="/api/v1/datasets/<int:pk>/",method="GET"'
    name = f'samplecase_http_requests_total{{{route},status="401"}}'
    timed = f"samplecase_http_request_duration_seconds_count{{{route}}}"
    before = numbers(scraper)
    scraper.get("/api/v1/datasets/1/")
    scraper.get("/api/v1/datasets/2/")
    after = numbers(scraper)
    assert after[name] - before.get(name, 0) == 2
    assert after[timed] - before.get(timed, 0) == 2
    endless = f'samplecase_http_request_duration_seconds_bucket{{{route},le="+Inf"}}'
    assert after[endless] == after[timed]


def test_no_label_has_what_was_asked_for(scraper: APIClient) -> None:
    scraper.generic("BREW", "/teapot/hunter2/")
    scraper.get("/datasets/hunter2")
    found = numbers(scraper)
    assert not [name for name in found if "hunter2" in name or "BREW" in name]
    assert [name for name in found if 'route="none",method="other",status="404"' in name]


def test_jobs_chunks_executors_and_deployments_are_those_of_the_tables(
    scraper: APIClient, dataset: Any, add_samples: Any, make_job: Callable[..., Any], settings: Any
) -> None:
    settings.CHUNK_SIZE = 4
    add_samples(dataset, 12)
    job = make_job()
    Job.objects.filter(pk=job.pk).update(done=3, failed=2)
    found = numbers(scraper)
    assert found['samplecase_chunks{state="waiting"}'] == Chunk.objects.count() == 3
    assert found["samplecase_executors"] == 0
    assert DatabaseLedger().claim_chunk(executor="host-1", lease_seconds=30, busy_jobs=[])
    found = numbers(scraper)
    assert found['samplecase_jobs{kind="inference",state="running"}'] == 1
    assert found['samplecase_job_samples{kind="inference",outcome="done"}'] == 3
    assert found['samplecase_job_samples{kind="inference",outcome="failed"}'] == 2
    assert found['samplecase_chunks{state="waiting"}'] == 2
    assert found['samplecase_chunks{state="claimed"}'] == 1
    assert found["samplecase_executors"] == 1
    assert found['samplecase_deployments{state="ready"}'] == 1
    assert found["samplecase_database_up"] == 1


def test_without_its_database_the_server_still_says_so(
    scraper: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(metrics, "_of_the_database", gone)
    found = numbers(scraper)
    assert found["samplecase_database_up"] == 0
    assert not [name for name in found if name.startswith("samplecase_jobs")]
