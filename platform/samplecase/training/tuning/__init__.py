"""The search for good settings: trials are ordinary runs, and a study is made anew from their rows."""
