"""What every endpoint stands on: strict parsing, signed cursors, conditional answers, serializers, OpenAPI helpers."""
