"""What tables and records obey: learned from rows, demanded by units, told by totals; and the cells that break it."""
