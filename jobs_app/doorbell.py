"""Rings the worker: puts a task that carries a job's id into the queue, in the caller's transaction.

The queue lies in the same database, so the bell is heard exactly when the transaction stands. A bell that is lost
costs a delay only: `starting.sweep` looks for jobs that nobody rang for.
"""

from __future__ import annotations

from django_q.tasks import async_task

from samplecase.contracts.states import JobKind

# What the worker itself does in slices, and by which task.
TASKS = {
    JobKind.EVALUATION: "jobs_app.tasks.evaluate",
    JobKind.IMPORT: "jobs_app.tasks.import_samples",
    JobKind.EXPORT: "jobs_app.tasks.export_samples",
    JobKind.PROJECTION: "jobs_app.tasks.project",
    JobKind.BULK: "jobs_app.tasks.change_samples",
}


def ring_start(job_id: int) -> None:
    async_task("jobs_app.tasks.start_job", job_id)


def ring_worker(kind: str, job_id: int) -> bool:
    """For the next slice of a job; False where executors do its kind."""
    task = TASKS.get(JobKind(kind))
    if task is not None:
        async_task(task, job_id)
    return task is not None


def ring_evaluation(job_id: int) -> None:
    ring_worker(JobKind.EVALUATION, job_id)


def ring_undo(job_id: int) -> None:
    async_task("jobs_app.tasks.undo", job_id)
