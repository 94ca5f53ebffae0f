"""A job ends with one outcome per sample, whatever the model does with some of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from samplecase.contracts.jobs import SampleResult
from samplecase.contracts.states import JobState, Sandbox
from samplecase.runtime import job_runner, media
from samplecase.runtime.memory_ledger import MemoryLedger
from samplecase.storage.port import mask_key, media_key
from tests.engine.conftest import World, png, until
from tests.engine.executing import LABEL_BY_NUMBER, NUMBERED, by_number, labels, numbered, reasons


@pytest.mark.parametrize("mini_batch", [1, 5])
def test_twelve_images_with_two_bad_ones_give_ten_values_and_two_named_errors(
    world: World, level: Sandbox, mini_batch: int
) -> None:
    code = by_number(
        "if n == 3: raise ValueError('three is bad')\nif n == 7:\n    out.append({'tag': 1})\n    continue"
    )
    spec = world.spec(code, inputs=NUMBERED, mini_batch=mini_batch, num_replicas=2, sandbox=level.value)
    samples = numbered(world, 12)
    job = world.run(spec, samples, chunk_size=4)
    assert job.state is JobState.FINISHED
    assert labels(job) == {sample.id: str(n) for n, sample in enumerate(samples) if n not in (3, 7)}
    assert reasons(job) == {samples[3].id: "exception", samples[7].id: "invalid_output"}
    assert job.results[samples[3].id].message == "ValueError: three is bad"
    assert "/predictions" in job.results[samples[7].id].message
    assert "three is bad" in job.log


def test_paths_lead_to_the_original_bytes_and_images_arrive_decoded(world: World, level: Sandbox) -> None:
    code = """
class Model:
    def predict(self, path, image):
        out = []
        for one, pixels in zip(path, image):
            data = open(one, "rb").read()
            out.append({"label": "%s %s %s" % (data[1:4].decode(), pixels.shape, pixels[0, 0].tolist())})
        return {"predictions": out}
"""
    spec = world.spec(
        code,
        inputs={"path": {"type": "local"}, "image": {"type": "image"}},
        mini_batch=2,
        sandbox=level.value,
    )
    job = world.run(spec, [world.sample("a", png((1, 2, 3))), world.sample("b", png((4, 5, 6), (2, 9)))])
    assert list(labels(job).values()) == ["PNG (6, 8, 3) [1, 2, 3]", "PNG (9, 2, 3) [4, 5, 6]"]


def test_files_are_taken_away_after_their_batch(world: World) -> None:
    code = """
import os
class Model:
    def predict(self, path):
        return {"predictions": [{"label": str(len(os.listdir(os.path.dirname(one))))} for one in path]}
"""
    spec = world.spec(code, inputs={"path": {"type": "local"}})
    job = world.run(spec, world.samples(12))
    assert set(labels(job).values()) <= {"1", "2"}  # its own batch, and the one that is being read


def test_a_sample_that_is_tried_again_still_has_its_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(paths: list[Path]) -> None:
        time.sleep(0.02)  # long enough for another lane to come first
        media.take_away(paths)

    monkeypatch.setattr(job_runner, "take_away", slowly)
    code = """
import time
class Model:
    def predict(self, path):
        if len(path) > 1:
            raise ValueError("one at a time")
        time.sleep(0.03)
        with open(path[0], "rb") as file:
            return {"predictions": [{"label": str(len(file.read()) > 0)}]}
