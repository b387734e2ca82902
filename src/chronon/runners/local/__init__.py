"""The embedded engine: DuckDB and NumPy in this process, no JVM."""
