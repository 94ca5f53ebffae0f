"""Keep user code from everything that is not its own: what a replica's process sees, may do and may use up.

Level `bwrap` makes a new root out of an allow-list of mounts, with its own processes, no network and another user;
the level `none` is an ordinary child with a cleared environment, for code that its operator trusts.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from samplecase.contracts.states import Sandbox
from samplecase.runtime import seccomp

TOOLS = ("bwrap", "setpriv", "prlimit")
SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/alternatives",
)
NETWORK_FILES = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/ssl",
    "/etc/ca-certificates",
    "/etc/pki",
)
NAMESPACES = ("--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try")
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - private to the box
NOBODY = 65534
FIRST_USER, USERS = 1_610_000_000, 60_000  # far above what accounts and sub-uid ranges use
_users = itertools.count()


@dataclass(frozen=True)
class SandboxReport:
    """The strongest level this host can give, and why not a stronger one."""

    level: Sandbox
    why_not: str = ""


@dataclass(frozen=True)
class Limits:
    """What one box may use up, in bytes and counts."""

    memory: int
    scratch: int
    processes: int
    files: int = 4096

    @classmethod
    def of(cls, *, memory: int | None, scratch: int, processes: int) -> Limits:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return cls(memory=memory or whole * 4 // 5, scratch=scratch, processes=processes)


@dataclass(frozen=True)
class Mount:
    """A path of the host, and where the boxed process sees it."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Box:
    """All that a boxed process gets. Paths in `environment` and `folder` are as seen from inside."""

    limits: Limits
    mounts: Sequence[Mount] = ()
    scratch: Sequence[str] = ("/tmp",)  # noqa: S108 - private to the box, gone with it
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/"
    network: bool = False
    devices: Sequence[Path] = ()


def new_user() -> int:
    """A user number for a box started by root, its own for each, so that one's limits are not another's."""
    return FIRST_USER + (os.getpid() * 101 + next(_users)) % USERS


