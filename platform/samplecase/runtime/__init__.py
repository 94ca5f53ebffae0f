"""Replicas, the sandbox they live in, and the executor that feeds them. No Django."""
