"""From what a network gave to the values of a package's one output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .reading import Placement

_NMS_CANDIDATES = 2000  # best boxes of an image that are compared with each other
_PROBED = 32  # scores of a sample that a replica of a tuning tells, best first
_PROBED_BELOW = 0.02  # and how far below the threshold

Size = Any  # (width, height) of the network's input


class Postprocessing:
    """Makes the output of a package's `postprocess` block."""

    def __init__(self, manifest: dict[str, Any], *, is_probed: bool = False) -> None:
        self._block = manifest.get("postprocess", {})
        ((self.output, self._spec),) = manifest["schema"]["outputs"]["properties"].items()
        self._classes = manifest.get("classes") or self._spec.get("enum") or []
        self._most = self._block.get("max", 100)
        self._is_probed = is_probed  # also tell the scores by which the outputs of two plans are compared
        self._values = _KINDS[self._block.get("kind", "raw")]

    def values(self, outputs: Any, placements: list[Placement], size: Size) -> list[Any]:
        """One value for each sample of the batch; `size` is the width and height of the network's input."""
        found: list[Any] = self._values(self, outputs, placements, size)
        return found

    def _label(self, index: int) -> str:
        if not self._classes:
            return str(index)
        if index >= len(self._classes):
            raise ValueError(
                f"the model gave class {index}, and the package names {len(self._classes)} classes"
            )
        return str(self._classes[index])

    def _softmax(self, outputs: Any, placements: list[Placement], size: Size) -> list[Any]:
        scores = only(outputs).float().flatten(1).softmax(1)
        if self._is_probed:
            return self._probed(scores)
        best = scores.max(1)
        return [
            {"label": self._label(index), "confidence": confidence}
            for confidence, index in zip(best.values.tolist(), best.indices.tolist())  # noqa: B905 - Python 3.8
        ]

    def _probed(self, scores: Any) -> list[Any]:
        best = scores.topk(min(_PROBED, scores.shape[1]))
        rows = []
        for values, indices in zip(best.values.tolist(), best.indices.tolist()):  # noqa: B905 - Python 3.8
            labels = [self._label(index) for index in indices]
            named = dict(zip(labels, values))  # noqa: B905 - Python 3.8
            rows.append({"label": labels[0], "confidence": values[0], "scores": named})
        return rows

    def _sigmoid(self, outputs: Any, placements: list[Placement], size: Size) -> list[Any]:
        return [
            self._above_threshold(scores) for scores in only(outputs).float().flatten(1).sigmoid().tolist()
        ]

    def _above_threshold(self, scores: list[float]) -> list[Any]:
        least = self._block.get("score_threshold", 0.5) - (_PROBED_BELOW if self._is_probed else 0)
        chosen = sorted((-score, index) for index, score in enumerate(scores) if score >= least)
        return [{"label": self._label(index), "confidence": -score} for score, index in chosen[: self._most]]

    def _embedding(self, outputs: Any, placements: list[Placement], size: Size) -> list[Any]:
        vectors: list[Any] = only(outputs).float().flatten(1).tolist()
        return vectors

    def _raw(self, outputs: Any, placements: list[Placement], size: Size) -> list[Any]:
        return [self._plain(each) for each in only(outputs)]

    def _plain(self, output: Any) -> Any:
        kind = self._spec.get("type")
        if kind == "segmentation":
            return output.squeeze(0).numpy().astype("uint8" if int(output.max()) < 256 else "uint16")
        if kind == "heatmap":
            return output.float().squeeze(0).numpy()
        if kind in ("regression", "number") and output.numel() == 1:
            return output.item()
        return output.tolist()

    def _detections(self, outputs: Any, placements: list[Placement], size: Size) -> list[Any]:
        return [
            self._detections_of(_nth(outputs, index), placement, size)
            for index, placement in enumerate(placements)
        ]

    def _detections_of(self, output: Any, placement: Placement, size: Size) -> list[Any]:
        import torch

        boxes, scores, classes = _boxes(output)
        boxes = boxes.float().clone()
        if self._block.get("boxes") == "cxcywh":
            half = boxes[:, 2:] / 2
            boxes = torch.cat([boxes[:, :2] - half, boxes[:, :2] + half], dim=1)
        if self._block.get("units") == "relative":
            boxes *= torch.tensor([size[0], size[1], size[0], size[1]], device=boxes.device)
        good = (scores >= self._block.get("score_threshold", 0.05)) & torch.isfinite(boxes).all(1)
        boxes, scores, classes = boxes[good], scores[good], classes[good]
        kept = _suppressed(boxes, scores, classes, self._block.get("nms_iou", 0.5))[: self._most]
        found = []
        for box, score, index in zip(  # noqa: B905 - Python 3.8
            boxes[kept].tolist(), scores[kept].tolist(), classes[kept].tolist()
        ):
            left, top = placement.to_relative(box[0], box[1])
            right, bottom = placement.to_relative(box[2], box[3])
            if right > left and bottom > top:  # else it lies in the border only
                place = [left, top, right - left, bottom - top]
                found.append({"label": self._label(int(index)), "bounding_box": place, "confidence": score})
        return found