def start(
    level: Sandbox,
    command: Sequence[str],
    box: Box,
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    user: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` at this level, in its own process group.

    The child dies with the *thread* that calls this (PR_SET_PDEATHSIG): call it from one that lasts.
    """
    if level is Sandbox.NONE:
        return subprocess.Popen(
            list(command),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=box.folder,
            env=dict(box.environment),
            start_new_session=True,
        )
    with contextlib.ExitStack() as files:
        filter_file = files.enter_context(_in_memory(seccomp.program(memory_files=bool(box.devices))))
        options = "\0".join(_options(box, filter_file)).encode()
        options_file = files.enter_context(_in_memory(options))
        return subprocess.Popen(
            [*_bwrap(options_file, box.limits, new_user() if user is None else user), *command],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd="/",
            env={},
            pass_fds=(filter_file, options_file),
            start_new_session=True,
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """End what `start` started.

    A box dies whole with bwrap's first process. The group is for the moment before bwrap's second one has asked for
    that, and for the level without a box, where it is what can be reached.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def _in_memory(content: bytes) -> Iterator[int]:
    """A file without a name that holds this, for a child to read from its start."""
    file = os.memfd_create("box")
    try:
        with os.fdopen(os.dup(file), "wb") as writer:
            writer.write(content)
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


def _bwrap(options_file: int, limits: Limits, user: int) -> list[str]:
    """The command without what the box is made of: this much can be read inside, and by every user of the host."""
    # bwrap adds PWD to what it was given; without it the box has exactly its own variables.
    without_pwd = ["/usr/bin/env", "-u", "PWD"]
    start = [*_first_to_go(), _tool("bwrap"), "--args", str(options_file), "--"]
    return [*start, *_limits(limits), *_drop(user), *without_pwd]


def _first_to_go() -> list[str]:
    """Where the host runs out of memory in spite of all limits, its kernel ends boxes before anything else."""
    choom = _tool("choom")
    return [choom, "-n", "1000", "--"] if Path(choom).is_file() else []


def _options(box: Box, filter_file: int) -> Iterator[str]:
    yield from (*NAMESPACES, "--die-with-parent", "--new-session", "--hostname", "replica")
    if not box.network:
        yield "--unshare-net"
    yield from _privileges()
    yield from _mounts(box)
    yield "--clearenv"
    for name, value in box.environment.items():
        yield from ("--setenv", name, value)
    yield from ("--chdir", box.folder, "--seccomp", str(filter_file))


def _privileges() -> list[str]:
    """Root keeps just what it takes to become another user; anyone else gets a user namespace of his own."""
    if os.geteuid() == 0:
        return ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    nobody = ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL"]
    return [*nobody, "--disable-userns"] if _knows("--disable-userns") else nobody


def _mounts(box: Box) -> Iterator[str]:
    yield from ("--perms", "0755", "--size", str(1024 * 1024), "--tmpfs", "/")
    for folder in map(Path, SYSTEM_FOLDERS):
        if folder.is_symlink():
            yield from ("--symlink", str(folder.readlink()), str(folder))
        elif folder.is_dir():
            yield from ("--ro-bind", str(folder), str(folder))
    yield from _readable_parents(SYSTEM_FILES)
    for file in (*SYSTEM_FILES, *(NETWORK_FILES if box.network else ())):
        yield from ("--ro-bind-try", file, file)
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from _readable_parents(box.scratch)
    for folder_name in (SHARED_MEMORY, *box.scratch):
        yield from ("--perms", "1777", "--size", str(box.limits.scratch), "--tmpfs", folder_name)
    for device in box.devices:
        yield from ("--dev-bind-try", str(device), str(device))
    yield from _readable_parents([mount.target for mount in box.mounts])
    for mount in box.mounts:
        yield from ("--bind" if mount.writable else "--ro-bind", str(mount.source), mount.target)
    yield from ("--remount-ro", "/dev", "--remount-ro", "/")


def _readable_parents(targets: Sequence[str]) -> Iterator[str]:
    """Make the folders above the targets, outermost first: readable, whatever the mode of what is mounted."""
    parents = {parent for target in targets for parent in Path(target).parents if parent != Path("/")}
    for parent in sorted(parents, key=lambda path: len(path.parts)):
        if f"/{parent.parts[1]}" not in SYSTEM_FOLDERS:
            yield from ("--perms", "0755", "--dir", str(parent))


def _limits(limits: Limits) -> list[str]:
    """Set inside the box, so that they count its processes only.

    Memory is RLIMIT_DATA: unlike RLIMIT_AS it does not count what torch and CUDA merely reserve.
    """
    return [
        _tool("prlimit"),
        f"--data={limits.memory}",
        f"--nproc={limits.processes}",
        f"--nofile={limits.files}",
        f"--fsize={limits.scratch}",
        "--core=0",
        "--memlock=0",
        "--",
    ]


def _drop(user: int) -> list[str]:
    """Become a user that owns nothing on this host; only root can, and only root needs to."""
    if os.geteuid() != 0:
        return []
    identity = ["--reuid", str(user), "--regid", str(user), "--clear-groups"]
    return [_tool("setpriv"), *identity, "--inh-caps=-all", "--no-new-privs", "--"]


def _tool(name: str) -> str:
    return shutil.which(name, path="/usr/bin:/bin:/usr/local/bin") or name


@functools.cache
def _knows(option: str) -> bool:
    help_text = subprocess.run([_tool("bwrap"), "--help"], capture_output=True, text=True, check=False)
    return option in help_text.stdout + help_text.stderr


@functools.cache
def probe_sandbox() -> SandboxReport:
    """What this host can give, found by starting a real box and asking it who and where it is."""
    if platform.system() != "Linux":
        return SandboxReport(Sandbox.NONE, f"bubblewrap needs Linux, and this is {platform.system()}")
    missing = [name for name in TOOLS if not Path(_tool(name)).is_file()]
    if missing:
        return SandboxReport(
            Sandbox.NONE, f"{', '.join(missing)} not found: install the packages bubblewrap and util-linux"
        )
    if platform.machine() not in seccomp.ARCHITECTURES:
        return SandboxReport(Sandbox.NONE, f"there is no system call filter for {platform.machine()} yet")
    return _tried()


def _tried() -> SandboxReport:
    limits = Limits.of(memory=None, scratch=1024 * 1024, processes=64)
    test = 'test "$(id -u)" != 0 && test ! -e /root/.ssh && test ! -e /etc/passwd && ! unshare -U true'
    box = Box(limits=limits, environment={"PATH": "/usr/bin:/bin"})
    process = start(Sandbox.BWRAP, ["/bin/sh", "-c", test], box)
    try:
        _, errors = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        kill(process)
        process.communicate()
        return SandboxReport(Sandbox.NONE, "bubblewrap did not answer within 20 seconds")
    if process.returncode == 0:
        return SandboxReport(Sandbox.BWRAP)
    said = errors.decode("utf-8", "replace").strip() or "the box did not hold"
    return SandboxReport(
        Sandbox.NONE,
        f"bubblewrap does not work here ({said}): allow user namespaces "
        "(kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), "
        "or run the executor as root",
    )
