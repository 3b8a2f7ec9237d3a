"""Energy of a training before the fact."""
