"""The nouns: ids, time, types, specs, definitions, jobs, plans, state. Standard library only; no I/O, no clock."""
