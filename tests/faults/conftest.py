"""The two worlds in which every fault is tried: SQLite with a folder, PostgreSQL with S3."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fault_world import Marker, World
from tests.fixtures_server import free_port

SETTINGS = {"SAMPLECASE_LEASE_SECONDS": "2", "SAMPLECASE_CHUNK_SIZE": "16", "SAMPLECASE_BATCH_SECONDS": "3"}
WORLDS = ["sqlite+folder", pytest.param("postgres+s3", marks=[pytest.mark.postgres, pytest.mark.s3])]

_numbers = itertools.count(1)
_failed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def make_world(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., World]:
    """`make_world("postgres+s3")`: an installation, created (unless it is to stay empty) and not yet started."""

    def make(kind: str, data: Path | None = None, *, is_empty: bool = False, **settings: str) -> World:
        number = next(_numbers)
        data = data or tmp_path_factory.mktemp(f"world-{number}") / "data"
        data.mkdir(exist_ok=True)
        chosen = {**SETTINGS, **settings}
        if kind == "postgres+s3":
            server = request.getfixturevalue("postgres_server")
            chosen["SAMPLECASE_DATABASE_URL"] = server.new_database(f"world_{number}", durable=True)
            chosen["SAMPLECASE_BLOB_URL"] = request.getfixturevalue("s3_server").url(f"world-{number}")
        world = World(data=data, port=free_port(), settings=chosen)
        if not is_empty:
            world.create()
        return world

    return make


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module may name the worlds that it is for."""
    if "_kind" in metafunc.fixturenames:
        metafunc.parametrize("_kind", getattr(metafunc.module, "WORLDS", WORLDS), scope="module")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: Any
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


@pytest.fixture(scope="session")
def _worlds() -> Iterator[dict[str, World]]:
    """Those that run, by kind: the tests of a process share them, for each takes ten seconds to make."""
    running: dict[str, World] = {}
    yield running
    for world in running.values():
        world.stop()


def _populated(world: World) -> World:
    try:
        world.bring_up()
        world.populate()
    except BaseException:
        world.stop()
        raise
    return world


@pytest.fixture
def world(
    request: Any, _kind: str, _worlds: dict[str, World], make_world: Callable[..., World]
) -> Iterator[World]:
    """Whatever the last test left of it is brought up again; after one that failed it is made anew."""
    if _kind not in _worlds:
        _worlds[_kind] = _populated(make_world(_kind))
    _worlds[_kind].bring_up()
    yield _worlds[_kind]
    if request.node.stash.get(_failed, False):
        _worlds.pop(_kind).stop()


@pytest.fixture
def marker(tmp_path: Path) -> Marker:
    return Marker(tmp_path / "stopped")
