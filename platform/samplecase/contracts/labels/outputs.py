"""A model's outputs against its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels.reading import pointer_to, suggestion
from samplecase.contracts.labels.values import ValueChecker

if TYPE_CHECKING:
    from samplecase.contracts.schema import Schema


class OutputChecker:
    """Checks what a replica gave for each output of `schema`."""

    def __init__(self, schema: Schema) -> None:
        self._checkers = {
            name: (ValueChecker(port.type, spec=port.spec, dimension=port.dimension), pointer_to("", name))
            for name, port in schema.outputs.items()
        }

    def check(self, output_name: str, raw: Any) -> Any:
        """The canonical value of one sample's output; None (nothing found) stays None.

        Raises `InvalidInput` (`invalid_output`); its pointers begin with `/{output_name}`.
        """
        found = self._checkers.get(output_name)
        if found is None:
            message = f'The schema has no output "{output_name}".{suggestion(output_name, self._checkers)}'
            raise InvalidInput(
                message, code="invalid_output", details=[Fault(pointer_to("", output_name), message)]
            )
        checker, at = found
        return None if raw is None else checker.normalise(raw, at=at, code="invalid_output")
