"""`manage.py settings_table`: the settings of the environment as docs/settings.md shows them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from samplecase.web.env import DECLARED, Setting

HEAD = """# Settings

Every setting is an environment variable, read once at start; a value that cannot be read stops the start with its name.
Secrets can be given as a file instead: `SAMPLECASE_SECRET_KEY_FILE`, `SAMPLECASE_DATABASE_URL_FILE`,
`SAMPLECASE_BLOB_URL_FILE`, `SAMPLECASE_METRICS_TOKEN_FILE` and `SAMPLECASE_IMPORT_ROOTS_FILE` name its path. This page
is made by `manage.py settings_table`.

| variable | default | meaning |
|---|---|---|
"""


class Command(BaseCommand):
    help = "Print docs/settings.md."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(table(), ending="")


def table() -> str:
    """The page, with this machine's folders shown as what they are made of."""
    return HEAD + "".join(_row(setting) for setting in DECLARED.values())


def _row(setting: Setting) -> str:
    return f"| `{setting.name}` | {_shown(setting)} | {setting.meaning} |\n"


def _shown(setting: Setting) -> str:
    default = setting.default
    if setting.name == "SAMPLECASE_DATA_DIR":
        return "`$XDG_DATA_HOME/samplecase`, else `~/.local/share/samplecase`"
    if default in ("", []):
        return "–"
    text = ",".join(map(str, default)) if isinstance(default, list) else str(default)
    return f"`{text.replace(str(settings.DATA_DIR), '$SAMPLECASE_DATA_DIR')}`"
