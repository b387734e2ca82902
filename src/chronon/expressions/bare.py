"""The commonest expression, a column's name, without loading a parser."""

from __future__ import annotations

from collections.abc import Mapping

from chronon.expressions.tree import Column
from chronon.expressions.words import is_plain_name
from chronon.model.types import DataType


def bare_column(sql: str, columns: Mapping[str, DataType]) -> Column | None:
    """The column whose plain name is the whole expression; None when it is anything else."""
    name = sql.strip(" \t\r\n")
    return Column(name=name, type=columns[name]) if name in columns and is_plain_name(name) else None
