"""Published fakes and contract tests, for joulebook and for back-ends of others."""
