"""One small file a rule: a document -> findings, from what its records state, and from what is known of the world."""
