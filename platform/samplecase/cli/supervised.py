"""`python -m samplecase.cli.supervised PARENT COMMAND…`: a command that ends when its supervisor does."""

from __future__ import annotations

import sys

from samplecase.cli.lifeline import die_with_parent
from samplecase.cli.main import main

if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    del sys.argv[1]
    main()
