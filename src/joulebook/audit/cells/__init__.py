"""What the rows of a table obey, learned from the rows themselves, and the cells that break it."""
