"""What a training learns from, frozen before it starts: a manifest of samples, their labels and their split."""
