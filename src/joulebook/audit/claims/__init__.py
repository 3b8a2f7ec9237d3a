"""Claims of well-known texts, each held against a computation of our own: holds, holds only if, does not hold."""
