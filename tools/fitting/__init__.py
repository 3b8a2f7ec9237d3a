"""Fits of the estimators: one file for each kind of work, `fit(folder)` and `sections(folder)` in each."""
