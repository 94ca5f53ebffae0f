"""The training process: `python -m samplecase.training train RUN`, and what else needs torch."""

from __future__ import annotations

import sys

from samplecase.training.engine.command import main

sys.exit(main())
