"""Makes what the Makefile's targets need: the Python environment, the page, a browser and the sandbox's tool.

Only the standard library, and syntax that an old Python can read, so that it can say what is missing.
"""

import contextlib
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PEERS_LOCK = ROOT / "benchmarks" / "peers.lock"
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "platform" / "samplecase" / "static" / "samplecase"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "samplecase"
NODE_AT_LEAST = (20, 19)

WRAPPER = """#!/bin/sh
# Runs the `samplecase` of the checkout that the current folder lies in; all checkouts share the environment.
here=$PWD
while [ "$here" != / ] && [ ! -d "$here/platform/samplecase" ]; do here=$(dirname "$here"); done
PYTHONPATH="$here/platform:$here" exec "$(dirname "$0")/python" -m samplecase.cli "$@"
"""


def stop(sentence):
    """End with a sentence that says what to do."""
    sys.exit("samplecase: " + sentence)


def digest(*parts):
    made = hashlib.sha256()
    for part in parts:
        made.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        made.update(b"\0")
    return made.hexdigest()


@contextlib.contextmanager
def only_one(path):
    """Hold a lock beside `path`: two makes at once build it once."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with Path(str(path) + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def quietly(command, log, **options):
    """Run a command with its output in a log; True when it went well."""
    with Path(log).open("ab") as output:
        return subprocess.call([str(part) for part in command], stdout=output, stderr=output, **options) == 0


def tail(log):
    """The end of a log, without the addresses that a package index may carry a password in."""
    lines = Path(log).read_text(errors="replace").splitlines()[-25:]
    return "\n".join(re.sub(r"\w+://\S+", "<address>", line) for line in lines)


# The Python environment -----------------------------------------------------------------------------------


def environment():
    """Build the environment of the lock once per host, outside the checkout, and link it as `.venv`."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what says so
        stop(
            f"Python 3.11 or newer is needed, this is {platform.python_version()}. Install one "
            "(Debian: apt install python3.11 python3.11-venv; macOS: brew install python@3.11), "
            "or name it: make PYTHON=/path/to/python3.11"
        )
    venv = built(LOCK, "venv")
    wrapper = venv / "bin" / "samplecase"
    if not wrapper.exists():
        wrapper.write_text(WRAPPER)
        wrapper.chmod(0o755)
    link(venv, ".venv")


def peers():
    """What the benchmarks compare with, apart from our own environment; they run without it, and say so."""
    try:
        link(built(PEERS_LOCK, "peers"), ".venv-peers")
    except SystemExit as error:
        print(f"{error}\nThe peers of the benchmarks are left out.", flush=True)


def built(lock, name):
    """The virtual environment of this lock, made if it is not there."""
    key = digest(lock, sys.implementation.cache_tag, platform.system(), platform.machine())[:12]
    venv = CACHE / (f"{name}-{key}")
    complete = venv / ".complete"
    with only_one(venv):
        if not complete.exists():
            shutil.rmtree(venv, ignore_errors=True)
            build(venv, lock)
            complete.touch()
    return venv


def build(venv, lock):
    print(f"Installing Python packages into {venv} (once, some minutes) …", flush=True)
    log = CACHE / "install.log"
    log.write_text("")
    if not quietly([sys.executable, "-m", "venv", venv], log):
        stop("A virtual environment cannot be made. Debian: apt install python3-venv\n" + tail(log))
    python = venv / "bin" / "python"
    uv = next(line.split(" ")[0] for line in LOCK.read_text().splitlines() if line.startswith("uv=="))
    installed = quietly([python, "-m", "pip", "install", "-q", uv], log) and quietly(
        [python, "-m", "uv", "pip", "install", "-q", "--system-certs", "--python", python, "-r", lock], log
    )
    # An index that only pip is configured for is reached by pip.
    if not installed and not quietly([python, "-m", "pip", "install", "-q", "-r", lock], log):
        stop(f"The packages of {lock.name} cannot be installed:\n" + tail(log))


def link(venv, name):
    """Point `name` at the environment; a real folder of that name is somebody's own and stays."""
    here = ROOT / name
    if here.is_symlink() and here.resolve() == venv.resolve():
        return
    if here.exists() and not here.is_symlink():
        stop(f"{name} is a folder of your own: move it away, the environment is linked there")
    fresh = ROOT / (f"{name}.{os.getpid()}")
    fresh.symlink_to(venv)
    fresh.replace(here)


# The page -------------------------------------------------------------------------------------------------


def node():
    """Install the page's packages when their lock changed."""
    found = shutil.which("node")
    if not found or not shutil.which("npm"):
        stop("Node 20 and npm are needed to build the page: see nodejs.org, or your package manager.")
    version = subprocess.check_output([found, "--version"]).decode().strip()
    if tuple(int(part) for part in version.lstrip("v").split(".")[:2]) < NODE_AT_LEAST:
        stop(f"Node 20.19 or newer is needed to build the page, this is {version}.")
    stamp = FRONTEND / "node_modules" / ".samplecase-lock"
    wanted = digest(FRONTEND / "package-lock.json")
    with only_one(CACHE / ("page-" + digest(str(ROOT))[:12])):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        print("Installing the page's packages …", flush=True)
        npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
        stamp.write_text(wanted)


def page():
    """Build the page when one of its sources changed."""
    node()
    names = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
    sources = [path for path in sorted((FRONTEND / "src").rglob("*")) if path.is_file()]
    files = [FRONTEND / name for name in names] + sources
    wanted = digest(
        *[part for file in files if file.exists() for part in (str(file.relative_to(ROOT)), file)]
    )
    stamp = BUNDLE / ".sources"
    with only_one(CACHE / ("page-" + digest(str(ROOT))[:12])):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        print("Building the page …", flush=True)
        npm("run", "build", "--silent")
        stamp.write_text(wanted)


def npm(*arguments):
    log = CACHE / "npm.log"
    log.write_text("")
    if not quietly(["npm", *arguments], log, cwd=str(FRONTEND)):
        stop(f"npm {' '.join(arguments)} failed:\n{tail(log)}")


# What the tests use besides -------------------------------------------------------------------------------


def tools():
    """A Chromium for the browser tests and bubblewrap for the sandbox tests, as well as this host allows."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with only_one(CACHE / "tools"):
        if not shutil.which("bwrap") and not apt("bubblewrap"):
            print("bubblewrap is absent: tests of the sandbox are skipped (Debian: apt install bubblewrap)")
        if not shutil.which("chromium") and not apt("chromium"):
            log = CACHE / "playwright.log"
            log.write_text("")
            if not quietly(
                [ROOT / ".venv" / "bin" / "python", "-m", "playwright", "install", "chromium"], log
            ):
                print("There is no Chromium: tests in a browser cannot run (Debian: apt install chromium)")


def apt(package):
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    log = CACHE / "apt.log"
    log.write_text("")
    surroundings = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", package]
    print(f"Installing {package} …", flush=True)
    return quietly(install, log, env=surroundings) or (
        quietly(["apt-get", "update", "-qq"], log) and quietly(install, log, env=surroundings)
    )


STEPS = {"environment": environment, "node": node, "page": page, "tools": tools, "peers": peers}

if __name__ == "__main__":
    for step in sys.argv[1:]:
        STEPS[step]()
