"""Other people's files: one file for each format, in and out."""
