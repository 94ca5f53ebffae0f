"""The models app."""

from django.apps import AppConfig


class ModelsConfig(AppConfig):
    name = "models_app"
    verbose_name = "Models"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from models_app.stored_packages import editable_package, package_bytes
        from samplecase.web.uploads.holdings import count_as_stored, offer_known

        count_as_stored(package_bytes)
        offer_known(editable_package)
