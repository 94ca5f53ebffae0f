"""An executor's own folder among those of its host: held by a lock, and removed by the others when its holder is gone.

A lock, not a process id: in containers that share the folder, every executor may have the same one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from samplecase.runtime.package_cache import exclusive

HELD = "held"


class OwnFolder:
    """`path` belongs to this object until `remove`, or until the process ends in whatever way."""

    def __init__(self, work_dir: Path) -> None:
        self._all = work_dir / "replicas"
        self._turns = work_dir / "replicas.lock"
        self._all.mkdir(parents=True, exist_ok=True)
        with exclusive(self._turns):  # nobody sees it before it is held
            self.path = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self._all))
            self._held = (self.path / HELD).open("w")
            fcntl.flock(self._held, fcntl.LOCK_EX)
        self.path.chmod(0o755)  # replicas are other users
        self.remove_abandoned()

    def remove_abandoned(self) -> None:
        """Remove what processes that no longer run have left behind."""
        with exclusive(self._turns):
            for folder in self._all.iterdir():
                if folder != self.path and not _is_held(folder):
                    shutil.rmtree(folder, ignore_errors=True)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self._held.close()


def _is_held(folder: Path) -> bool:
    try:
        with (folder / HELD).open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
