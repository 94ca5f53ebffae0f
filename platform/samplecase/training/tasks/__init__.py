"""What is learnt: how labels become targets, what a step minimises, and what predictions are worth."""

from samplecase.training.tasks.base import EvaluationResult, FieldResult, Task
from samplecase.training.tasks.choosing import sample_weights, task_for

__all__ = ["EvaluationResult", "FieldResult", "Task", "sample_weights", "task_for"]
