"""Whatever ends an executor, no replica outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from samplecase.contracts.states import Sandbox
from samplecase.runtime.own_folder import OwnFolder
from tests.engine.conftest import until

HOLDER = """
import sys, time
from pathlib import Path
from samplecase.contracts.states import Sandbox
from samplecase.runtime.engines.local import LocalEngine
from samplecase.runtime.engines.port import Batch, ReplicaSpec
from samplecase.runtime.interpreter import host_interpreter
package, replicas, level = sys.argv[1:]
manifest = {"entrypoint": "model:Model", "schema": {
    "inputs": {"type": "object", "properties": {"x": {"type": "integer"}}},
    "outputs": {"type": "object", "properties": {"out": {"type": "object"}}}}}
spec = ReplicaSpec(Path(package), manifest, host_interpreter(Path(sys.executable)), Sandbox(level), threads=1)
replica = LocalEngine(Path(replicas)).start_replica(spec)
replica.submit(Batch(1, {"x": [1]}))
print("started", flush=True)
time.sleep(600)
"""
MODEL = """
import time
class Model:
    def predict(self, x):
        time.sleep(600)
"""


def replicas_of(package: Path) -> list[str]:
    """The processes whose command line or folder names the package's parent."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            place = str((entry / "cwd").readlink())
        except OSError:
            continue
        if str(package).encode() in command or str(package) in place:
            found.append(entry.name)
    return found


def test_a_busy_replica_dies_with_a_killed_executor(tmp_path: Path, level: Sandbox) -> None:
    package = tmp_path / "package-of-orphans"
    package.mkdir()
    (package / "model.py").write_text(MODEL)
    (tmp_path / "replicas").mkdir()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(package), str(tmp_path / "replicas"), level.value],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]},
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"started\n"
        assert replicas_of(package)
        holder.send_signal(signal.SIGKILL)
    until(lambda: not replicas_of(package))


HOLDS = """
import sys
from pathlib import Path
from samplecase.runtime.own_folder import OwnFolder
folder = OwnFolder(Path(sys.argv[1]))
print(folder.path, flush=True)
sys.stdin.read()
"""


def test_what_a_dead_executor_left_behind_is_cleared_away(tmp_path: Path) -> None:
    mine, second = OwnFolder(tmp_path), OwnFolder(tmp_path)
    assert mine.path != second.path
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdin
    assert other.stdout
    with other.stdin, other.stdout:
        left = Path(other.stdout.readline().strip())
        mine.remove_abandoned()
        assert left.exists()
        assert second.path.exists()
        other.kill()
        other.wait()
    mine.remove_abandoned()
    assert not left.exists()
    assert second.path.exists()
    for folder in (mine, second):
        folder.remove()
        assert not folder.path.exists()
