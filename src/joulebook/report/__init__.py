"""Statements and runs as documents that people read."""
