"""Engines start replicas: one port, and its implementation by child processes of this host."""
