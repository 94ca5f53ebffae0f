"""Networks: the catalogue of architectures, their heads and stages, and where their first weights come from."""
