"""The ways in which values are kept so that they can be merged; operations share them."""
