"""The datasets app."""

from django.apps import AppConfig
from django.conf import settings
from PIL import Image


class DatasetsConfig(AppConfig):
    name = "datasets_app"
    verbose_name = "Datasets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from datasets_app.samples import sample_bytes
        from samplecase.web.uploads.holdings import count_as_stored

        count_as_stored(sample_bytes)
        # Pillow's own alarm rings where ours does; `images` checks each header before anything is decoded.
        Image.MAX_IMAGE_PIXELS = settings.MAX_IMAGE_PIXELS
