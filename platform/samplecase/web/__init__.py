"""The Django project: settings, addresses, error shape, and the foundations that the apps stand on."""
