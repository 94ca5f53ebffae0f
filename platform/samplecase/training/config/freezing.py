"""Which layers train, as a function of the epoch alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from samplecase.training.config.base import Settings


class Whole(Settings):
    """Every layer trains from the first step."""

    kind: Literal["whole"] = "whole"

    def trained_stages(self, epoch: int, stages: Sequence[str]) -> tuple[str, ...]:
        """The stages of the backbone, of those in their order from the input, that train in this epoch (from 0)."""
        return tuple(stages)


class FixedExtractor(Settings):
    """Only the head trains; the backbone keeps its weights and its statistics, bit for bit."""

    kind: Literal["fixed_extractor"] = "fixed_extractor"

    def trained_stages(self, epoch: int, stages: Sequence[str]) -> tuple[str, ...]:
        return ()


class Staged(Settings):
    """First the head alone; then one stage after the other joins it, from the head towards the input."""

    kind: Literal["staged"] = "staged"
    head_epochs: Annotated[int, Field(ge=0)] = 1
    """Epochs in which only the head trains."""
    epochs_per_stage: Annotated[int, Field(ge=1)] = 1
    """Epochs from one stage's thawing to the next."""
    most_stages: Annotated[int, Field(ge=0)] | None = None
    """At most so many stages are ever thawed; all of them where nothing is given."""

    def trained_stages(self, epoch: int, stages: Sequence[str]) -> tuple[str, ...]:
        if epoch < self.head_epochs:
            return ()
        number = 1 + (epoch - self.head_epochs) // self.epochs_per_stage
        number = min(number, len(stages), len(stages) if self.most_stages is None else self.most_stages)
        return tuple(stages[len(stages) - number :])


FreezePlan = Annotated[Whole | FixedExtractor | Staged, Field(discriminator="kind")]
