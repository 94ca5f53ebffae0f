"""The addresses of models, versions and deployments."""
