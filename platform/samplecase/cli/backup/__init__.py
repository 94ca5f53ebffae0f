"""Backups of an installation: its database, its blobs, and what makes them one."""
