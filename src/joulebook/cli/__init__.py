"""The command line: one file per command, words only."""
