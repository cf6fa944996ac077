"""Which clauses fit a tender, and why: three-valued conditions, tiers, dates, dependencies between clauses."""
