"""The closed lists of states and rights. Each name is what the API, the page and the database say."""

from __future__ import annotations

from enum import StrEnum


class WaitingFor(StrEnum):
    """What keeps a running job from being worked on."""

    TURN = "turn"  # every executor is at another job
    EXECUTOR = "executor"  # none is at any job: most likely none is up


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"  # recorded, not started
    RUNNING = "running"  # its chunks may be claimed
    PAUSING = "pausing"  # a training finishes its step first
    PAUSED = "paused"  # nothing is claimed until it is resumed
    CANCELLING = "cancelling"  # a training writes its last checkpoint first
    CANCELLED = "cancelled"  # ended by a person; nothing more is written
    FAILED = "failed"  # the model cannot start, or its data is gone
    FINISHED = "finished"  # every sample is accounted for; some may have failed
    UNDOING = "undoing"  # its values are being taken back
    UNDONE = "undone"  # the fields are as they were before
    INTERRUPTED = "interrupted"  # a training whose process is gone

    @property
    def is_final(self) -> bool:
        """No executor works on it and none will, unless a person asks."""
        return self in {
            JobState.CANCELLED,
            JobState.FAILED,
            JobState.FINISHED,
            JobState.UNDONE,
            JobState.INTERRUPTED,
        }


class JobKind(StrEnum):
    """What a job does."""

    INFERENCE = "inference"
    TRAINING = "training"
    IMPORT = "import"
    EXPORT = "export"
    EVALUATION = "evaluation"
    PROJECTION = "projection"
    BULK = "bulk"  # one action over many samples


class JobAction(StrEnum):
    """What a person may do with a job."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"  # what failed or was cancelled runs again
    UNDO = "undo"  # its values are taken back


class ChunkState(StrEnum):
    """Where a chunk of a job stands."""

    PENDING = "pending"  # waits to be claimed
    CLAIMED = "claimed"  # an executor holds it until its lease ends
    DONE = "done"  # every sample in it has an outcome
    CANCELLED = "cancelled"  # its job was cancelled or failed first


class Outcome(StrEnum):
    """What became of one sample of a job: one character of its chunk's `outcomes`."""

    PENDING = "."
    DONE = "d"
    ERROR = "e"  # the reason is a row of its own
    SKIPPED_HUMAN = "h"  # a person's value stands there
    SKIPPED_EXISTING = "x"  # on_existing=skip and there is a value
    SKIPPED_GONE = "g"  # the sample was deleted meanwhile
    SKIPPED_SAME = "s"  # the same version made its values from the same media and inputs already
    CANCELLED = "c"

    @property
    def is_skipped(self) -> bool:
        return self in {
            Outcome.SKIPPED_HUMAN,
            Outcome.SKIPPED_EXISTING,
            Outcome.SKIPPED_GONE,
            Outcome.SKIPPED_SAME,
        }


class DeploymentState(StrEnum):
    """Where a deployment stands."""

    PENDING = "pending"  # waits for an executor
    BUILDING = "building"  # its environment is made, its model loaded and asked
    READY = "ready"  # a replica has loaded the model and answered
    FAILED = "failed"  # the reason and the log say why
    STOPPED = "stopped"  # taken out of use by a person


class Stage(StrEnum):
    """How far a version is in its life."""

    DEVELOPMENT = "development"  # just uploaded, or taken back from the archive
    PRODUCTION = "production"  # it was seen to work, and people rely on it
    ARCHIVED = "archived"  # kept for the record; it cannot be deployed


class ReplicaState(StrEnum):
    """What a job's replica does."""

    WAITING = "waiting"  # for room: others have the replicas
    LOADING = "loading"  # its environment is made and its model loaded
    IDLE = "idle"  # loaded, and nothing to predict
    WORKING = "working"  # it predicts
    FAILED = "failed"  # it cannot be started; the log says why


class OnExisting(StrEnum):
    """What a job does where its field already has a value."""

    FAIL = "fail"  # the submit is refused
    SKIP = "skip"  # that sample is left as it is
    REPLACE = "replace"  # a model's or an import's value is replaced, a person's never


class Source(StrEnum):
    """Who wrote a value."""

    HUMAN = "human"
    MODEL = "model"
    IMPORT = "import"


class DatasetRight(StrEnum):
    """What one may do with a dataset; each right includes those before it."""

    NONE = "none"
    VIEW = "view"
    LABEL = "label"
    EDIT = "edit"


class ModelRight(StrEnum):
    """What one may do with a model; each right includes those before it."""

    NONE = "none"
    VIEW = "view"
    RUN = "run"
    EDIT = "edit"


class Sandbox(StrEnum):
    """How a replica is kept from everything that is not its own."""

    BWRAP = "bwrap"  # namespaces, another user, no network
    NONE = "none"  # an ordinary child process; see the rule for it in docs/architecture
