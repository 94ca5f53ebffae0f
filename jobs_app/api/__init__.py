"""The REST interface of jobs and evaluations."""
