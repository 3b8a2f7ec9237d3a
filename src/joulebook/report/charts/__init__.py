"""Charts of statements: one small builder for each, all in one theme; altair is loaded by these files alone."""
