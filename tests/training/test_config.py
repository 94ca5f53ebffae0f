"""The configuration: strict, named by place, one schema, and what belongs to a run's identity."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from samplecase.contracts.errors import InvalidInput
from samplecase.training.config import TrainingConfig, config_schema, identity, parse_config, with_settings


def config(*settings: str, **values: Any) -> TrainingConfig:
    return parse_config(with_settings(values, settings))


def faults(*settings: str, **values: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        config(*settings, **values)
    return {fault.pointer: fault.message for fault in caught.value.details}


def test_a_setting_changes_one_value_and_leaves_the_defaults() -> None:
    changed = config("optimizer.lr=0.5", "data.augmentation.hue=0.1", "data.fields.0.name=gloss")
    assert changed.optimizer == TrainingConfig().optimizer.model_copy(update={"lr": 0.5})
    assert (changed.data.augmentation.hue, changed.data.fields[0].name) == (0.1, "gloss")
    assert changed.epochs == TrainingConfig().epochs


@pytest.mark.parametrize("order", [1, -1])
def test_another_kind_begins_with_its_own_defaults_in_any_order(order: int) -> None:
    settings = ["optimizer.momentum=0.5", "optimizer=sgd"][::order]
    chosen = config(*settings, optimizer={"kind": "adamw", "lr": 0.5, "amsgrad": True}).optimizer
    assert chosen.plain() == {**config("optimizer=sgd").optimizer.plain(), "momentum": 0.5}


@pytest.mark.parametrize(
    ("setting", "place", "says"),
    [
        ("optimizer.lr=-1", "/optimizer/lr", "greater than 0"),
        ("optimizer.lr=fast", "/optimizer/lr", "number"),
        ("optimizer.momentum=0.9", "/optimizer/momentum", "There is no 'momentum'"),
        ("optimizer=lion", "/optimizer/kind", "'lion' is none of 'sgd'"),
        ("bathc_size=3", "/bathc_size", "did you mean 'batch_size'"),
        ("epochs=1.5", "/epochs", "integer"),
        ("epochs=true", "/epochs", "integer"),
        ("criterion=mse", "/criterion", "mse does not fit classification"),
        ("criterion.gamma=1", "/criterion/kind", 'Needs a "kind"'),
        ("data.fields=[]", "/data/fields", "at least one"),
        ("data.fields.0.name=Two Words", "/data/fields/0/name", "pattern"),
        ("data.fields.3.name=x", "/data/fields/3", "counted from 0"),
        ("optimizer.lr.x=1", "/optimizer/lr", "has no parts"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(setting: str, place: str, says: str) -> None:
    assert says in faults(setting)[place]


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"optimizer": {"kind": "sgd", "nesterov": True, "momentum": 0}}, "/optimizer/nesterov"),
        ({"data": {"fields": [{"name": "a"}, {"name": "a"}]}}, "/data/fields"),
        ({"data": {"fields": [{"name": "a", "type": "detections"}, {"name": "b"}]}}, "/data/fields"),
        ({"data": {"fields": [{"type": "regression", "criterion": {"kind": "bce"}}]}}, "/data/fields/0/criterion"),
        ({"data": {"balanced": True, "fields": [{"type": "regression"}]}}, "/data/balanced"),
        ({"data": {"split": {"validation": 0.5, "test": 0.5}}}, "/data/split"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(values: dict[str, Any], place: str) -> None:
    assert place in faults(**values)


def test_a_setting_is_path_and_value() -> None:
    for text in ("epochs", "=3", "a..b=1"):
        with pytest.raises(InvalidInput, match="not PATH=VALUE"):
            with_settings({}, [text])


def test_one_schema_accepts_what_the_engine_accepts_and_explains_every_field() -> None:
    schema = config_schema()
    valid = jsonschema.Draft202012Validator(schema)
    assert valid.is_valid(TrainingConfig().plain())
    assert not valid.is_valid({**TrainingConfig().plain(), "epochs": 0})
    parts = [schema, *schema["$defs"].values()]
    unexplained = [
        name
        for part in parts
        for name, field in part.get("properties", {}).items()
        if name != "kind" and not field.get("description")
    ]
    assert unexplained == []


def test_a_configuration_survives_json() -> None:
    chosen = config("scheduler=multi_step", "freeze=staged", "ema.decay=0.9", "criterion=focal")
    assert parse_config(json.loads(json.dumps(chosen.plain()))) == chosen


@pytest.mark.parametrize("setting", ["workers=0", "device=cpu", "checkpoint_seconds=1", "keep=best_k"])
def test_what_only_changes_the_pace_is_no_part_of_the_identity(setting: str) -> None:
    assert identity(config(setting)) == identity(TrainingConfig())


@pytest.mark.parametrize(
    "setting", ["seed=1", "epochs=11", "optimizer.eps=1e-7", "data.augmentation.hue=0.1"]
)
def test_what_changes_the_weights_is(setting: str) -> None:
    assert identity(config(setting)) != identity(TrainingConfig())


def test_the_freeze_plan_is_a_function_of_the_epoch() -> None:
    stages = ["stem", "one", "two"]
    plan = config("freeze=staged", "freeze.head_epochs=2", "freeze.epochs_per_stage=2").freeze
    thawed = [plan.trained_stages(epoch, stages) for epoch in range(8)]
    assert thawed[:2] == [(), ()]
    assert thawed[2:6] == [("two",), ("two",), ("one", "two"), ("one", "two")]
    assert thawed[6:] == [("stem", "one", "two")] * 2
    assert config("freeze=fixed_extractor").freeze.trained_stages(9, stages) == ()
