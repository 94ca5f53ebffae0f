"""The sharing app: no tables of its own, only what those of the other apps inherit."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "samplecase.web.sharing"
    label = "sharing"
