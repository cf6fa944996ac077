"""One file a format: a document, or a table, as bytes."""
