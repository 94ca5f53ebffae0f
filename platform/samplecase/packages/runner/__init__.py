"""The runners of no-code packages: weights, and what to do before and after them, are data.

This folder stands alone: it is loaded by its path in the model's own interpreter (Python 3.8 or later), where
samplecase is not installed. torch, numpy and Pillow are imported when a model is set up, not before.
"""

from __future__ import annotations

from .base import Runner
from .in_process import Tuned, tuned
from .kinds import Checkpoint, ExportedProgram, Onnx, TorchScript
from .networks import NotApplicable
from .reading import Placement, Preprocessing, UnreadableMedia

__all__ = [
    "Checkpoint",
    "ExportedProgram",
    "NotApplicable",
    "Onnx",
    "Placement",
    "Preprocessing",
    "Runner",
    "TorchScript",
    "Tuned",
    "UnreadableMedia",
    "tuned",
]
