"""Whether figures are true: reports of others read and checked, published tables recomputed, claims judged."""
