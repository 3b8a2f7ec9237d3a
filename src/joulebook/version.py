"""The version of joulebook, and nothing else: what every floor may name."""

__version__ = "0.1.0"
