"""Packed models: one reader of zips, the manifest, templates, packing, and the runners of no-code packages."""

from pathlib import Path

from samplecase.packages.archive import Archive, Entry, open_archive
from samplecase.packages.limits import DEFAULT_LIMITS, Limits
from samplecase.packages.new_folder import (
    Choice,
    Template,
    check_empty,
    find_template,
    templates,
    write_folder,
)
from samplecase.packages.pack import pack_folder
from samplecase.packages.package import Example, Package, inspect_package, unpack_package
from samplecase.packages.source import check_source

# Loaded by its path in the model's own interpreter, where samplecase is not installed; its folder goes with it.
BUILTIN_RUNNER = Path(__file__).with_name("runner") / "__init__.py"

__all__ = [
    "BUILTIN_RUNNER",
    "DEFAULT_LIMITS",
    "Archive",
    "Choice",
    "Entry",
    "Example",
    "Limits",
    "Package",
    "Template",
    "check_empty",
    "check_source",
    "find_template",
    "inspect_package",
    "open_archive",
    "pack_folder",
    "templates",
    "unpack_package",
    "write_folder",
]
