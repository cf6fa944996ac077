"""Meaning: what the shape of the files cannot say. One function a rule, all run, findings sorted by place.

Each rule is explained in docs/regles.md, with an example that breaks it and one that does not. Rules of prose are data of
the library; `writing` runs them.
"""
