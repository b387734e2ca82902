"""Which rows of two tables are the same row: equal in every column, the n-th of equal ones with the n-th."""

from __future__ import annotations

import pyarrow as pa

from chronon.expressions.text import identifier


def matching_rows(left: pa.Table, right: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Positions of the rows that both tables have, in the order of the left one.

    Both have `row_id`, which is the position, and the same other columns; a null equals a null.
    """
    import duckdb

    names = [identifier(name) for name in left.column_names if name != "row_id"]
    numbered = f"SELECT *, ROW_NUMBER() OVER (PARTITION BY {', '.join(names)} ORDER BY row_id) AS nth FROM "
    same = " AND ".join(f"one.{name} IS NOT DISTINCT FROM other.{name}" for name in names)
    with duckdb.connect() as connection:
        connection.register("left_rows", left)
        connection.register("right_rows", right)
        found = connection.sql(
            f"SELECT one.row_id AS one, other.row_id AS other FROM ({numbered} left_rows) AS one "
            f"JOIN ({numbered} right_rows) AS other ON {same} AND one.nth = other.nth ORDER BY one.row_id"
        ).to_arrow_table()
    return found["one"].combine_chunks(), found["other"].combine_chunks()
