"""Runners do what a plan says: the apply engine, and the engines that run its jobs (local, Spark, Flink)."""
