"""JSON Schemas 2020-12 of the library's files and of the project file; data, read by reqgen.load.schema."""
