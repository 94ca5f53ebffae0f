"""The closed list of field types, and the groups of them that are treated alike."""

from __future__ import annotations

from enum import StrEnum


class FieldType(StrEnum):
    """What a field holds on each sample; also the type of a model's output."""

    CLASSIFICATION = "classification"  # one label
    CLASSIFICATIONS = "classifications"  # several labels
    DETECTIONS = "detections"  # labelled boxes, each with an optional mask
    POLYLINES = "polylines"  # labelled lines and polygons
    KEYPOINTS = "keypoints"  # labelled lists of points
    SEGMENTATION = "segmentation"  # a class per pixel, as a PNG in the blob store
    HEATMAP = "heatmap"  # a number per pixel, as a PNG in the blob store
    REGRESSION = "regression"  # a number with an optional confidence
    EMBEDDING = "embedding"  # a vector of fixed length
    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    OBJECT = "object"
    ARRAY = "array"


FIELD_TYPES: frozenset[str] = frozenset(each.value for each in FieldType)

# Each element is one label, with an `id` of its own.
LABEL_LIST_TYPES = frozenset(
    {FieldType.CLASSIFICATIONS, FieldType.DETECTIONS, FieldType.POLYLINES, FieldType.KEYPOINTS}
)

# Types whose values are found and counted by a label.
LABELLED_TYPES = LABEL_LIST_TYPES | {FieldType.CLASSIFICATION}

# Types whose pixels lie in the blob store, and of which the value only says where.
MASK_TYPES = frozenset({FieldType.SEGMENTATION, FieldType.HEATMAP})

# What JSON itself has: checked by JSON Schema alone.
PLAIN_TYPES = frozenset(
    {
        FieldType.STRING,
        FieldType.NUMBER,
        FieldType.INTEGER,
        FieldType.BOOLEAN,
        FieldType.OBJECT,
        FieldType.ARRAY,
    }
)
