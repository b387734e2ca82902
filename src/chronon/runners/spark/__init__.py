"""Spark: jobs as DataFrame programs with the columnar kernel once per partition. Only this room knows pyspark.

`engine` is imported by the platform and is light; `main` and what it uses run in a child process that owns the JVM.
"""