"""
    spec = world.spec(code, inputs={"path": {"type": "local"}}, mini_batch=4, num_replicas=2)
    samples = world.samples(24)
    job = world.run(spec, samples)
    assert reasons(job) == {}
    assert len(labels(job)) == len(samples)


def test_a_finished_job_has_its_log(world: World) -> None:
    code = by_number("print('seen', n)")
    ledger = LogsWhenFinished()
    world.ledger = ledger
    # Leases are renewed, and logs passed on beside that, too seldom for this job.
    job = world.run(world.spec(code, inputs=NUMBERED), numbered(world, 5), renew_seconds=30)
    assert job.state is JobState.FINISHED
    assert "seen 4" in ledger.log_when_finished


class LogsWhenFinished(MemoryLedger):
    """Keeps what the job's log was when its last sample was recorded."""

    log_when_finished = ""

    def commit(self, *, chunk: int, fence: int, results: Sequence[SampleResult]) -> bool:
        is_held = super().commit(chunk=chunk, fence=fence, results=results)
        self.log_when_finished = "".join(job.log for job in self.jobs.values())
        return is_held


def test_a_replica_that_still_loads_holds_up_no_other(world: World) -> None:
    flag = world.folder / "loads"
    code = by_number("pass", imports=FIRST_LOADS_AT_ONCE.format(flag=str(flag)))
    code = code.replace("class Model:\n", "class Model:\n    def setup(self, device): load()\n")
    spec = world.spec(code, inputs=NUMBERED, num_replicas=2, sandbox="none")
    first = world.ledger.submit(spec=spec, samples=numbered(world, 3), outputs={"predictions": "p"})
    with world.executor(max_replicas=2) as executor:
        until(lambda: first.state.is_final)
        until(lambda: flag.with_suffix(".2").exists())
        until(lambda: executor._pool._idle)  # the loaded one was given back
        second = world.ledger.submit(spec=spec, samples=numbered(world, 3), outputs={"predictions": "p"})
        until(lambda: second.state.is_final)
        assert not flag.with_suffix(".3").exists()  # the loaded one was used again
        flag.touch()


FIRST_LOADS_AT_ONCE = """
def load():
    for number in (1, 2, 3):
        try:
            open(f"{flag}.{{number}}", "x").close()
        except FileExistsError:
            continue
        break
    while number == 2 and not os.path.exists("{flag}"):
        time.sleep(0.02)
"""


def test_what_cannot_be_read_is_that_sample_s_error(world: World) -> None:
    code = (
        "class Model:\n    def predict(self, image): return {'predictions': [{'label': 'ok'} for _ in image]}"
    )
    spec = world.spec(code, inputs={"image": {"type": "image"}}, mini_batch=3)
    good, broken, gone = (
        world.sample("good"),
        world.sample("broken", b"\x89PNG not"),
        world.sample("gone", b"gone"),
    )
    world.blobs.delete(media_key(gone.media_sha256))
    job = world.run(spec, [good, broken, gone])
    assert reasons(job) == {broken.id: "unreadable_media", gone.id: "unreadable_media"}
    assert labels(job) == {good.id: "ok"}


def test_what_an_error_of_the_author_calls_its_reason_is_not_ours(world: World) -> None:
    code = """
class Model:
    def predict(self, number):
        try:
            b"\\xff".decode()
        except UnicodeDecodeError as error:
            error.reason = "unreadable_media"
            return {"predictions": [error]}
"""
    samples = numbered(world, 1)
    job = world.run(world.spec(code, inputs=NUMBERED), samples)
    assert reasons(job) == {samples[0].id: "exception"}


def test_a_missing_file_is_that_sample_s_error_for_paths_too(world: World) -> None:
    code = (
        "class Model:\n    def predict(self, path): return {'predictions': [{'label': 'ok'} for _ in path]}"
    )
    gone = world.sample("gone", b"gone")
    world.blobs.delete(media_key(gone.media_sha256))
    job = world.run(world.spec(code, inputs={"path": {"type": "local"}}), [gone])
    assert reasons(job) == {gone.id: "unreadable_media"}


