"""Estimates before the fact: a description of work and facts become entries, and these a statement.

`training`, `serving` and `search` are what `jb.estimate` offers; everything below them is pure.
"""
