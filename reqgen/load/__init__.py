"""Text in, typed values out: YAML with places, JSON Schema, then the library and the project as values."""
