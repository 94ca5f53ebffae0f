"""Types of fields, names of fields, and values: what a label is, wherever it comes from."""

from samplecase.contracts.labels.index import index_labels, indexer, primary_label, primary_number
from samplecase.contracts.labels.names import (
    FIELD_NAME,
    RESERVED_FIELD_NAMES,
    check_field_name,
    default_field_name,
    slugify_output,
)
from samplecase.contracts.labels.outputs import OutputChecker
from samplecase.contracts.labels.types import (
    FIELD_TYPES,
    LABEL_LIST_TYPES,
    LABELLED_TYPES,
    MASK_TYPES,
    PLAIN_TYPES,
    FieldType,
)
from samplecase.contracts.labels.values import ValueChecker, normalise_value

__all__ = [
    "FIELD_NAME",
    "FIELD_TYPES",
    "LABELLED_TYPES",
    "LABEL_LIST_TYPES",
    "MASK_TYPES",
    "PLAIN_TYPES",
    "RESERVED_FIELD_NAMES",
    "FieldType",
    "OutputChecker",
    "ValueChecker",
    "check_field_name",
    "default_field_name",
    "index_labels",
    "indexer",
    "normalise_value",
    "primary_label",
    "primary_number",
    "slugify_output",
]
