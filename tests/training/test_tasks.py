"""What networks learn: each task is trained for real, tiny; metrics are those of scikit-learn and torchmetrics."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchmetrics.functional.classification as oracle
from sklearn import metrics as sklearn_metrics
from sklearn.utils.class_weight import compute_class_weight
from torchvision.ops import sigmoid_focal_loss

from samplecase.contracts.errors import InvalidInput
from samplecase.contracts.states import JobState
from samplecase.training.config.criteria import BinaryCrossEntropy, CrossEntropy, Focal
from samplecase.training.config.data import Augmentation, LabelField
from samplecase.training.data.manifest import ManifestRow
from samplecase.training.engine.kept import evaluate_kept, predict_images, verify
from samplecase.training.engine.smoke import smoke_test
from samplecase.training.engine.starting import train_run
from samplecase.training.inputs.loading import Batch
from samplecase.training.runs.files import write_text
from samplecase.training.tasks.choosing import DETECTOR_LOSSES
from samplecase.training.tasks.criteria import ClassLoss, LabelsLoss, balanced_weights
from samplecase.training.tasks.heads import ClassHead, LabelsHead, NumberHead
from samplecase.training.tasks.labels import LabelsTask
from tests.training.running import NETWORKS, made, small
from tests.training.worlds import boxes_manifest, image_folder, picture

CLASSES = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_folder(tmp_path_factory.mktemp("images"), 20)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def run(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    found = made(tmp_path_factory.mktemp("runs"), images, small("epochs=6", "checkpoint_seconds=1000"))
    assert train_run(found) is JobState.FINISHED
    return found


def test_a_run_folder_has_what_it_promises(run: Any) -> None:
    names = {path.relative_to(run.path).as_posix() for path in run.path.rglob("*") if path.is_file()}
    assert names >= {
        "config.json", "manifest.jsonl", "classes.json", "training_log.txt", "batch_log.csv", "Tiny_best.pt",
        "Tiny_last.pt", "README.md", "CHANGELOG.md", "CHECKSUMS", "evaluation_results/summary_metrics.csv",
        "evaluation_results/per_class_metrics.csv", "evaluation_results/confusion_matrix.png",
        "evaluation_results/confusion_matrix.csv", "evaluation_results/predictions.csv",
        *(f"checkpoints/Tiny_epoch_{number:04}.pt" for number in range(1, 7)),
    }  # fmt: skip
    assert run.path.name == "Tiny_test_2026-01-02"
    assert run.training_log.read_text().startswith("epoch,train_loss,val_loss,label_acc,lr\n1,")
    saved = torch.load(run.best, weights_only=True)
    assert {"model", "epoch", "best_metric", "optimizer", "scheduler", "config"} <= saved.keys()
    assert "Trained from scratch" in (run.path / "README.md").read_text()


def test_it_learns_and_its_metrics_are_those_of_its_predictions(run: Any) -> None:
    rows = rows_of(run.results / "predictions.csv")
    truth, found = [row["label"] for row in rows], [row["prediction"] for row in rows]
    summary = {row["metric"]: float(row["value"]) for row in rows_of(run.results / "summary_metrics.csv")}
    assert summary["label_acc"] == pytest.approx(sklearn_metrics.accuracy_score(truth, found))
    assert summary["label_f1_macro"] == pytest.approx(sklearn_metrics.f1_score(truth, found, average="macro"))
    assert summary["label_acc"] > 0.8
    assert summary["loss"] == pytest.approx(np.mean([float(row["loss"]) for row in rows]))


def test_kept_weights_are_evaluated_again_and_verified(run: Any) -> None:
    assert verify(run)["metrics"] == "equal"
    log = rows_of(run.training_log)
    found = evaluate_kept(run, "all", split="validation")["epochs"]
    assert [f"{each['label_acc']:.9g}" for each in found.values()] == [row["label_acc"] for row in log]


def test_a_changed_file_is_found(images: Path, tmp_path: Path) -> None:
    changed = made(tmp_path, images, small("epochs=1", "checkpoint_seconds=1000"))
    train_run(changed)
    write_text(changed.path / "classes.json", '{"label": ["green", "blue", "red"]}')
    with pytest.raises(InvalidInput) as caught:
        verify(changed)
    assert [fault.pointer for fault in caught.value.details] == ["classes.json"]


def test_images_are_predicted(run: Any, tmp_path: Path) -> None:
    picture(77, 2).save(tmp_path / "red.png")
    (tmp_path / "broken.png").write_bytes(b"no image")
    rows = predict_images(run.best, [tmp_path / "red.png", tmp_path / "broken.png"])["predictions"]
    assert rows[0]["label"]["label"] == "red"
    assert sum(rows[0]["label"]["scores"].values()) == pytest.approx(1, abs=1e-5)
    assert "error" in rows[1]


def test_several_fields_have_a_head_each(tmp_path: Path) -> None:
    lines = ["name,colour,tones,level"]
    for number in range(30):
        picture(number, number % 3).save(tmp_path / f"{number}.png")
        lines.append(
            f"{number}.png,{'bgr'[number % 3]},{'warm|any' if number % 3 == 2 else 'any'},{number % 3}"
        )
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    fields = [
        {"name": "colour"},
        {"name": "tones", "type": "classifications"},
        {"name": "level", "type": "regression"},
    ]
    config = small("checkpoint_seconds=1000", data={"fields": fields, "split": {"validation": 0.4}})
    run = made(tmp_path / "runs", tmp_path, config)
    assert train_run(run) is JobState.FINISHED
    assert run.training_log.read_text().startswith(
        "epoch,train_loss,val_loss,colour_acc,tones_f1,level_mae,lr\n"
    )
    assert (run.results / "confusion_matrix_colour.png").exists()
    rows = rows_of(run.results / "predictions.csv")
    assert {row["field"] for row in rows} == {"colour", "tones", "level"}
    summary = {row["metric"]: float(row["value"]) for row in rows_of(run.results / "summary_metrics.csv")}
    level = [row for row in rows if row["field"] == "level"]
    error = sklearn_metrics.mean_absolute_error(
        [float(row["label"]) for row in level], [float(row["prediction"]) for row in level]
    )
    assert summary["level_mae"] == pytest.approx(error, rel=1e-6)


@pytest.mark.parametrize(
    "architecture",
    [
        "ssdlite320_mobilenet_v3_large",
        pytest.param("fasterrcnn_mobilenet_v3_large_320_fpn", marks=pytest.mark.long),
    ],
)
def test_a_detector_trains_evaluates_and_predicts(tmp_path: Path, architecture: str) -> None:
    source = boxes_manifest(tmp_path / "boxes", 8)
    config = small(
        f"architecture.name={architecture}", "data.fields.0.name=boxes", "data.fields.0.type=detections",
        "data.input_size=64", "epochs=1", "batch_size=3", "checkpoint_seconds=1000", "data.min_per_class=1",
    )  # fmt: skip
    run = made(tmp_path / "runs", source, config)
    assert train_run(run) is JobState.FINISHED
    assert run.training_log.read_text().startswith("epoch,train_loss,val_loss,boxes_map,boxes_map_50,lr\n1,")
    columns = run.batch_log.read_text().splitlines()[0].split(",")[4:-1]
    assert columns == [*DETECTOR_LOSSES[architecture.partition("_")[0]]]
    assert all(float(row[name]) > 0 for row in rows_of(run.batch_log) for name in columns)
    found = predict_images(run.best, [tmp_path / "boxes" / "0.png"])["predictions"][0]["boxes"]
    assert all(len(each["bounding_box"]) == 4 and each["label"] in ("green", "red") for each in found)
    json.dumps(found)


def test_an_own_wrapper_changes_step_and_evaluation(tmp_path: Path, images: Path) -> None:
    own = f"architecture.name={NETWORKS}:Mixing"
    run = made(tmp_path, images, small(own, "epochs=1", "checkpoint_seconds=1000"))
    assert train_run(run) is JobState.FINISHED
    assert "batches," in (run.results / "summary_metrics.csv").read_text()


def test_the_loss_of_weighted_classes_is_divided_by_their_weights() -> None:
    heads = [
        ClassHead(LabelField(name="f"), CLASSES, CrossEntropy(class_weights=(1.0, 2.0, 3.0, 4.0)), [1] * 4)
    ]
    task = LabelsTask(heads, Augmentation())
    outputs = torch.randn(9, 4, generator=torch.Generator().manual_seed(1))
    truth = torch.arange(9) % 4
    found = task.examine(torch.nn.Identity(), Batch(outputs, {"f": truth}, torch.arange(9)))
    rows = [ManifestRow(str(place), "", "", {"f": CLASSES[place % 4]}, "validation") for place in range(9)]
    wanted = torch.nn.functional.cross_entropy(outputs, truth, weight=torch.tensor([1.0, 2.0, 3.0, 4.0]))
    assert task.evaluate(found, rows).loss == pytest.approx(float(wanted), rel=1e-6)


def test_the_smoke_test_says_what_is_to_come(tmp_path: Path, images: Path) -> None:
    run = made(tmp_path, images, small("epochs=50"))
    found = smoke_test(run)
    assert found["shapes"] == {"images": [8, 3, 32, 32], "samples": 8}
    assert found["estimated_seconds"] > 0
    assert found["disk_bytes"] > 50 * found["parameters"] * 4
    assert found["warnings"] == []
    assert not run.batch_log.exists()


@pytest.mark.parametrize(
    ("name", "says"),
    [("Wrong", r"gives \[8, 7\] for label; \[8, 3\] is needed"), ("Missing", "no class 'Missing'")],
)
def test_the_smoke_test_finds_what_does_not_fit(tmp_path: Path, images: Path, name: str, says: str) -> None:
    run = made(tmp_path, images, small(f"architecture.name={NETWORKS}:{name}"))
    with pytest.raises(InvalidInput, match=says):
        smoke_test(run)


def head(kind: str) -> Any:
    field = LabelField(name="f", type=kind)  # type: ignore[arg-type]
    if kind == "regression":
        return NumberHead(field, CrossEntropy())
    chosen = ClassHead if kind == "classification" else LabelsHead
    return chosen(
        field, CLASSES, CrossEntropy() if kind == "classification" else BinaryCrossEntropy(), [1] * 4
    )


@pytest.mark.parametrize("seed", range(3))
def test_class_metrics_are_those_of_torchmetrics(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = torch.rand(200, 4, generator=generator).softmax(dim=1)
    truth = torch.randint(4, (200,), generator=generator)
    result = head("classification").result(values.numpy(), [CLASSES[each] for each in truth])
    assert result.confusion == oracle.multiclass_confusion_matrix(values, truth, 4).tolist()
    assert result.metrics["acc"] == pytest.approx(
        float(oracle.multiclass_accuracy(values, truth, 4, average="micro"))
    )
    assert result.metrics["f1_macro"] == pytest.approx(float(oracle.multiclass_f1_score(values, truth, 4)))
    recalls = oracle.multiclass_recall(values, truth, 4, average=None).tolist()
    assert [row["recall"] for row in result.per_class] == pytest.approx(recalls)


@pytest.mark.parametrize("seed", range(3))
def test_metrics_of_several_classes_are_those_of_torchmetrics_and_scikit_learn(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    values, truth = torch.rand(100, 4, generator=generator), torch.randint(2, (100, 4), generator=generator)
    labels = [[CLASSES[place] for place in range(4) if row[place]] for row in truth]
    found = head("classifications").result(values.numpy(), labels).metrics
    assert found["f1"] == pytest.approx(float(oracle.multilabel_f1_score(values, truth, 4, average="micro")))
    assert found["f1_macro"] == pytest.approx(float(oracle.multilabel_f1_score(values, truth, 4)))
    assert found["exact_match"] == pytest.approx(float(oracle.multilabel_exact_match(values, truth, 4)))
    ap = sklearn_metrics.average_precision_score(truth.numpy(), values.numpy(), average="macro")
    assert found["map"] == pytest.approx(ap)


def test_criteria_are_those_of_others() -> None:
    generator = torch.Generator().manual_seed(0)
    outputs, truth = torch.randn(20, 4, generator=generator), torch.randint(4, (20,), generator=generator)
    many = torch.randint(2, (20, 4), generator=generator).float()
    labels = LabelsLoss(Focal(gamma=2, alpha=0.25), [1] * 4)
    assert labels.mean(outputs, many) == pytest.approx(
        float(sigmoid_focal_loss(outputs, many, reduction="mean"))
    )
    plain = torch.nn.functional.cross_entropy(outputs, truth)
    assert ClassLoss(Focal(gamma=0), [1] * 4).mean(outputs, truth) == pytest.approx(float(plain))
    weighted = ClassLoss(CrossEntropy(class_weights="balanced"), [1, 2, 3, 4]).mean(outputs, truth)
    weights = torch.tensor(balanced_weights([1, 2, 3, 4]))
    assert weighted == pytest.approx(float(torch.nn.functional.cross_entropy(outputs, truth, weight=weights)))
    classes = np.repeat(np.arange(4), [1, 2, 3, 4])
    assert balanced_weights([1, 2, 3, 4]) == pytest.approx(
        compute_class_weight("balanced", classes=np.arange(4), y=classes)
    )
    with pytest.raises(InvalidInput, match="4 classes and 2 weights"):
        ClassLoss(CrossEntropy(class_weights=(1.0, 2.0)), [1] * 4)
