"""What a person may set about an executor; every length of time is in seconds, every size in bytes."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from samplecase.packages import DEFAULT_LIMITS, Limits


def _cores() -> int:
    return os.cpu_count() or 1


@dataclass(frozen=True)
class ExecutorSettings:
    """The executor's settings; the command line maps environment variables onto it."""

    work_dir: Path
    """Where unpacked packages, environments and the replicas' folders lie. Best on the disk of the blobs."""

    environments_dir: Path | None = None
    """Where environments lie that are to outlast `work_dir`; None: within it."""

    name: str = field(default_factory=lambda: f"{os.uname().nodename}:{os.getpid()}")
    """How this executor is called in the ledger."""

    lease_seconds: float = 15
    """After this long without a sign of life, another executor takes over what this one held."""

    poll_seconds: float = 0.25
    """How often the ledger is asked for work."""

    renew_seconds: float = 1
    """How often leases are renewed; also how soon a cancelled job is noticed."""

    sweep_seconds: float = 5
    """How often jobs are looked for whose start was lost."""

    commit_seconds: float = 0.5
    """How much work, in time, one commit carries at most."""

    idle_seconds: float = 60
    """How long a replica that has nothing to do stays loaded."""

    batch_timeout_seconds: float = 300
    """A replica that needs longer for one mini-batch is hung, and killed."""

    load_timeout_seconds: float = 600
    """A replica that needs longer to load its model is hung, and killed."""

    build_timeout_seconds: float = 3600
    """An environment that needs longer to build has failed."""

    tune_seconds: float = 60
    """How long Deploy looks for a faster plan for a no-code package at most; 0: never."""

    checks_at_once: int = 4
    """How many deployments are checked at once; those that are tuned wait for each other."""

    max_replicas: int = field(default_factory=lambda: max(2, _cores()))
    """How many replicas run at once; each job may have its first one beyond that."""

    max_replicas_per_owner: int = 0
    """How many replicas of one user's jobs run at once; 0: any number."""

    media_cache_bytes: int = 2 * 1024**3
    """How much of the media of a store that is not on this host is kept here, to be read ahead of its turn."""

    cores: int = field(default_factory=_cores)
    """Divided among a deployment's replicas as their number of threads."""

    python: Path = field(default_factory=lambda: Path(sys.executable))
    """The interpreter of the `host` environment: the one that has torch."""

    memory_limit_bytes: int | None = None
    """The most data memory of one replica; None: four fifths of this host's memory."""

    scratch_limit_bytes: int = 2 * 1024**3
    """The most a replica may write in its scratch folder, and again in /tmp and /dev/shm."""

    process_limit: int = 512
    """The most processes and threads of one replica."""

    package_limits: Limits = DEFAULT_LIMITS
    """The same limits on packed models as where they are uploaded."""

    index_url: str | None = None
    """The package index for custom environments; None: the installer's own default."""

    conda_mirror: str | None = None
    """Where the channels of conda environments lie, as folders; None: the installer's own default."""

    source_builds_allowed: bool = False
    """Whether custom environments may build packages from source, which runs their code."""

    proxy_environment: dict[str, str] = field(default_factory=dict)
    """Variables that a build needs to reach its index, such as HTTPS_PROXY or SSL_CERT_FILE."""
