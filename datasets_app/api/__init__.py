"""The REST interface of datasets."""
