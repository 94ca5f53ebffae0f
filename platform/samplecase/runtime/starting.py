"""From a deployed version to a running replica: its package, its environment, its box."""

from __future__ import annotations

from samplecase.contracts.jobs import ModelSpec
from samplecase.contracts.states import Sandbox
from samplecase.runtime.engines.port import Engine, Replica, ReplicaNotStarted, ReplicaSpec
from samplecase.runtime.environments import EnvironmentFailed, Environments
from samplecase.runtime.package_cache import PackageCache, PackageUnavailable
from samplecase.runtime.sandbox import probe_sandbox
from samplecase.runtime.settings import ExecutorSettings
from samplecase.storage.port import BlobStore


class ReplicaStarter:
    """Fetches what a replica needs and starts it."""

    def __init__(self, settings: ExecutorSettings, blobs: BlobStore, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._environments = Environments(settings)
        self.packages = PackageCache(settings.work_dir / "packages", blobs, settings.package_limits)

    def start(self, spec: ModelSpec) -> Replica:
        """Raises `ReplicaNotStarted` with the reason and the log; `StorageUnavailable`."""
        self._check_box(spec)
        try:
            package = self.packages.folder_of(spec.package_sha256)
            interpreter = self._environments.interpreter_for(package, is_custom=spec.custom_environment)
        except PackageUnavailable as error:
            raise ReplicaNotStarted(str(error), "") from error
        except EnvironmentFailed as error:
            raise ReplicaNotStarted(error.message, error.log) from error
        settings = self._settings
        replica = self._engine.start_replica(
            ReplicaSpec(
                package=package,
                manifest=spec.manifest,
                interpreter=interpreter,
                sandbox=Sandbox(spec.sandbox),
                threads=threads_of(spec, settings),
                num_gpus=spec.num_gpus,
                batch_timeout_seconds=settings.batch_timeout_seconds,
                load_timeout_seconds=settings.load_timeout_seconds,
                memory_limit_bytes=settings.memory_limit_bytes,
                scratch_limit_bytes=settings.scratch_limit_bytes,
                process_limit=settings.process_limit,
                tricks=spec.tricks,
                is_tuning=spec.is_tuning,
            )
        )
        replica.load_log = interpreter.log + replica.load_log
        return replica

    def close(self) -> None:
        """Stop what is being built."""
        self._environments.close()

    def _check_box(self, spec: ModelSpec) -> None:
        if spec.sandbox == Sandbox.BWRAP:
            report = probe_sandbox()
            if report.level is not Sandbox.BWRAP:
                raise ReplicaNotStarted(
                    f"the sandbox that this deployment needs is missing: {report.why_not}", ""
                )


def threads_of(spec: ModelSpec, settings: ExecutorSettings) -> int:
    return spec.threads or max(1, settings.cores // spec.num_replicas)
