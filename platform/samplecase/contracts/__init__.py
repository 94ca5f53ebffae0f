"""What every other part agrees on: words, shapes, states and errors. Standard library and jsonschema only."""
