"""Chronon: a feature platform whose configuration is the product."""
