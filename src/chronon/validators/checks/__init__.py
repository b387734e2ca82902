"""One check per file, found by folder scan; each module has a `CHECK`."""
