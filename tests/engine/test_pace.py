"""How work flows through an executor: batches are full, it is there before it is needed, and its time is told."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from samplecase.contracts.states import JobState, ReplicaState
from samplecase.runtime import executor, job_runner, media, sandbox
from samplecase.runtime.engines.wire import outcome_of
from samplecase.runtime.media_cache import MediaCache
from samplecase.storage import open_store
from samplecase.storage.port import BlobNotFound, media_key
from tests.engine.conftest import World, until
from tests.engine.executing import NUMBERED, by_number, labels, numbered


def sizes(log: str) -> list[int]:
    return [int(size) for size in re.findall(r"batch of (\d+)", log)]


def test_mini_batches_are_whole_across_the_borders_of_chunks(world: World) -> None:
    spec = world.spec(by_number("print('batch of', len(number))"), inputs=NUMBERED, mini_batch=16)
    # A line for each sample: a batch of 16 prints 16 times.
    job = world.run(spec, numbered(world, 50), chunk_size=7)
    assert sorted(sizes(job.log)) == [2] * 2 + [16] * 48


def test_an_executor_asks_for_work_before_it_runs_out(world: World) -> None:
    spec = world.spec(by_number(""), inputs=NUMBERED, mini_batch=64)
    samples = numbered(world, 3000)
    job = world.ledger.submit(spec=spec, samples=samples, outputs={"predictions": "p"})
    with world.executor(poll_seconds=6):  # 256 samples at each look would take over a minute
        until(lambda: job.state.is_final)
    assert len(labels(job)) == 3000


class Slow:
    """A ledger that takes its time, and counts what is asked of it and how many samples are in the executor's hands."""

    def __init__(self, ledger: Any, *, claim_seconds: float = 0, commit_seconds: float = 0) -> None:
        self._ledger = ledger
        self._claim_seconds = claim_seconds
        self._commit_seconds = commit_seconds
        self.looks_for_deployments = 0
        self.held = self.most_held = 0

    def claim_chunk(self, **asked: Any) -> Any:
        time.sleep(self._claim_seconds)
        claim = self._ledger.claim_chunk(**asked)
        self.held += len(claim.samples) if claim else 0
        self.most_held = max(self.most_held, self.held)
        return claim

    def commit(self, **facts: Any) -> Any:
        time.sleep(self._commit_seconds)
        answer = self._ledger.commit(**facts)
        self.held -= len(facts["results"])
        return answer

    def claim_deployment(self, **asked: Any) -> Any:
        self.looks_for_deployments += 1
        return self._ledger.claim_deployment(**asked)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def test_a_job_that_is_faster_than_its_claims_leaves_time_for_other_duties(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "CLAIMING_SECONDS", 0.05)
    spec = world.spec(by_number(""), inputs=NUMBERED, mini_batch=4)
    ledger = Slow(world.ledger, claim_seconds=0.01)
    samples, outputs = numbered(world, 404), {"predictions": "p"}
    with world.executor(ledger):
        warm = world.ledger.submit(spec=spec, samples=samples[:4], outputs=outputs, chunk_size=4)
        until(lambda: warm.state.is_final)
        # A second of claims alone, each of which is less than is wanted.
        job = world.ledger.submit(spec=spec, samples=samples[4:], outputs=outputs, chunk_size=4)
        before = ledger.looks_for_deployments
        until(lambda: job.state.is_final)
        looks = ledger.looks_for_deployments - before
    assert len(labels(job)) == 400
    assert looks >= 10


def test_no_more_is_claimed_than_can_soon_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_runner, "MOST_UNWRITTEN", 256)
    monkeypatch.setattr(job_runner, "UNWRITTEN_SECONDS", 0)
    spec = world.spec(by_number(""), inputs=NUMBERED, mini_batch=16)
    ledger = Slow(world.ledger, commit_seconds=0.03)
    job = world.ledger.submit(
        spec=spec, samples=numbered(world, 3000), outputs={"predictions": "p"}, chunk_size=64
    )
    with world.executor(ledger):
        until(lambda: job.state.is_final)
    assert len(labels(job)) == 3000
    assert ledger.most_held <= 256 + 64


