"""Arithmetical relations between the figures of a passage: which of them follow from which, and which do not."""
