"""Simulated worlds for `simulation`: machines with faults, and what must hold of their books."""
