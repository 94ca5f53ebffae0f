"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "samplecase.web.accounts"
    label = "accounts"
    verbose_name = "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers what OpenAPI says of the ways to sign in."""
        from samplecase.web.accounts import schema  # noqa: F401
