"""Renderings of values for people and for programs: pure functions from a noun to text."""
