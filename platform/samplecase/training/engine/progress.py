"""What a run remembers from epoch to epoch: its best, its patience, and the sums of the open epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from samplecase.training.config import TrainingConfig
from samplecase.training.tasks.base import EvaluationResult


@dataclass
class Progress:
    """The best epoch so far (counted from 1), and for how long there was none better."""

    best: float = -math.inf
    best_epoch: int = 0
    stale: int = 0
    judged: float = -math.inf  # of the newest epoch
    ranking: list[tuple[float, int]] = field(default_factory=list)  # judgement and epoch, the best first

    def note(self, config: TrainingConfig, epoch: int, result: EvaluationResult | None) -> bool:
        """Judge an epoch; whether it is the best so far. Without validation the newest is."""
        judged = float(epoch) if result is None else judgement(config, result)
        judged = -math.inf if math.isnan(judged) else judged
        delta = config.early_stopping.min_delta if config.early_stopping and result else 0.0
        is_best = judged > self.best or not self.best_epoch
        self.judged = judged
        self.stale = 0 if judged > self.best + delta or math.isinf(self.best) else self.stale + 1
        if is_best:
            self.best, self.best_epoch = judged, epoch
        self.ranking = sorted([*self.ranking, (judged, epoch)], key=lambda pair: (-pair[0], pair[1]))
        return is_best

    def rank(self, epoch: int) -> int:
        return next(place for place, (_, each) in enumerate(self.ranking) if each == epoch)

    def is_over(self, config: TrainingConfig) -> bool:
        """Early stopping."""
        return config.early_stopping is not None and self.stale >= config.early_stopping.patience

    def unjudged(self) -> Progress:
        """Under another measure: the next epoch is the best, and those before it are the worst."""
        return Progress(best_epoch=self.best_epoch, ranking=[(-math.inf, each) for _, each in self.ranking])

    def plain(self) -> dict[str, Any]:
        return {**vars(self), "ranking": [list(pair) for pair in self.ranking]}

    @classmethod
    def of(cls, values: dict[str, Any]) -> Progress:
        return cls(**{**values, "ranking": [(pair[0], int(pair[1])) for pair in values["ranking"]]})


def judgement(config: TrainingConfig, result: EvaluationResult) -> float:
    """The more the better."""
    return result.metric if config.best_metric == "metric" else -result.loss


@dataclass
class OpenEpoch:
    """Sums over the samples of the open epoch, added in the order of the steps."""

    samples: int = 0
    loss: float = 0.0
    scores: dict[str, float] = field(default_factory=dict)

    def add(self, size: int, loss: float, scores: dict[str, float]) -> None:
        self.samples += size
        self.loss += loss * size
        for name, value in scores.items():
            self.scores[name] = self.scores.get(name, 0.0) + value * size

    def mean_loss(self) -> float:
        return self.loss / self.samples if self.samples else math.nan
