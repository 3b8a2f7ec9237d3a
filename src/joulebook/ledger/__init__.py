"""The three doors, memory: the append-only journal, and where it lives."""
