"""Reads one entry of a submit: which inputs come from where, and which output becomes which field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Any

from datasets_app.models import Field
from jobs_app.inputs import value_ports
from models_app.models import Deployment
from samplecase.contracts.errors import Fault, InvalidInput
from samplecase.contracts.labels import check_field_name, default_field_name, normalise_value
from samplecase.contracts.schema import Port, parse_schema
from samplecase.contracts.states import OnExisting
from samplecase.web.errors import pointer
from samplecase.web.rest.serializers import unknown_key

# Types of fields, beside its own, whose values an input may be given.
ALSO_ACCEPTED = {"number": {"integer"}}


@dataclass(frozen=True)
class Entry:
    """One entry of a submit as it was sent; without `outputs`, every output goes to its default field."""

    deployment: int
    on_existing: OnExisting = OnExisting.FAIL
    inputs: Mapping[str, Any] = with_default(default_factory=dict)
    outputs: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Target:
    """The field that an output goes to; it is made if it does not exist yet."""

    output: str
    field_name: str
    type: str
    dimension: int | None
    pointer: str  # where it stands in what was sent


@dataclass(frozen=True)
class Plan:
    """An entry whose every name was found."""

    deployment: Deployment
    inputs: Mapping[str, Any]
    targets: tuple[Target, ...]
    on_existing: OnExisting


class EntryReader:
    """Reads an entry against the version's schema and the dataset's fields, and collects all that is wrong."""

    def __init__(self, entry: Entry, *, at: str, deployment: Deployment, fields: Mapping[str, Field]) -> None:
        self._entry = entry
        self._at = at
        self._deployment = deployment
        self._schema = parse_schema(deployment.version.schema)
        self._fields = fields
        self.faults: list[Fault] = []

    def plan(self) -> Plan:
        """The plan; it is to be used only if there are no `faults`."""
        inputs = dict(self._inputs())
        targets = tuple(self._targets())
        if not targets and not self.faults:
            self._fault("At least one output must be mapped to a field.", "outputs")
        return Plan(self._deployment, inputs, targets, self._entry.on_existing)

    # Inputs ----------------------------------------------------------------------------------------------------------

    def _inputs(self) -> Iterator[tuple[str, Any]]:
        ports = value_ports(self._schema)
        for name, source in self._entry.inputs.items():
            if name in ports:
                yield name, self._source(ports[name], source)
            elif name in self._schema.inputs:
                self._fault("This input is the sample's image and is not mapped.", "inputs", name)
            else:
                self._fault(unknown_key(name, ports), "inputs", name)
        for name, port in ports.items():
            if port.required and port.default is None and name not in self._entry.inputs:
                self._fault("The model requires this input: name a field or give a constant.", "inputs", name)

    def _source(self, port: Port, source: Any) -> Any:
        if isinstance(source, str):
            self._check_field(port, source)
            return source
        if isinstance(source, dict) and set(source) == {"constant"}:
            return {"constant": self._constant(port, source["constant"])}
        self._fault('This is the name of a field, or {"constant": value}.', "inputs", port.name)
        return None

    def _check_field(self, port: Port, name: str) -> None:
        field = self._fields.get(name)
        if field is None:
            self._fault(f"The dataset has no field “{name[:100]}”.", "inputs", port.name)
        elif field.type != port.type and field.type not in ALSO_ACCEPTED.get(port.type, ()):
            message = f"The input is of type {port.type}, the field “{name}” of type {field.type}."
            self._fault(message, "inputs", port.name)

    def _constant(self, port: Port, value: Any) -> Any:
        place = ("inputs", port.name, "constant")
        if value is None:
            if port.required and port.default is None:
                self._fault("The model requires this input: it cannot be null.", *place)
            return None
        try:
            return normalise_value(port.type, value, spec=port.spec, at=self._at + pointer(*place))
        except InvalidInput as error:
            self.faults += error.details
            return None

    # Outputs ---------------------------------------------------------------------------------------------------------

    def _targets(self) -> Iterator[Target]:
        ports = self._schema.outputs
        chosen = self._entry.outputs
        if chosen is None:
            slug = self._deployment.version.model.slug
            chosen = {output: default_field_name(slug, output) for output in ports}
        for output, name in chosen.items():
            if output not in ports:
                self._fault(unknown_key(output, ports), "outputs", output)
                continue
            at = self._at + pointer("outputs", output)
            target = Target(output, name, ports[output].type, ports[output].dimension, at)
            if self._fits(target):
                yield target

    def _fits(self, target: Target) -> bool:
        """Whether the field may be made, or is there and of the output's type."""
        field = self._fields.get(target.field_name)
        message = ""
        if field is None:
            message = _name_fault(target.field_name)
        elif field.type != target.type:
            message = f"The output is of type {target.type}, the field “{field.name}” of type {field.type}."
        elif field.dimension != target.dimension:
            message = (
                f"The output has dimension {target.dimension}, the field “{field.name}” {field.dimension}."
            )
        if message:
            self.faults.append(Fault(target.pointer, message))
        return not message

    def _fault(self, message: str, *place: str) -> None:
        self.faults.append(Fault(self._at + pointer(*place), message))


def _name_fault(name: str) -> str:
    try:
        check_field_name(name)
    except InvalidInput as error:
        return error.message
    return ""
