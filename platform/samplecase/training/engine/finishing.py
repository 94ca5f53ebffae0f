"""The end of a run: the best weights are evaluated, and the folder says what it is."""

from __future__ import annotations

from samplecase.training.engine.checkpoint import load
from samplecase.training.engine.evaluating import evaluate_split
from samplecase.training.engine.loop import Trainer
from samplecase.training.engine.results import write_results
from samplecase.training.runs.documents import weights_facts, write_checksums, write_documents
from samplecase.training.tasks import EvaluationResult


def finish(trainer: Trainer) -> None:
    """Evaluate the best epoch on validation (and test) and write results, documents and checksums."""
    run, processes = trainer.run, trainer.processes
    processes.meet()
    trainer.built.network.load_state_dict(load(run.best, device=processes.device)["model"])
    results: dict[str, EvaluationResult] = {}
    for split in ("validation", "test"):
        found = evaluate_split(
            split, config=trainer.config, manifest=trainer.manifest, task=trainer.task,
            built=trainer.built, processes=processes,
        )  # fmt: skip
        if found:
            results[split] = found
    if not processes.is_first:
        return
    trainer.batch_log.show()
    for split, result in results.items():
        write_results(run.results if split == "validation" else run.path / "evaluation_results_test", result)
    metrics = results["validation"].summary() if "validation" in results else {}
    write_documents(
        run, manifest=trainer.manifest, metrics=metrics, weights=weights_facts(run),
        best_epoch=trainer.progress.best_epoch,
    )  # fmt: skip
    write_checksums(run)
