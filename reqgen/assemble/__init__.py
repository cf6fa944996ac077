"""From a selection to documents: wording filled, chapters ordered and numbered, tables computed. It writes no format."""