def test_images_are_decoded_side_by_side(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(2)
    decode = media.decode

    def in_company(*what: Any) -> Any:
        together.wait(20)  # fails alone
        return decode(*what)

    monkeypatch.setattr(media, "decode", in_company)
    code = (
        "class Model:\n    def predict(self, image): return {'predictions': [{'label': 'ok'} for _ in image]}"
    )
    spec = world.spec(code, inputs={"image": {"type": "image"}}, mini_batch=2)
    job = world.run(spec, world.samples(4), cores=2)
    assert len(labels(job)) == 4, job.error


def test_the_next_mini_batch_is_fetched_while_one_is_predicted(world: World) -> None:
    code = """
import os, time
class Model:
    def predict(self, path):
        end = time.monotonic() + 20
        while len(os.listdir(os.path.dirname(path[0]))) < 2 and time.monotonic() < end and "/1." in path[0]:
            time.sleep(0.01)
        return {"predictions": [{"label": str(len(os.listdir(os.path.dirname(path[0]))))}]}
"""
    samples = world.samples(4)
    job = world.run(world.spec(code, inputs={"path": {"type": "local"}}), samples)
    assert samples[0].id == 1
    assert labels(job)[1] == "2"


def test_a_replica_that_cannot_be_loaded_leaves_the_job_to_the_others(world: World) -> None:
    flag = world.folder / "first"
    code = f"""
import os, time
class Model:
    def setup(self, device):
        try:
            open({str(flag)!r}, "x").close()
        except FileExistsError:
            raise RuntimeError("only one of us fits") from None
    def predict(self, number):
        while not os.path.exists({str(flag) + ".failed"!r}):
            time.sleep(0.02)
        return {{"predictions": [{{"label": str(n)}} for n in number]}}
"""
    spec = world.spec(code, inputs=NUMBERED, num_replicas=2, sandbox="none")
    job = world.ledger.submit(spec=spec, samples=numbered(world, 20), outputs={"predictions": "p"})
    with world.executor(max_replicas=2):
        until(lambda: "only one of us fits" in job.log)
        until(lambda: ReplicaState.FAILED in states(job))
        flag.with_suffix(".failed").touch()
        until(lambda: job.state.is_final)
    assert job.state is JobState.FINISHED
    assert len(labels(job)) == 20
    assert "the job goes on with fewer: RuntimeError: only one of us fits" in job.log


def test_a_replica_that_takes_long_to_be_killed_is_lost_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill = sandbox.kill

    def slowly(process: Any) -> None:
        time.sleep(0.2)  # a busy host: meanwhile its lanes ask it again and again
        kill(process)

    monkeypatch.setattr(sandbox, "kill", slowly)
    garbage = """
if n == 3:
    for pipe in range(3, 16):
        try:
            os.write(pipe, b"\\0\\0\\0\\7garbage" * 50)
        except OSError:
            pass
"""
    spec = world.spec(by_number(garbage), inputs=NUMBERED, mini_batch=2)
    samples = numbered(world, 40)
    job = world.run(spec, samples)
    assert job.state is JobState.FINISHED, job.error
    assert set(labels(job)) == {sample.id for sample in samples} - {samples[3].id}


def states(job: Any) -> list[str]:
    return [replica.state for report in job.reports.values() for replica in report.replicas]


def test_what_ran_out_of_memory_is_remembered_for_the_next_job(world: World) -> None:
    code = by_number("if len(number) > 2: raise MemoryError('too many')")
    spec = world.spec(code, inputs=NUMBERED, mini_batch=8)
    with world.executor():
        first = world.ledger.submit(spec=spec, samples=numbered(world, 16), outputs={"predictions": "p"})
        until(lambda: first.state.is_final)
        second = world.ledger.submit(spec=spec, samples=numbered(world, 16), outputs={"predictions": "p"})
        until(lambda: second.state.is_final)
    assert "mini-batches of at most 2 from now on" in first.log
    assert len(labels(second)) == 16
    assert "MemoryError" not in second.log


def test_a_job_says_what_its_time_went_to_and_what_its_replicas_did(world: World) -> None:
    code = by_number("time.sleep(0.005)")
    spec = world.spec(
        code.replace("predict(self, number)", "predict(self, number, image)"),
        inputs={**NUMBERED, "image": {"type": "image"}},
        mini_batch=2,
        num_replicas=2,
    )
    job = world.ledger.submit(spec=spec, samples=numbered(world, 40), outputs={"predictions": "p"})
    with world.executor():
        until(lambda: job.state.is_final)
        until(lambda: done(job) == 40)
    (report,) = job.reports.values()
    assert report.model >= 40 * 0.005
    assert 0 < report.decode < report.model
    assert 0 < report.write < report.model


def done(job: Any) -> int:
    return sum(replica.done for report in job.reports.values() for replica in report.replicas)


@pytest.mark.parametrize("said", [None, [], {"model": "long"}, {"model": float("nan")}, {"model": -1}])
def test_what_a_replica_says_of_its_time_is_not_believed_when_it_cannot_be(said: Any) -> None:
    answer: Any = outcome_of({"outputs": {}, "seconds": said}, [])
    assert answer.model_seconds == 0


# Media of a store elsewhere -------------------------------------------------------------------------------


class Counted:
    """A store that counts how often each blob is opened."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.opened: list[str] = []

    def open(self, key: str, **part: Any) -> BinaryIO:
        self.opened.append(key)
        stream: BinaryIO = self._store.open(key, **part)
        return stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def far(world: World, s3_url: str) -> Counted:
    """The world with a real bucket in place of its folder."""
    base, _, query = s3_url.partition("?")
    far = Counted(open_store(f"{base}-pace?{query}"))
    world.blobs = far  # type: ignore[assignment]
    return far


@pytest.fixture
def cache(far: Counted, tmp_path: Path) -> Iterator[MediaCache]:
    made = MediaCache(far, tmp_path / "cache", limit_bytes=1000)  # type: ignore[arg-type]
    yield made
    made.close()
    assert not (tmp_path / "cache").exists()


@pytest.mark.s3
def test_a_job_reads_each_file_of_a_bucket_once(world: World, far: Counted) -> None:
    code = """
class Model:
    def predict(self, path, image):
        return {"predictions": [{"label": str(len(open(one, "rb").read()) > 0)} for one in path]}
"""
    spec = world.spec(code, inputs={"path": {"type": "local"}, "image": {"type": "image"}}, mini_batch=4)
    samples = world.samples(30)
    job = world.run(spec, samples)
    assert set(labels(job).values()) == {"True"}
    opened = [key for key in far.opened if key.startswith("media/")]
    assert sorted(opened) == sorted({media_key(sample.media_sha256) for sample in samples})


@pytest.mark.s3
def test_the_cache_keeps_to_its_limit_and_drops_the_longest_unused(
    world: World, far: Counted, cache: MediaCache, tmp_path: Path
) -> None:
    keys = [media_key(world.sample(str(n), bytes([n]) * 400).media_sha256) for n in range(3)]
    for key in (keys[0], keys[1], keys[0], keys[2]):  # so that the second is the longest unused
        assert cache.local_path(key).read_bytes()  # type: ignore[union-attr]
    kept = {path.name for path in (tmp_path / "cache").iterdir()}
    assert kept == {key.rpartition("/")[2] for key in (keys[0], keys[2])}
    assert far.opened == [keys[0], keys[1], keys[2]]
    with cache.open(keys[1]) as stream:  # gone, and fetched again
        assert stream.read() == bytes([1]) * 400


@pytest.mark.s3
def test_what_is_fetched_ahead_is_there_and_what_is_absent_says_so(
    world: World, far: Counted, cache: MediaCache
) -> None:
    there = world.sample("there", b"bytes").media_sha256
    cache.prefetch([there, "0" * 64])
    until(lambda: media_key(there) in far.opened)
    with cache.open(media_key(there)) as stream:
        assert stream.read() == b"bytes"
    assert far.opened.count(media_key(there)) == 1
    with pytest.raises(BlobNotFound):
        cache.local_path(media_key("0" * 64))


def test_a_file_that_lies_here_is_not_copied(world: World, tmp_path: Path) -> None:
    cache = MediaCache(world.blobs, tmp_path / "cache", limit_bytes=1000)
    digest = world.sample("near", b"bytes").media_sha256
    cache.prefetch([digest])
    assert cache.local_path(media_key(digest)) == world.blobs.local_path(media_key(digest))
    cache.close()
    assert not (tmp_path / "cache").exists()
