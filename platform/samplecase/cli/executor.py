"""The executor with this installation's ledger, blobs and settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.conf import settings

from jobs_app.ledger import DatabaseLedger
from samplecase.runtime.executor import Executor
from samplecase.runtime.settings import ExecutorSettings
from samplecase.web.rest.blobs import blob_store

# What a build of an environment needs to reach its index, where this host has such a way out.
WAYS_OUT = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


def make_executor() -> Executor:
    """An executor that works for this installation. Django must have been started."""
    return Executor(ledger=DatabaseLedger(), blobs=blob_store(), settings=executor_settings())


def executor_settings() -> ExecutorSettings:
    """The environment variables of the settings, as the executor takes them."""
    names = [*WAYS_OUT, *(name.lower() for name in WAYS_OUT)]
    return ExecutorSettings(
        work_dir=settings.WORK_DIR,
        lease_seconds=settings.LEASE_SECONDS,
        idle_seconds=settings.REPLICA_IDLE_SECONDS,
        load_timeout_seconds=settings.REPLICA_LOAD_SECONDS,
        batch_timeout_seconds=settings.BATCH_SECONDS,
        media_cache_bytes=settings.MEDIA_CACHE_BYTES,
        tune_seconds=settings.TUNE_SECONDS,
        max_replicas_per_owner=settings.MAX_REPLICAS_PER_USER,
        python=Path(settings.HOST_PYTHON or sys.executable),
        index_url=settings.PACKAGE_INDEX or None,
        conda_mirror=settings.CONDA_MIRROR or None,
        proxy_environment={name: os.environ[name] for name in names if name in os.environ},
    )
