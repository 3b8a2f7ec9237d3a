"""The three doors, knowledge: facts with sources, dated and versioned."""
