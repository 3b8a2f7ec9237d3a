"""What the sensors of a machine miss, from the log of a wall meter: read, aligned, fitted, kept, and added to a run."""
