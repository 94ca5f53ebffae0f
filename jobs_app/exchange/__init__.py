"""Imports and exports: jobs that the worker does in slices, with a report, and a zip that grows part by part."""
