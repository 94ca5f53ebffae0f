"""The local engine: each replica is a child process of this host, in its sandbox."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import select
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, cast

from samplecase.contracts.states import Sandbox
from samplecase.runtime import sandbox, shim
from samplecase.runtime.box_memory import BoxMemory, TooMuchMemory
from samplecase.runtime.engines.headers import check_header
from samplecase.runtime.engines.launch import Launch
from samplecase.runtime.engines.port import (
    Answer,
    Batch,
    BatchFailed,
    Replica,
    ReplicaLost,
    ReplicaNotStarted,
    ReplicaSpec,
    ReplicaStats,
)
from samplecase.runtime.engines.wire import TimedReader, outcome_of, predict_frame
from samplecase.runtime.log_tail import LogTail

DRAIN_SECONDS = 2.0
REAP_SECONDS = 5.0
LOG_SECONDS = 2.0  # how long the end of a log is waited for: a grandchild may hold the pipe
REMARKS, REMARKS_PER_SECOND = (
    60,
    10,
)  # what may be said besides answers; an honest replica beats once a second
READ_BYTES = 64 * 1024
PIPE_BYTES = 1024 * 1024
MAX_ANSWER_BYTES = 1024**3  # of one answer's arrays and files; with more, smaller batches are tried
PIPE_READS = 16  # a mebibyte, the most that a pipe holds: who prints without end does not keep anyone here
ENDING_SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE)


class LocalEngine:
    """Starts replicas under `folder`, which belongs to this engine alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._replicas: set[LocalReplica] = set()
        # A child dies with the thread that started it, so one thread that lasts starts them all.
        self._launcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")

    def start_replica(self, spec: ReplicaSpec) -> Replica:
        number = next(self._numbers)
        folder = self._folder / str(number)
        replica = LocalReplica(spec, folder, number=number, forget=self._forget)
        with self._lock:
            self._replicas.add(replica)
        try:
            self._launcher.submit(replica.launch).result()
            replica.wait_until_ready()
        except BaseException:
            replica.kill()
            raise
        return replica

    def close(self) -> None:
        with self._lock:
            replicas = list(self._replicas)
        for replica in replicas:
            replica.kill()
        self._launcher.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _forget(self, replica: LocalReplica) -> None:
        with self._lock:
            self._replicas.discard(replica)


