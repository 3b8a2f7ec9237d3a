"""Meters outside the machine: plugs, BMCs and the firmware, asked only where somebody names them."""
