"""What can be read about the host from within a box, what a hostile replica leaves behind, and what it plants."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from samplecase.contracts.states import Sandbox
from samplecase.runtime import sandbox
from samplecase.runtime.box_memory import BoxMemory, TooMuchMemory, descendants
from samplecase.runtime.engines.local import LocalEngine
from samplecase.runtime.engines.port import Batch, ElementError, ReplicaSpec
from samplecase.runtime.sandbox import probe_sandbox
from tests.engine.conftest import engine, level, replica_spec, until, world

__all__ = ["engine", "level", "replica_spec", "world"]  # fixtures
pytestmark = pytest.mark.sandbox
needs_bwrap = pytest.mark.skipif(
    probe_sandbox().level is not Sandbox.BWRAP, reason=probe_sandbox().why_not or "-"
)
Made = Callable[..., ReplicaSpec]
ONE = Batch(1, {"x": [1]})

CURIOUS = """
import os

def read(path):
    with open(path, "rb") as file:
        return file.read().decode()

def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""

class Model:
    def predict(self, x):
        processes = [each for each in os.listdir("/proc") if each.isdigit()]
        return {"out": [{
            "arguments": {each: read("/proc/" + each + "/cmdline") for each in processes},
            "environment": dict(os.environ),
            "files": [link("/proc/self/fd/" + each) for each in os.listdir("/proc/self/fd")],
        } for _ in x]}
"""


@needs_bwrap
def test_no_process_of_a_box_shows_what_the_box_is_made_of(
    engine: LocalEngine, replica_spec: Made, tmp_path: Path
) -> None:
    replica = engine.start_replica(replica_spec(CURIOUS, Sandbox.BWRAP))
    shown = replica.submit(ONE).result(60)["out"][0]
    assert "1" in shown["arguments"]
    for arguments in shown["arguments"].values():
        assert str(tmp_path) not in arguments
        assert "bind" not in arguments
        assert "TMPDIR" not in arguments
    assert set(shown["environment"]) <= {
        *("PATH", "HOME", "TMPDIR", "USER", "LANG", "LC_CTYPE", "CUDA_VISIBLE_DEVICES"),
        *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
    }
    assert not [each for each in shown["files"] if each.startswith(("/memfd:", str(tmp_path)))]


STAYS = """
import os, time

class Model:
    def predict(self, x):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv("/bin/sleep", ["sleep", "%d.5" % x[0]])
            os._exit(0)
        os.wait()
        return {"out": [{} for _ in x]}
"""


def sleeping(seconds: str) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cmdline").read_bytes().split(b"\0")[:2] == [b"sleep", seconds.encode()]:
                found.append(int(entry.name))
    return found


@pytest.mark.parametrize("ending", ["close", "kill", "engine"])
def test_a_process_that_stays_behind_ends_with_its_box(
    engine: LocalEngine, replica_spec: Made, level: Sandbox, ending: str
) -> None:
    seconds = 900_000 + os.getpid() % 90_000
    replica = engine.start_replica(replica_spec(STAYS, level))
    replica.submit(Batch(1, {"x": [seconds]})).result(60)
    until(lambda: len(sleeping(f"{seconds}.5")) == 1)
    if ending == "engine":
        engine.close()
    else:
        getattr(replica, ending)()
    if level is Sandbox.BWRAP:
        until(lambda: not sleeping(f"{seconds}.5"))
    else:  # which is what the box is for
        stayed = sleeping(f"{seconds}.5")
        assert len(stayed) == 1
        os.kill(stayed[0], signal.SIGKILL)


PLANTS = """
import os
class Model:
    def predict(self, secret, folder):
        scratch = os.environ["TMPDIR"]
        os.chdir(scratch)
        os.symlink(secret[0], "link.png")
        os.symlink(folder[0], "folder")
        os.symlink("folder", "twice")
        os.symlink("/proc/self/root" + secret[0], "round.png")
        os.symlink("circle", "circle")
        os.mkfifo("pipe.png")
        os.mkdir("inner.png")
        return {"out": [
            "link.png", scratch + "/link.png", "folder/secret", scratch + "/twice/secret", "round.png",
            secret[0], "/proc/self/root" + secret[0], "../../etc/passwd", "./../scratch/../" + secret[0],
            "/proc/self/fd/0", "/dev/stdin", "/dev/zero", "pipe.png", "inner.png", "", ".", "missing.png", "nul\\0.png",
            "circle/x.png",
        ]}
"""


def test_a_mask_is_never_read_through_a_link_or_from_elsewhere(
    engine: LocalEngine, replica_spec: Made, level: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("hunter2")
    texts = {"secret": {"type": "string"}, "folder": {"type": "string"}}
    spec = replica_spec(PLANTS, level, outputs={"out": {"type": "segmentation"}}, inputs=texts)
    batch = Batch(19, {"secret": [str(tmp_path / "secret")] * 19, "folder": [str(tmp_path)] * 19})
    elements = engine.start_replica(spec).submit(batch).result(60)["out"]
    assert [each for each in elements if not isinstance(each, ElementError)] == []
    assert {each.reason for each in elements} == {"invalid_output"}


HOLDS = """
import os, sys, time
open("/tmp/held", "wb").write(bytes(8 * 2**20))
for number in range(4096): os.close(os.open("/replica/scratch/%d" % number, os.O_CREAT))
held = bytearray(b"x") * (32 * 2**20)
children = [os.fork() for _ in range(1)]
print("ready", flush=True)
time.sleep(600)
"""


@needs_bwrap
def test_the_memory_of_a_box_is_that_of_all_its_processes_and_files(tmp_path: Path) -> None:
    mebibyte = 2**20
    limits = sandbox.Limits(memory=48 * mebibyte, scratch=16 * mebibyte, processes=20)
    box = sandbox.Box(limits, scratch=("/tmp", "/replica/scratch"), environment={"PATH": "/usr/bin:/bin"})
    process = sandbox.start(Sandbox.BWRAP, ["/usr/bin/env", "python3", "-c", HOLDS], box)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert process.stdout.readline() == b"ready\n", process.stderr.read()
        process.stdout.readline()
        assert len(descendants(process.pid)) >= 4
        # 32 of the parent, shared with its child; 8 of a file; 4 of the empty ones; two interpreters.
        held = BoxMemory(process.pid, box).held()
        assert 44 * mebibyte < held < 64 * mebibyte
        with pytest.raises(TooMuchMemory, match="48 are allowed"):
            BoxMemory(process.pid, box).check()
    finally:
        sandbox.kill(process)
        process.communicate()
    assert BoxMemory(process.pid, box).held() == 0