class _Pending:
    """A batch that was sent and not answered."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.future: Future[Answer] = Future()


class LocalReplica:
    """One shim process: frames go in over stdin, come out over stdout, and stderr is its log."""

    def __init__(
        self, spec: ReplicaSpec, folder: Path, *, number: int, forget: Callable[[LocalReplica], None]
    ) -> None:
        self._spec = spec
        self._folder = folder
        self._forget = forget
        self._launch = Launch(spec, folder, number)
        self.media = self._launch.media
        self.media_inside = self._launch.media_inside
        self._log = LogTail()
        self.load_log = ""
        self._log_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._state_lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._pending: deque[_Pending] = deque()
        self._numbers = itertools.count(1)
        self._deadline = 0.0
        self._is_writing = False  # a frame is on its way in, from the moment for which the deadline was set
        self._ready = threading.Event()
        self._dead = threading.Event()
        self._death = ("killed", "the replica was stopped")
        self._is_ended = False
        self._box_memory: BoxMemory | None = None
        self._started = time.monotonic()
        self._load_seconds = 0.0
        self._memory = 0
        self._batches = 0
        self._remarks = 0

    # -- life --------------------------------------------------------------------------------------

    def launch(self) -> None:
        """Start the process; the calling thread must outlive it."""
        if self._spec.num_gpus and not self._launch.devices:
            raise ReplicaNotStarted("the deployment asks for a GPU, and this host has none", "")
        self._launch.make_folders()
        self._started = time.monotonic()
        self._deadline = self._started + self._spec.load_timeout_seconds
        box = self._launch.box()
        try:
            self._process = sandbox.start(
                self._spec.sandbox, self._launch.command(), box, stdin=subprocess.PIPE
            )
        except OSError as error:
            raise ReplicaNotStarted(f"the interpreter cannot be started: {error}", "") from error
        if self._spec.sandbox is Sandbox.BWRAP:
            self._box_memory = BoxMemory(self._process.pid, box)
        self._stdin = cast("IO[bytes]", self._process.stdin)
        _widen(self._stdin)
        self._threads = [
            threading.Thread(target=self._read_log, name="replica-log", daemon=True),
            threading.Thread(target=self._read_frames, name="replica-frames", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self._send(self._launch.load_message())

    def wait_until_ready(self) -> None:
        self._ready.wait()
        if self._dead.is_set():
            self._drain_log()
            raise ReplicaNotStarted(self._death[1], self._log.text)

    @property
    def is_alive(self) -> bool:
        return not self._dead.is_set()

    def close(self) -> None:
        if self.is_alive:
            with self._write_lock:
                with self._state_lock:
                    self._deadline = time.monotonic() + DRAIN_SECONDS
                    self._is_writing = True
                self._write({"type": "drain"}, ())
            self._dead.wait(DRAIN_SECONDS)
        self.kill()

    def kill(self) -> None:
        self._end("killed", "the replica was stopped")
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=LOG_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._forget(self)

    def _end(self, reason: str, message: str) -> None:
        """Kill the process and fail what it had; the first call says why."""
        with self._state_lock:
            if self._is_ended:
                return
            self._is_ended = True
            self._death = (reason, message)
            lost = list(self._pending)
            self._pending.clear()
        if hasattr(self, "_process"):
            sandbox.kill(self._process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=REAP_SECONDS)
        self._dead.set()
        self._ready.set()
        for index, pending in enumerate(lost):
            pending.future.set_exception(ReplicaLost(reason, message, guilty=index == 0))

    # -- work --------------------------------------------------------------------------------------

    def submit(self, batch: Batch) -> Future[Answer]:
        pending = _Pending(next(self._numbers))
        header, parts = predict_frame(pending.number, batch, self._spec.batch_timeout_seconds)
        with self._write_lock:
            with self._state_lock:
                is_over = self._is_ended
                if not is_over:
                    if not self._pending:
                        self._deadline = time.monotonic() + self._spec.batch_timeout_seconds
                    self._pending.append(pending)
                    self._is_writing = True
            if not is_over:
                self._write(header, parts)
        if is_over:
            # Not before it is dead for everybody: who asks again at once would only come here again.
            self._dead.wait(REAP_SECONDS)
            reason, message = self._death
            pending.future.set_exception(ReplicaLost(reason, message, guilty=False))
        return pending.future

    def new_log(self) -> str:
        self._drain_log()
        return self._log.take()

    def stats(self) -> ReplicaStats:
        return ReplicaStats(self._load_seconds, self._memory, self._batches)

    def _send(self, header: dict[str, Any]) -> None:
        with self._write_lock:
            self._write(header, ())

    def _write(self, header: dict[str, Any], parts: Sequence[bytes]) -> None:
        # A broken pipe is the end of the process, which the reading thread sees and explains.
        with contextlib.suppress(OSError, ValueError):
            shim.write_frame(cast("Any", self._stdin), header, parts)
        self._is_writing = False

    # -- what it says ------------------------------------------------------------------------------

    def _read_log(self) -> None:
        stream = cast("IO[bytes]", self._process.stderr)
        while not stream.closed:
            try:
                select.select([stream], [], [])
            except (OSError, ValueError):
                return  # another thread drained it to its end and closed it
            self._drain_log()

    def _drain_log(self) -> None:
        """Read what was printed up to now, so that a log never comes after the answer it belongs to."""
        stream = cast("IO[bytes]", self._process.stderr)
        with self._log_lock:
            for _ in range(PIPE_READS):
                if stream.closed or not select.select([stream], [], [], 0)[0]:
                    break
                data = os.read(stream.fileno(), READ_BYTES)
                self._log.add(data.decode("utf-8", "replace"))
                if not data:
                    stream.close()

    def _read_frames(self) -> None:
        stream = cast("IO[bytes]", self._process.stdout)
        reader = TimedReader(stream.fileno(), self._check_limits)
        try:
            while (frame := shim.read_frame(cast("Any", reader), MAX_ANSWER_BYTES, check_header)) is not None:
                self._handle(*frame)
        except TimeoutError:
            self._end("timeout", self._timeout_message())
        except TooMuchMemory as error:
            self._end("out_of_memory", str(error))
        except (
            Exception
        ) as error:  # user code wrote it: whatever cannot be read is the replica's end, never ours
            self._end("killed", f"the replica sent what is not an answer: {error}")
        self._end("killed", self._exit_message())
        stream.close()
        with contextlib.suppress(OSError):
            self._stdin.close()

    def _check_limits(self) -> None:
        if self._box_memory is not None:
            self._box_memory.check()
        with self._state_lock:
            # A replica that does not read keeps a writer waiting, whatever it answers meanwhile.
            is_waited_for = bool(self._pending) or not self._ready.is_set() or self._is_writing
            if is_waited_for and time.monotonic() > self._deadline:
                raise TimeoutError

    def _timeout_message(self) -> str:
        if not self._ready.is_set():
            return f"setup() did not return within {self._spec.load_timeout_seconds:g} seconds"
        return f"predict() did not return within {self._spec.batch_timeout_seconds:g} seconds"

    def _exit_message(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        code = self._process.returncode
        if code is None:
            return "the replica closed its connection"
        number = -code if code < 0 else code - 128
        if code < 0 or number in ENDING_SIGNALS:
            hint = ", perhaps for its use of memory" if number == signal.SIGKILL else ""
            return f"the replica was ended by signal {number} ({signal.strsignal(number)}){hint}"
        return f"the replica exited with code {code}"

    def _handle(self, header: dict[str, Any], parts: list[bytes]) -> None:
        if header["type"] != "result":
            self._count_remark()
        match header["type"]:
            case "result":
                self._resolve(header, parts)
            case "beat":
                self._memory = max(self._memory, int(header["memory"]))
            case "ready":
                self._memory = max(self._memory, int(header["memory"]))
                self._load_seconds = time.monotonic() - self._started
                self._drain_log()
                self.load_log = self._log.take()
                self._ready.set()
            case "bye" if "error" in header:
                self._end("killed", str(header["error"]))
            case "hello" | "bye":
                pass
            case unknown:
                raise ValueError(f"a message of type {unknown!r}")

    def _count_remark(self) -> None:
        """Who talks without end keeps this process from all others."""
        self._remarks += 1
        if self._remarks > REMARKS + REMARKS_PER_SECOND * (time.monotonic() - self._started):
            raise ValueError("more messages than any work needs")

    def _resolve(self, header: dict[str, Any], parts: list[bytes]) -> None:
        """Answer the oldest batch; nothing is believed that was not asked."""
        with self._state_lock:
            if not self._pending or self._pending[0].number != header["id"]:
                raise ValueError("an answer to no question")
        outcome = outcome_of(header, parts)
        with self._state_lock:
            if not self._pending:
                return
            future = self._pending.popleft().future
            self._batches += 1
            self._deadline = time.monotonic() + self._spec.batch_timeout_seconds
        if isinstance(outcome, BatchFailed):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold as much as the system allows anybody: images go through in few steps."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
