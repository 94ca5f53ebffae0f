"""Jobs and their chunk ledger: a thin Django app that implements the executor's port."""
