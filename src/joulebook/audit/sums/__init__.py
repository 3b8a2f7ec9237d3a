"""Figures as entries of accounts: totals, remainders, shares and averages that running text tells."""
