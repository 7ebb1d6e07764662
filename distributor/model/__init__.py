"""Frozen values, one noun per file. They import nothing of ours but `errors`."""
