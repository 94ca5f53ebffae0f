"""One module per format, each with the same port: `sniff`, `read`, `write`, and where it puts media."""
