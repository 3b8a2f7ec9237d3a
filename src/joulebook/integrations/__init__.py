"""Callbacks for other people's frameworks: one file each, imported by name, loading that framework alone."""
