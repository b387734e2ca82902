"""Flink: the events of a topic as tiles, by SQL built-ins; the tile writer puts them into pages. Only this room knows pyflink."""
