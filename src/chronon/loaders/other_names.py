"""Fields by the names that they have elsewhere, in Chronon first of all."""

from __future__ import annotations

import re
from collections.abc import Collection

_ELSEWHERE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("bootstrap_parts", "bootstraps", "backfill_from"), ("bootstrap",)),
    **dict.fromkeys(
        ("row_ids", "key_mapping", "key_columns", "entity", "entities", "primary_key", "join_keys"), ("keys",)
    ),
    **dict.fromkeys(("right_parts", "join_parts", "features", "feature_views"), ("parts",)),
    **dict.fromkeys(("label_part", "label_parts", "outcomes", "targets"), ("labels",)),
    **dict.fromkeys(("left_start_offset", "left_end_offset", "offset", "horizon", "delay"), ("after",)),
    **dict.fromkeys(("time_column", "timestamp", "timestamp_field", "event_timestamp", "ts"), ("time",)),
    **dict.fromkeys(("start_partition", "start_date", "backfill_start_date", "from", "begin"), ("start",)),
    **dict.fromkeys(("end_partition", "end_date"), ("end",)),
    **dict.fromkeys(("since", "date", "deadline", "removal", "sunset"), ("until",)),
    **dict.fromkeys(("replacement", "replaced_by", "instead", "successor"), ("use",)),
    **dict.fromkeys(("deprecation_date", "deprecation", "obsolete"), ("deprecated",)),
    **dict.fromkeys(("sql", "expr", "formula", "value"), ("expression",)),
    **dict.fromkeys(("filter", "filters", "condition", "conditions"), ("where",)),
    **dict.fromkeys(("query", "projection", "fields", "schema"), ("select", "columns")),
    **dict.fromkeys(("snapshot_table", "mutation_table"), ("table",)),
    **dict.fromkeys(("mutation_topic", "stream", "kafka_topic"), ("topic",)),
    **dict.fromkeys(("partition_column", "partition_by"), ("partition",)),
    **dict.fromkeys(("mutation_time_column",), ("time",)),
    **dict.fromkeys(("reversal_column", "is_before"), ("reversal",)),
    **dict.fromkeys(("input_column", "column", "field"), ("input",)),
    **dict.fromkeys(("operation", "function", "aggregation", "agg", "op"), ("operations",)),
    **dict.fromkeys(("data_type", "dtype", "kind"), ("type",)),
    **dict.fromkeys(("nullable", "required"), ("optional",)),
    **dict.fromkeys(("doc", "docs", "comment", "about", "meta"), ("description",)),
    **dict.fromkeys(
        ("owner", "maintainer", "maintainers", "maintainer_emails", "contact", "team_override"), ("owners",)
    ),
    **dict.fromkeys(("labels", "custom_json"), ("tags",)),
    **dict.fromkeys(("former_name", "formerly", "renamed_from"), ("alias", "aliases")),
    **dict.fromkeys(("served", "serve", "serving"), ("online",)),
    **dict.fromkeys(("by", "bucket", "group"), ("buckets",)),
}
"""Name elsewhere, in small letters → what it may be here."""


def snake_case(name: str) -> str:
    """A name as fields are written here: `inputColumn` is `input_column`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def named_here(name: str, known: Collection[str]) -> str | None:
    """The field that has that name elsewhere; None when there is none among the known ones."""
    return next((here for here in _ELSEWHERE.get(name, ()) if here in known), None)
