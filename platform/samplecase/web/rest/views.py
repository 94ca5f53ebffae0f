"""The base classes of every endpoint."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from samplecase.contracts.errors import InvalidInput
from samplecase.web.rest.limits import Limited


class _Base(Limited):
    """Checks the query string, which no parser sees, and validates bodies in one line."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        for name, values in request.query_params.lists():
            if any("\x00" in text for text in (name, *values)):
                raise InvalidInput(
                    "A query parameter has a NUL character.", pointer=f"/{name.replace(chr(0), '')}"
                )
        super().initial(request, *args, **kwargs)

    def checked(self, serializer: type[serializers.BaseSerializer[Any]], **options: Any) -> Any:
        """The body's validated data. Raises `ValidationError`, which the handler gives pointers."""
        options.setdefault("context", {"request": self.request, "view": self})
        bound = serializer(data=self.request.data, **options)
        bound.is_valid(raise_exception=True)
        return bound.validated_data


class ApiView(_Base):
    """An endpoint with one address."""


class ApiViewSet(_Base, GenericViewSet[Any]):
    """The endpoints of one kind of object. `page_order` names the keys that its pages are sorted by.

    Lists of more than `most_counted` rows have no `count`.
    """

    page_order: ClassVar[tuple[str, ...]] = ("id",)
    most_counted: ClassVar[int | None] = None
    lookup_value_converter = "int"
    http_method_names = ("get", "post", "put", "patch", "delete", "head")
