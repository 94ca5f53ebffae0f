"""Files that come in pieces, and go on where they broke off: tus 1.0, and what may be done with them once whole."""
