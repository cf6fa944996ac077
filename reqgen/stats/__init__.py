"""What a library holds, as numbers: counts, clauses that say nearly the same, documents to be measured."""
