"""Numbers: how far the predicted ones are from the true ones.

MAE, RMSE and R² (1 - Σ(y - ŷ)² / Σ(y - ȳ)²) as scikit-learn's `mean_absolute_error`, `root_mean_squared_error` and
`r2_score`; bias is the mean of ŷ - y.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Errors:
    """The sums of any number of samples. The spread is kept about the mean (Chan, Golub and LeVeque 1979), for

    Σy² - (Σy)²/n loses every digit where the numbers are large and close together.
    """

    count: int = 0
    absolute: float = 0.0  # Σ|ŷ - y|
    squared: float = 0.0  # Σ(ŷ - y)²
    signed: float = 0.0  # Σ(ŷ - y)
    mean: float = 0.0  # ȳ
    spread: float = 0.0  # Σ(y - ȳ)²

    def add(self, pairs: Iterable[tuple[float, float]]) -> None:
        """Count `(actual, predicted)` pairs."""
        for actual, predicted in pairs:
            error = predicted - actual
            self.count += 1
            self.absolute += abs(error)
            self.squared += error * error
            self.signed += error
            step = actual - self.mean
            self.mean += step / self.count
            self.spread += step * (actual - self.mean)

    def metrics(self) -> dict[str, float]:
        """Empty when nothing was compared. R² of truths that are all the same is 1 if nothing is wrong, else 0."""
        if not self.count:
            return {}
        constant = 1.0 if self.squared == 0 else 0.0
        return {
            "mae": self.absolute / self.count,
            "rmse": math.sqrt(self.squared / self.count),
            "r2": 1 - self.squared / self.spread if self.spread > 0 and self.count > 1 else constant,
            "bias": self.signed / self.count,
        }
