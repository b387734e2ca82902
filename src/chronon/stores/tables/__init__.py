"""Tables: the sources that are read, and the warehouse of fragments that are written."""
