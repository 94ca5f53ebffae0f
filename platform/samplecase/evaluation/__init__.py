"""What predictions are worth: the formulas of evaluations, over plain values and without a database."""