def test_fields_are_passed_on_with_their_default_and_missed_when_required(world: World) -> None:
    code = (
        "class Model:\n    def predict(self, a, b):\n"
        "        return {'predictions': [{'label': f'{x} {y}'} for x, y in zip(a, b)]}"
    )
    manifest = world.manifest(
        LABEL_BY_NUMBER, {"a": {"type": "string"}, "b": {"type": "integer", "default": 5}}
    )
    manifest["schema"]["inputs"]["required"] = ["a"]
    full, bare = world.sample("full", a="x", b=1), world.sample("bare", a="y", b=None)
    missing = world.sample("missing", a=None)
    job = world.run(world.spec(code, manifest=manifest), [full, bare, missing])
    assert labels(job) == {full.id: "x 1", bare.id: "y 5"}
    assert reasons(job) == {missing.id: "missing_input"}
    assert "'a'" in job.results[missing.id].message


def test_a_sample_that_kills_its_replica_is_found_and_the_others_live(world: World, level: Sandbox) -> None:
    code = by_number("if n == 5: os.kill(os.getpid(), signal.SIGKILL)")
    spec = world.spec(code, inputs=NUMBERED, mini_batch=8, sandbox=level.value)
    samples = numbered(world, 16)
    job = world.run(spec, samples)
    assert job.state is JobState.FINISHED
    assert reasons(job) == {samples[5].id: "killed"}
    assert len(labels(job)) == 15
    assert "signal 9" in job.results[samples[5].id].message


def test_a_sample_that_hangs_is_found_and_the_others_live(world: World) -> None:
    code = by_number("if n == 2: time.sleep(600)")
    samples = numbered(world, 4)
    job = world.run(world.spec(code, inputs=NUMBERED, mini_batch=4), samples, batch_timeout_seconds=2)
    assert reasons(job) == {samples[2].id: "timeout"}
    assert len(labels(job)) == 3


def test_out_of_memory_halves_the_mini_batch_and_remembers_it(world: World) -> None:
    code = by_number(
        "if len(number) > 2: raise MemoryError('CUDA out of memory')\nprint('size', len(number))"
    )
    samples = numbered(world, 24)
    job = world.run(world.spec(code, inputs=NUMBERED, mini_batch=8), samples)
    assert len(labels(job)) == 24
    # Both lanes may fail at 8 and at 4, with the halves each of them leaves; fresh batches have the size that fits.
    assert job.log.count("MemoryError: CUDA out of memory") <= 8


def test_a_sample_too_large_by_itself_is_an_error_of_its_own(world: World) -> None:
    samples = numbered(world, 4)
    job = world.run(
        world.spec(by_number("if n == 1: raise MemoryError"), inputs=NUMBERED, mini_batch=4), samples
    )
    assert reasons(job) == {samples[1].id: "out_of_memory"}


def test_masks_are_stored_before_the_value_that_names_them(world: World, level: Sandbox) -> None:
    code = """
import numpy as np
class Model:
    def predict(self, n):
        return {
            "mask": [np.full((4, 6), 7, np.uint8), None, {"mask": "0" * 64, "width": 1, "height": 1}],
            "heat": [np.linspace(-1, 3, 24, dtype=np.float32).reshape(4, 6), None, None],
        }
"""
    outputs = {"mask": {"type": "segmentation"}, "heat": {"type": "heatmap"}}
    spec = world.spec(code, outputs, {"n": {"type": "integer"}}, mini_batch=3, sandbox=level.value)
    samples = [world.sample(str(n), n=n) for n in range(3)]
    job = world.run(spec, samples, ("mask", "heat"))
    values = job.results[samples[0].id].values
    assert (values["mask"]["width"], values["mask"]["height"]) == (6, 4)
    assert values["heat"]["range"] == [-1.0, 3.0]
    for name in ("mask", "heat"):
        with world.blobs.open(mask_key(values[name]["mask"])) as file:
            assert file.read(4) == b"\x89PNG"
    assert job.results[samples[1].id].values == {"mask": None, "heat": None}
    # A mask that the model did not make is another's: naming one is not enough.
    assert reasons(job) == {samples[2].id: "invalid_output"}
