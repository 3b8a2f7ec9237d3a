"""One small file a rule: a document -> findings, from relations that the document itself states."""
