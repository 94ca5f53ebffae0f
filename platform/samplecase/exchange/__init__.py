"""Interchange formats: files of other tools read as records, and records written as such files. Knows no Django."""
