"""The pages app."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "samplecase.web.pages"
    label = "pages"

    def ready(self) -> None:
        """Registers the checks, which belong to no app of their own."""
        from samplecase.web import checks  # noqa: F401
