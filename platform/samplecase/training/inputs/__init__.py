"""From a manifest's rows to batches, each a function of seed, epoch and sample, whoever reads it and when."""
