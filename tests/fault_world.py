"""An installation that is tormented: its processes are killed and frozen, and every job must still end honestly."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from PIL import Image

from tests.fixtures_server import Installation, wait_for
from tests.worlds import FINAL, deployed, images, package

SAMPLES = 96
POISON_WIDTH = 40  # of the one image that the badly behaved models stumble over
HUNGER = 50 * 2**20  # bytes that a greedy model needs for each image of a batch
SCHEMA = {
    "inputs": {
        "type": "object",
        "properties": {
            "image_paths": {"type": "local"},
            "behaviour": {"type": "string", "default": ""},
            "pause": {"type": "number", "default": 0},
        },
    },
    "outputs": {"type": "object", "properties": {"predictions": {"type": "classification"}}},
}
# The label of a sample is its id, so that a value which was written for another sample shows.
MODEL = f"""
import ctypes, os, signal, struct, time

def garbage():
    for number in range(3, 64):
        try:
            os.write(number, b"\\x00\\x00\\x00\\x07garbage" * 50)
        except OSError:
            pass

DEEDS = {{
    "exit": lambda: os._exit(0),
    "crash": lambda: ctypes.string_at(0),
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "hang": lambda: time.sleep(600),
    "garbage": garbage,
    "raise": lambda: [][0],
    "glutton": lambda: bytearray(b"x") * (1 << 30),
}}

def width(path):
    with open(path, "rb") as file:
        return struct.unpack(">I", file.read(20)[16:])[0]

class Model:
    def setup(self, device):
        pass

    def predict(self, image_paths, behaviour, pause):
        deed = behaviour[0] or ""
        if deed == "memory" and len(image_paths) > 2:
            raise MemoryError("only two images fit")
        if deed == "greedy":
            eaten = [bytearray(b"x") * {HUNGER} for _ in image_paths]
        if deed in DEEDS and any(width(path) == {POISON_WIDTH} for path in image_paths):
            DEEDS[deed]()
        time.sleep((pause[0] or 0) * len(image_paths))
        return {{"predictions": [{{"label": path.rsplit("/", 1)[1].split(".")[0]}} for path in image_paths]}}
"""


def pictures() -> dict[str, bytes]:
    """The dataset's files by name: honest ones, and the poison."""
    poison = io.BytesIO()
    Image.new("RGB", (POISON_WIDTH, 16), "red").save(poison, "PNG")
    return {**images(SAMPLES - 1), "poison.png": poison.getvalue()}


