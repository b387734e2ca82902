"""The command line: parses, calls, shows. Decides nothing."""
