"""Published tables computed again, cell by cell: what agrees, what rounding explains, and what does not close."""