@dataclass
class World(Installation):
    """An installation with a dataset and a deployed model, whose processes can be tormented."""

    dataset: int = 0
    deployment: int = 0
    samples: dict[str, int] = field(default_factory=dict)  # name -> id
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None
    executor: subprocess.Popen[bytes] | None = None
    fields: int = 0
    disk: str = ""  # the source of the disk that the data folder is, where it is one

    # -- processes ------------------------------------------------------------------------------------

    def bring_up(self) -> None:
        """Start what does not run."""
        if not _runs(self.web):
            self.web = self.start("web", "--port", str(self.port))
        if not _runs(self.worker):
            self.worker = self.start("worker")
        if not _runs(self.executor):
            self.executor = self.start("executor")
        self.wait_until_up()

    def sabotaged(self, plan: dict[str, Any], *command: str) -> subprocess.Popen[bytes]:
        return self.start(*command, through=["tests.saboteur", json.dumps(plan)])

    def kill(self, process: subprocess.Popen[bytes] | None) -> None:
        """SIGKILL for the process alone; those that it started must go by themselves."""
        if process is not None and process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(timeout=30)

    def kill_everything(self) -> None:
        for process in (self.web, self.worker, self.executor):
            if _runs(process):
                os.killpg(process.pid, signal.SIGKILL)  # type: ignore[union-attr]
                process.wait(timeout=30)  # type: ignore[union-attr]

    # -- what a person does -----------------------------------------------------------------------------

    def populate(self, *, mini_batch: int = 8) -> None:
        with self.api() as api:
            self.dataset = self.new_dataset(api, "many")
            self.deployment = deployed(self, api, package(MODEL, schema=SCHEMA), mini_batch=mini_batch)

    def new_dataset(self, api: httpx.Client, name: str) -> int:
        made = int(api.post("/datasets/", json={"name": name}).raise_for_status().json()["id"])
        files = [("files", (each, content, "image/png")) for each, content in pictures().items()]
        answer = api.post(f"/datasets/{made}/samples/", files=files)
        assert answer.status_code == 200, answer.text + self.logs()
        assert answer.json()["added"] == SAMPLES
        page = api.get(f"/datasets/{made}/samples/", params={"limit": 500}).json()["results"]
        self.samples = {each["name"]: each["id"] for each in page}
        return made

    def order(self, *, behaviour: str = "", pause: float = 0.01, **changes: Any) -> dict[str, Any]:
        """The body of a submit to a field of its own."""
        self.fields += 1
        inputs = {"behaviour": {"constant": behaviour}, "pause": {"constant": pause}}
        entry = {
            "deployment": self.deployment,
            "inputs": inputs,
            "outputs": {"predictions": f"field_{self.fields}"},
        }
        whole = {"dataset": self.dataset, "entries": [entry]}
        return {**whole, **changes}

    def submit(self, api: httpx.Client, **what: Any) -> int:
        body = self.order(**what)
        key = f"key-{self.fields}"
        answer = api.post("/jobs/", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        return int(answer.json()["jobs"][0]["id"])

    def half_way(self, job: int, *, at_least: int = 16) -> None:
        """Wait until some of the job is done, and not all."""

        def is_half_way() -> bool:
            done, total = self.query("SELECT done, total FROM jobs_app_job WHERE id = %s", job)[0]
            assert done < total, "the job is over before its fault came"
            return bool(done >= at_least)

        wait_for(is_half_way, seconds=60, what=f"job {job} to be half way; {self.logs()}")

    def end_of(self, job: int, *, seconds: float = 60) -> str:
        def ended() -> str | None:
            state = self.query("SELECT state FROM jobs_app_job WHERE id = %s", job)[0][0]
            return state if state in FINAL else None

        return str(wait_for(ended, seconds=seconds, what=f"job {job} to end; {self.logs()}"))

    # -- the truth --------------------------------------------------------------------------------------

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows, straight from the database; `%s` are the values."""
        url = self.settings.get("SAMPLECASE_DATABASE_URL")
        if url:
            with psycopg.connect(url, connect_timeout=5) as connection:
                return connection.execute(statement.encode(), values).fetchall()
        path = self.data / "samplecase.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
            return connection.execute(statement.replace("%s", "?"), values).fetchall()

    def change(self, statement: str, *values: Any) -> None:
        url = self.settings.get("SAMPLECASE_DATABASE_URL")
        if url:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(statement.encode(), values)
            return
        path = self.data / "samplecase.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection, connection:
            connection.execute(statement.replace("%s", "?"), values)

    def stop(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
        super().stop()


def _runs(process: subprocess.Popen[bytes] | None) -> bool:
    return process is not None and process.poll() is None


class Marker:
    """Where a saboteur says that it has stopped."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def wait(self, *, seconds: float = 30, what: str = "the trap") -> int:
        """The process that has stopped, when it has."""
        pid = int(wait_for(lambda: self.path.exists() and self.path.read_text(), seconds=seconds, what=what))
        wait_for(lambda: state_of(pid) in {"T", ""}, seconds=30, what=f"{pid} to stop")
        return pid


def state_of(pid: int) -> str:
    """The letter of /proc: R S D T Z; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def orphans(world: World) -> list[str]:
    """Processes of the installation, sandboxed ones included, that descend from none that was started and lives."""
    alive = {process.pid for process in world.processes if _runs(process)}
    return [f"{pid}: {_command(pid)}" for pid in inhabitants(world) if not _ancestors(pid) & alive]


def inhabitants(world: World) -> Iterator[int]:
    """A replica has no variable of ours, but our folder is mounted in its box."""
    yield from (members := world.members())
    place = (world.disk or str(world.data)).encode()
    ours = Path("/proc/self/ns/mnt").readlink()
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if pid == os.getpid() or pid in members or state_of(pid) in {"Z", ""}:
            continue
        with contextlib.suppress(OSError):
            is_boxed = (folder / "ns" / "mnt").readlink() != ours
            mounts = (folder / "mountinfo").read_bytes() if is_boxed else b""
            if place in mounts or place in (folder / "cmdline").read_bytes():
                yield pid


def _ancestors(pid: int) -> set[int]:
    found = {pid}
    while (pid := parent_of(pid)) > 1:
        found.add(pid)
    return found


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
    return ""


def leftovers(world: World) -> list[str]:
    """Folders of executors that no longer run, files of batches that are over, packages half unpacked."""
    work = Path(world.settings.get("SAMPLECASE_WORK_DIR", world.data / "work"))
    alive = {str(process.pid) for process in world.processes if _runs(process)}
    found = [each for each in work.glob("replicas/*") if each.name.partition("-")[0] not in alive]
    found += work.glob("replicas/*/*/media/*")
    found += work.glob("packages/unpacking-*")
    return [str(each.relative_to(work)) for each in found]


def eventually(faults: Callable[[], list[str]], *, seconds: float = 12) -> list[str]:
    """What is still wrong after a while: processes need a moment to end, folders one to be swept."""
    end = time.monotonic() + seconds
    while (found := faults()) and time.monotonic() < end:
        time.sleep(0.1)
    return found
