"""Who may do what with a dataset or a model: one base model, one queryset, one endpoint."""
