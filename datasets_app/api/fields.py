"""`/datasets/{id}/fields/`: the typed columns of a dataset."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from datasets_app.api.serializers import FieldChangesSerializer, FieldSerializer, NewFieldSerializer
from datasets_app.fields import create_field, delete_field, restore_field, update_field
from datasets_app.models import Dataset, Field
from samplecase.contracts.errors import NotFound
from samplecase.contracts.states import DatasetRight
from samplecase.web.rest.schema import errors
from samplecase.web.rest.views import ApiView


class FieldsView(ApiView):
    """The fields of a dataset."""

    @extend_schema(responses=FieldSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """All fields, in the order in which they were made."""
        dataset = Dataset.objects.require(pk=pk, user=request.user)
        return Response(FieldSerializer(Field.objects.filter(dataset=dataset), many=True).data)

    @extend_schema(request=NewFieldSerializer, responses={201: FieldSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """A new, empty field; needs *label*."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.LABEL)
        facts = self.checked(NewFieldSerializer)
        field = create_field(acting_user=request.user, dataset=dataset, **facts)  # type: ignore[arg-type]
        return Response(FieldSerializer(field).data, status=201)


class FieldView(ApiView):
    """One field of a dataset."""

    @extend_schema(request=FieldChangesSerializer, responses=FieldSerializer)
    def patch(self, request: Request, pk: int, name: str) -> Response:
        """Change classes, colors or attributes (needs *label*) or the name (needs *edit*)."""
        renames = isinstance(request.data, dict) and "name" in request.data
        right = DatasetRight.EDIT if renames else DatasetRight.LABEL
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=right)
        field = find_field(dataset, name)
        changes = self.checked(FieldChangesSerializer, partial=True)
        changed = update_field(acting_user=request.user, field=field, changes=changes)  # type: ignore[arg-type]
        return Response(FieldSerializer(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, name: str) -> Response:
        """Delete a field with its values; needs *edit*. `restore/` undoes it."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.EDIT)
        delete_field(acting_user=request.user, field=find_field(dataset, name))  # type: ignore[arg-type]
        return Response(status=204)


class RestoreFieldView(ApiView):
    """Undoes the deletion of a field."""

    @extend_schema(request=None, responses={200: FieldSerializer, **errors(409)})
    def post(self, request: Request, pk: int, name: str) -> Response:
        """Bring back the field of that name that was deleted last, with its values; needs *edit*."""
        dataset = Dataset.objects.require(pk=pk, user=request.user, right=DatasetRight.EDIT)
        field = restore_field(acting_user=request.user, dataset=dataset, name=name)  # type: ignore[arg-type]
        return Response(FieldSerializer(field).data)


def find_field(dataset: Dataset, name: str) -> Field:
    """Raises `NotFound`."""
    found = Field.objects.filter(dataset=dataset, name=name).first()
    if found is None:
        raise NotFound(f"The dataset “{dataset}” has no field “{name[:100]}”.")
    return found
