"""Datasets, samples, fields, values, and what is asked of them: a thin Django app."""
