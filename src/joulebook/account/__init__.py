"""Rules that turn entries and facts into statements, one file per rule."""
