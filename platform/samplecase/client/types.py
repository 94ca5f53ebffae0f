"""The shapes of what the server answers, as far as a script needs them. `docs/contracts.md` has all of them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Json = dict[str, Any]
OnExisting = Literal["fail", "skip", "replace"]


class Field(TypedDict):
    """A typed column of a dataset."""

    name: str
    type: str
    classes: list[str]
    value_count: int


class Dataset(TypedDict):
    """Images with typed fields."""

    id: int
    name: str
    description: str
    tags: list[str]
    sample_count: int
    fields: list[Field]
    access: str


class Sample(TypedDict):
    """One image and its values by field."""

    id: int
    name: str
    width: int
    height: int
    media_url: str
    thumbnail_url: str
    tags: list[str]
    values: Json


class Skipped(TypedDict):
    """A file that was not taken, and why."""

    name: str
    reason: str


class UploadReport(TypedDict):
    """What became of uploaded files: how many are samples now, and which are not."""

    added: int
    skipped: list[Skipped]


class ValuesReport(TypedDict):
    """How many values were written, and which met a newer revision."""

    written: int
    conflicts: list[Json]


class View(TypedDict):
    """A saved filter with its order and its visible fields. `problem` says why it no longer fits."""

    id: int
    name: str
    filter: Json | None
    sort: str | None
    fields: list[str] | None
    created_by: str | None
    problem: str | None


class BulkReport(TypedDict):
    """How many samples changed, why others did not, and what undoes it."""

    changed: int
    skipped: list[Json]
    undo: str | None
    job: int | None


class Version(TypedDict):
    """An immutable packed model."""

    id: int
    version: str
    stage: str
    sha256: str
    schema: Json


class ResumableUpload(TypedDict):
    """A file that is sent in pieces, and how far it came."""

    id: str
    name: str
    length: int
    offset: int
    sha256: str
    complete: bool
    created_at: str
    expires_at: str


class Alias(TypedDict):
    """A word that means a version at this time."""

    name: str
    version: str
    moved_by: str | None
    moved_at: str


class Model(TypedDict):
    """A named model with its versions."""

    id: int
    name: str
    slug: str
    description: str
    tags: list[str]
    versions: list[Version]
    aliases: list[Alias]
    access: str


class Deployment(TypedDict):
    """How a version runs, and whether it can."""

    id: int
    name: str
    model: int
    version: str
    follows: str | None
    left_behind: bool
    state: str
    reason: str
    sandbox: str
    mini_batch: int
    num_replicas: int
    dataset: int | None
    tune: bool
    allow_bf16: bool
    measured: Json


class JobError(TypedDict):
    """Why a job failed."""

    code: str
    message: str


class Undo(TypedDict):
    """How many values were taken back, and how many stay because others changed them."""

    restored: int
    kept: int


class Job(TypedDict):
    """A run of a deployment over samples, and how far it is."""

    id: int
    kind: str
    state: str
    reason: str
    dataset: Any
    model: Any
    total: int
    done: int
    failed: int
    skipped: int
    cancelled: int
    rate: float | None
    eta_seconds: float | None
    error: JobError | None
    outputs: dict[str, str]
    dry_run: int | None
    undo: Undo | None
    waiting_for: str | None
    can: list[str]
    created_at: str
    started_at: str | None
    finished_at: str | None


class Preview(TypedDict):
    """What the model of a dry run answered for one sample."""

    sample: int
    name: str
    outputs: Json
    error: NotRequired[dict[str, str]]


class SampleError(TypedDict):
    """Why a job has no result for one sample."""

    sample: int
    name: str
    reason: str
    message: str


class Entry(TypedDict):
    """One model to run: its deployment, and the field that each output becomes (default: MODEL_OUTPUT for all)."""

    deployment: int
    outputs: NotRequired[dict[str, str]]
    inputs: NotRequired[dict[str, Any]]
    on_existing: NotRequired[OnExisting]


class Submission(TypedDict):
    """The jobs that one request made, together."""

    submission: int
    jobs: list[Job]


class Projection(TypedDict):
    """An embedding field laid out on a plane."""

    id: int
    job: int
    state: str
    error: str | None
    stale: bool
    field: str
    method: str
    filter: Json | None
    samples: int
    vectors: int | None
    fitted: int | None
    explained: list[float]


class Review(TypedDict):
    """A queue of samples whose labels by a model people look at; `counts` says how far it is."""

    id: int
    name: str
    filter: Json | None
    source: str
    target: str
    order: str
    created_by: str | None
    created_at: str
    problem: str | None
    counts: dict[str, int]


class Points(TypedDict):
    """The points of a projection in columns; `labels` are places in `classes`."""

    total: int
    extent: list[float]
    samples: list[int]
    x: list[float]
    y: list[float]
    classes: list[str]
    labels: list[int | None]


class Neighbour(TypedDict):
    """A sample, and how far its vector is."""

    id: int
    name: str
    thumbnail_url: str
    distance: float


class Evaluation(TypedDict):
    """How a field of predictions compares with the ground truth."""

    id: int
    state: str
    type: str
    stale: bool
    predictions: str
    ground_truth: str
    filter: Json | None
    samples: int
    missing: int
    metrics: dict[str, float]
    per_class: list[Json]
    confusion: Json
