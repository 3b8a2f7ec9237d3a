"""Ranks: which of a training this process is, which recordings are one launch, and their run as one."""
