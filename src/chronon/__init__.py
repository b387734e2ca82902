"""Chronon: a feature platform whose configuration is the product."""

__version__ = "0.1.0"
