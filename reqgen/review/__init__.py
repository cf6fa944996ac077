"""Two versions of a library, side by side: what changed, of what weight, and what it does to tenders. Values only."""
