"""`GET /metrics/`: what Prometheus asks for, of this web server's requests and of the installation's work."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.db.models import Count, Sum
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from jobs_app import clock
from jobs_app.models import Chunk, Job
from models_app.models import Deployment
from samplecase.contracts.states import ChunkState, DeploymentState, JobState
from samplecase.web.accounts.authentication import SessionAuthentication, TokenAuthentication
from samplecase.web.pages.exposition import CONTENT_TYPE, Family, Row, written
from samplecase.web.pages.tallies import BUCKETS, TALLIES, Tally
from samplecase.web.rest.views import ApiView

logger = logging.getLogger(__name__)

SCRAPER = "scraper"
OUTCOMES = ("done", "failed", "skipped", "cancelled")


class ScrapeToken(BaseAuthentication):
    """`Authorization: Bearer …` with the token of the settings, which opens nothing else."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, str] | None:
        scheme, _, given = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        wanted = settings.METRICS_TOKEN.encode()
        if not wanted or not hmac.compare_digest(_digest(given.strip()), _digest(wanted)):
            raise exceptions.AuthenticationFailed("Invalid token.")
        return AnonymousUser(), SCRAPER

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class MayWatch(BasePermission):
    """Staff, superusers, and who has the token of the settings."""

    message = "Metrics are for staff."

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth == SCRAPER:
            return True
        if not request.user.is_authenticated:
            raise exceptions.NotAuthenticated("Sign in as staff, or send a token.")
        return bool(request.user.is_staff or request.user.is_superuser)


class AsItIs(BaseContentNegotiation):
    """Whatever is accepted: numbers are plain text, errors JSON."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class MetricsView(ApiView):
    """Numbers of this web server since its start, and of the database now."""

    authentication_classes = [ScrapeToken, TokenAuthentication, SessionAuthentication]
    permission_classes = [MayWatch]
    content_negotiation_class = AsItIs
    http_method_names = ["get", "head"]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        text = written([*of_requests(TALLIES.all()), *of_the_installation()])
        return HttpResponse(text, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def of_requests(tallies: list[Tally]) -> Iterator[Family]:
    yield Family(
        "samplecase_http_requests_total",
        "counter",
        "Requests answered by this web server since its start.",
        [
            Row({"route": each.route, "method": each.method, "status": each.status}, each.count)
            for each in tallies
        ],
    )
    yield Family(
        "samplecase_http_request_duration_seconds",
        "histogram",
        "Seconds until the headers of an answer.",
        _histograms(tallies),
    )


def of_the_installation() -> list[Family]:
    """The database's numbers; without it only that it does not answer."""
    try:
        return [*_of_the_database(), _state_of_the_database(True)]
    except DatabaseError as error:
        logger.error("the database does not answer", exc_info=error)
        return [_state_of_the_database(False)]


def _histograms(tallies: Iterable[Tally]) -> Iterator[Row]:
    """One for each route and method, whatever the status."""
    found: dict[tuple[str, str], list[Tally]] = defaultdict(list)
    for each in tallies:
        found[each.route, each.method].append(each)
    ends = [*(f"{end:g}" for end in BUCKETS), "+Inf"]
    for (route, method), group in found.items():
        labels = {"route": route, "method": method}
        counts = accumulate(map(sum, zip(*(each.buckets for each in group), strict=True)))
        for end, count in zip(ends, counts, strict=True):
            yield Row({**labels, "le": end}, count, "_bucket")
        yield Row(labels, sum(each.seconds for each in group), "_sum")
        yield Row(labels, sum(each.count for each in group), "_count")


def _of_the_database() -> Iterator[Family]:
    yield Family("samplecase_info", "gauge", "What runs here.", [Row({"version": _version()}, 1)])
    sums = {outcome: Sum(outcome) for outcome in OUTCOMES}
    rows = Job.objects.order_by().values("kind", "state").annotate(jobs=Count("pk"), **sums)
    jobs: list[dict[str, Any]] = [dict(each) for each in rows]
    yield Family(
        "samplecase_jobs",
        "gauge",
        "Jobs by kind and state.",
        [Row({"kind": each["kind"], "state": each["state"]}, each["jobs"]) for each in jobs],
    )
    kinds = sorted({each["kind"] for each in jobs})
    yield Family(
        "samplecase_job_samples",
        "gauge",
        "Samples of all jobs that are still listed, by what became of them.",
        [
            Row(
                {"kind": kind, "outcome": outcome},
                sum(each[outcome] for each in jobs if each["kind"] == kind),
            )
            for kind in kinds
            for outcome in OUTCOMES
        ],
    )
    yield Family(
        "samplecase_chunks",
        "gauge",
        "Parts of running jobs: waiting for an executor, or claimed by one.",
        [
            Row({"state": "waiting"}, Chunk.objects.pending().filter(job__state=JobState.RUNNING).count()),
            Row({"state": "claimed"}, Chunk.objects.filter(state=ChunkState.CLAIMED).count()),
        ],
    )
    yield Family(
        "samplecase_executors",
        "gauge",
        "Executors that hold a lease, of a chunk or of a check: those at work.",
        [Row({}, len(_executors()))],
    )
    states = Deployment.objects.order_by().values_list("state").annotate(count=Count("pk"))
    yield Family(
        "samplecase_deployments",
        "gauge",
        "Deployments by state.",
        [Row({"state": state}, count) for state, count in states],
    )


def _executors() -> set[str]:
    claimed = Chunk.objects.filter(state=ChunkState.CLAIMED).exclude(clock.lapsed())
    checked = Deployment.objects.filter(state=DeploymentState.BUILDING, lease_until__isnull=False)
    held = (claimed, checked.exclude(clock.lapsed()))
    return {name for rows in held for name in rows.order_by().values_list("executor", flat=True).distinct()}


def _state_of_the_database(answers: bool) -> Family:
    return Family("samplecase_database_up", "gauge", "Whether the database answers.", [Row({}, int(answers))])


def _version() -> str:
    try:
        return version("samplecase")
    except PackageNotFoundError:
        return "checkout"


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
