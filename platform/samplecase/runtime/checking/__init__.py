"""What Deploy does before a deployment is ready: examples, measurements, and the tuning of no-code packages."""
