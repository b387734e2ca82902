"""The engines that SQL is generated for."""

from __future__ import annotations

from typing import Literal as OneOf

from chronon.expressions.duckdb_sql import DUCKDB
from chronon.expressions.flink_sql import FLINK
from chronon.expressions.spark_sql import SPARK
from chronon.expressions.sql import Dialect, sql_text
from chronon.expressions.tree import Node

_DIALECTS: dict[str, Dialect] = {"duckdb": DUCKDB, "spark": SPARK, "flink": FLINK}


def generated(node: Node, dialect: OneOf["duckdb", "spark", "flink"]) -> str:
    """The tree as an expression of that engine."""
    return sql_text(node, _DIALECTS[dialect])