_KINDS: dict[str, Callable[..., Any]] = {
    "softmax": Postprocessing._softmax,
    "sigmoid": Postprocessing._sigmoid,
    "detections": Postprocessing._detections,
    "embedding": Postprocessing._embedding,
    "raw": Postprocessing._raw,
}


def on_cpu(outputs: Any) -> Any:
    """What the network gave, in main memory: one copy for the batch instead of one for each number that is read.

    Half precision becomes single: numpy has no bfloat16, and what is done with the numbers has its own rounding.
    """
    if isinstance(outputs, dict):
        return {key: on_cpu(each) for key, each in outputs.items()}
    if isinstance(outputs, (tuple, list)):
        return [on_cpu(each) for each in outputs]
    import torch

    return outputs.cpu().float() if outputs.dtype in (torch.bfloat16, torch.float16) else outputs.cpu()


def only(outputs: Any) -> Any:
    """The tensor of a network that gives one, in whatever it wraps it."""
    while isinstance(outputs, (dict, list)):
        outputs = next(iter(outputs.values() if isinstance(outputs, dict) else outputs))
    return outputs


def _nth(outputs: Any, index: int) -> Any:
    """One sample's part of what the network gave: a tensor, or a list or dict of tensors."""
    if isinstance(outputs, dict):
        return {key: _nth(each, index) for key, each in outputs.items()}
    if isinstance(outputs, list):
        if outputs and isinstance(outputs[0], dict):  # torchvision's detectors: one dict for each image
            return outputs[index]
        parts = [_nth(each, index) for each in outputs]
        return parts[0] if len(parts) == 1 else parts
    return outputs[index]


def joined(parts: list[Any]) -> Any:
    """The outputs of several batches as those of one."""
    import torch

    if isinstance(parts[0], dict):
        return {key: joined([part[key] for part in parts]) for key in parts[0]}
    if isinstance(parts[0], list):
        return [joined(list(each)) for each in zip(*parts)]  # noqa: B905 - Python 3.8
    return torch.cat(parts)


def _boxes(output: Any) -> Any:
    """`(boxes [n, 4], scores [n], classes [n])` of one image.

    Taken are `{"boxes", "scores", "labels"}`, `(boxes, scores [n, classes])`, `(boxes, scores [n], classes [n])`, and a
    tensor `[n, 6]` of box, score, class.
    """
    if isinstance(output, dict):
        return output["boxes"], output["scores"], output["labels"]
    if isinstance(output, list):
        if len(output) == 3:
            return output[0], output[1], output[2]
        scores, classes = output[1].max(1)
        return output[0], scores, classes
    return output[:, :4], output[:, 4], output[:, 5]


def _suppressed(boxes: Any, scores: Any, classes: Any, limit: float) -> Any:
    """Indices of the boxes that stay, best first: of two of one class that overlap by over `limit`, the better."""
    import torch

    order = scores.argsort(descending=True)[:_NMS_CANDIDATES]
    boxes, classes = boxes[order], classes[order]
    area = (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(1)
    low = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(2)
    overlap = shared / (area[:, None] + area[None, :] - shared).clamp(min=1e-9)
    rivals = ((overlap > limit) & (classes[:, None] == classes[None, :])).cpu()
    alive = torch.ones(len(order), dtype=torch.bool)
    for index in range(len(order)):
        if alive[index]:
            alive[index + 1 :] &= ~rivals[index, index + 1 :]
    return order[alive.to(order.device)]
