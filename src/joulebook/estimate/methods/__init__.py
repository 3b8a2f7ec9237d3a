"""Published formulas of other tools and papers, one small file each: what estimates are compared with."""
