"""Holds this platform against what Chronon's own jobs returned: cases, translation, comparison, explanations."""
