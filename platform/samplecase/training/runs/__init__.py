"""A run as a folder: its files, how they are written, and how a run that goes is seen and steered from outside."""
