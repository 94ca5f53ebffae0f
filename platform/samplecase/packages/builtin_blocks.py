"""The `preprocess` and `postprocess` blocks of a no-code package, checked and completed."""

from __future__ import annotations

from typing import Any

from samplecase.contracts.labels import FieldType
from samplecase.contracts.labels.reading import pointer_to, shown, suggestion
from samplecase.contracts.schema import Schema
from samplecase.contracts.schema_dialect import Faults

ENTRYPOINT_PREFIX = "samplecase.builtin:"
RUNNERS = ("TorchScript", "ExportedProgram", "Onnx", "Checkpoint")

# By what a weight file of each runner ends in; the first of a list that fits wins where there is no manifest.
WEIGHT_SUFFIXES: dict[str, tuple[str, ...]] = {
    "TorchScript": (".pt", ".pth", ".ts", ".torchscript", ".jit"),
    "ExportedProgram": (".pt2",),
    "Onnx": (".onnx",),
    "Checkpoint": (".pt", ".pth", ".ckpt", ".safetensors"),
}

_MAX_SIDE = 8_192
_CHANNELS = {"rgb": 3, "gray": 1}

# Which outputs each kind of postprocessing can make.
_OUTPUTS: dict[str, tuple[FieldType, ...]] = {
    "softmax": (FieldType.CLASSIFICATION,),
    "sigmoid": (FieldType.CLASSIFICATIONS,),
    "detections": (FieldType.DETECTIONS,),
    "embedding": (FieldType.EMBEDDING,),
    "raw": (
        FieldType.REGRESSION,
        FieldType.NUMBER,
        FieldType.ARRAY,
        FieldType.EMBEDDING,
        FieldType.SEGMENTATION,
        FieldType.HEATMAP,
    ),
}

_PREPROCESS: dict[str, Any] = {
    "resize": None, "mode": "stretch", "color": "rgb", "scale": 255, "mean": [], "std": []
}  # fmt: skip
_POSTPROCESS: dict[str, Any] = {
    "kind": None, "boxes": "xyxy", "units": "pixel", "score_threshold": None, "nms_iou": 0.5, "max": 100
}  # fmt: skip


def complete_blocks(manifest: dict[str, Any], schema: Schema, faults: Faults) -> dict[str, Any]:
    """`preprocess` and `postprocess` with every default written out; what is wrong is added to `faults`."""
    _check_ports(schema, faults)
    return {
        "preprocess": _preprocess(manifest.get("preprocess", {}), faults),
        "postprocess": _postprocess(manifest.get("postprocess", {}), schema, faults),
    }


def _check_ports(schema: Schema, faults: Faults) -> None:
    media = [port for port in schema.inputs.values() if port.is_media]
    if len(media) != 1 or len(schema.inputs) != 1:
        faults.add("/schema/inputs/properties", "A no-code model has one input, of type local or image.")
    if len(schema.outputs) != 1:
        faults.add("/schema/outputs/properties", "A no-code model has one output.")


def _block(given: Any, at: str, defaults: dict[str, Any], faults: Faults) -> dict[str, Any]:
    if not isinstance(given, dict):
        faults.add(at, f"Must be an object, not {shown(given)}.")
        return dict(defaults)
    for key in [key for key in given if key not in defaults]:
        faults.unknown(pointer_to(at, key), "setting", key, defaults)
    return {key: given.get(key, default) for key, default in defaults.items()}


def _preprocess(given: Any, faults: Faults) -> dict[str, Any]:
    at = "/preprocess"
    block = _block(given, at, _PREPROCESS, faults)
    if block["resize"] is not None and not _is_size(block["resize"]):
        faults.add(
            f"{at}/resize",
            f"Must be [height, width] or one number, 1 to {_MAX_SIDE}, not {shown(block['resize'])}.",
        )
    _choice(block["mode"], f"{at}/mode", ("stretch", "crop", "letterbox"), faults)
    _choice(block["color"], f"{at}/color", tuple(_CHANNELS), faults)
    if not _is_number(block["scale"]) or block["scale"] <= 0:
        faults.add(
            f"{at}/scale",
            f"Must be a number above 0 by which pixels are divided, not {shown(block['scale'])}.",
        )
    channels = _CHANNELS.get(block["color"], 3) if isinstance(block["color"], str) else 3
    for key in ("mean", "std"):
        values = block[key]
        if (
            not isinstance(values, list)
            or not all(map(_is_number, values))
            or len(values) not in (0, 1, channels)
        ):
            faults.add(
                f"{at}/{key}",
                f"Must be a list of {channels} numbers, one for each channel, not {shown(values)}.",
            )
        elif key == "std" and any(value <= 0 for value in values):
            faults.add(f"{at}/std", f"Must be above 0, for pixels are divided by it, unlike {shown(values)}.")
    return block


def _postprocess(given: Any, schema: Schema, faults: Faults) -> dict[str, Any]:
    at = "/postprocess"
    block = _block(given, at, _POSTPROCESS, faults)
    output = next(iter(schema.outputs.values()), None)
    if block["kind"] is None and output is not None:
        block["kind"] = next((kind for kind, types in _OUTPUTS.items() if output.type in types), None)
        if block["kind"] is None:
            faults.add(f"{at}/kind", f'No kind of postprocessing makes an output of type "{output.type}".')
    elif _choice(block["kind"], f"{at}/kind", tuple(_OUTPUTS), faults) and output is not None:
        types = _OUTPUTS[block["kind"]]
        if output.type not in types:
            wanted = ", ".join(types)
            faults.add(
                f"{at}/kind", f'"{block["kind"]}" makes {wanted}, and the output is of type {output.type}.'
            )
    _choice(block["boxes"], f"{at}/boxes", ("xyxy", "cxcywh"), faults)
    _choice(block["units"], f"{at}/units", ("pixel", "relative"), faults)
    if block["score_threshold"] is None:
        block["score_threshold"] = 0.5 if block["kind"] == "sigmoid" else 0.05
    for key in ("score_threshold", "nms_iou"):
        if not _is_number(block[key]) or not 0 <= block[key] <= 1:
            faults.add(f"{at}/{key}", f"Must be from 0 to 1, not {shown(block[key])}.")
    if not isinstance(block["max"], int) or isinstance(block["max"], bool) or not 1 <= block["max"] <= 10_000:
        faults.add(f"{at}/max", f"Must be a whole number, 1 to 10000, not {shown(block['max'])}.")
    return block


def _choice(value: Any, at: str, known: tuple[str, ...], faults: Faults) -> bool:
    if isinstance(value, str) and value in known:
        return True
    faults.add(at, f"Must be one of {', '.join(known)}, not {shown(value)}.{suggestion(value, known)}")
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _is_size(value: Any) -> bool:
    sides = value if isinstance(value, list) and len(value) == 2 else [value]
    return all(
        isinstance(side, int) and not isinstance(side, bool) and 1 <= side <= _MAX_SIDE for side in sides
    )
