"""Stores: key-value, state, tables; a Protocol each, and one module per backend."""
