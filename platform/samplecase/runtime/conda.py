"""Who makes conda environments on this host: conda, mamba or micromamba on the PATH, else py-rattler."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from samplecase.runtime.requirements import CondaEnvironment

TOOLS = ("micromamba", "mamba", "conda")
MISSING = (
    "this package asks for a conda environment, and this host has no conda: install micromamba, mamba or conda on the "
    "executor's PATH, or py-rattler beside the executor (pip install 'samplecase[conda]'), or list the packages under "
    "`pip:`"
)
# Run in the box by the executor's own interpreter; the library solves and installs without any other program.
_RATTLER = """
import asyncio, json, os, sys
import rattler

async def main(prefix, channels, specs):
    found = await rattler.solve(channels, specs, virtual_packages=rattler.VirtualPackage.detect())
    for record in sorted(found, key=lambda each: each.file_name):
        print(record.file_name)
    await rattler.install(found, prefix, show_progress=False, execute_link_scripts=False)

asyncio.run(main(*json.loads(sys.argv[1])))
sys.stdout.flush()
os._exit(0)  # all is on the disk; its native threads may crash an interpreter that is being taken down
"""


def maker() -> str | None:
    """The name of what would make one, or None."""
    tool = next((name for name in TOOLS if shutil.which(name)), None)
    return tool or ("py-rattler" if importlib.util.find_spec("rattler") is not None else None)


def create_command(wanted: CondaEnvironment, prefix: Path, mirror: str | None) -> Sequence[str] | None:
    """What makes the environment at `prefix`, without its pip part; None where this host has nothing for it."""
    name = maker()
    channels = [f"{mirror.rstrip('/')}/{each}" if mirror else each for each in wanted.channels]
    if name is None:
        return None
    if name == "py-rattler":
        asked = json.dumps([str(prefix), channels, list(wanted.conda)])
        return [sys.executable, "-I", "-c", _RATTLER, asked]
    options = [part for channel in channels for part in ("--channel", channel)]
    tool = shutil.which(name) or name
    return [tool, "create", "--yes", "--prefix", str(prefix), "--override-channels", *options, *wanted.conda]
