"""Shared by calibrate.py and benchmarks/quality.py: fits points to outcomes. All scores come from the SQL models."""
