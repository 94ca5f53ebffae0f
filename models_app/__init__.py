"""Models, their versions and deployments: a thin Django app around the packages and the runtime."""
