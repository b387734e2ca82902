"""Every field of every spec is edited by a case: what is declared semantic makes work, what is declared cosmetic makes none.

tests/planners/test_fields.py declares them, and fails for a field that is not; this holds the declaration against plans.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from test_fields import SPECS

from cases import Work, deployed, found_in, names, planned

CASES: Mapping[str, str] = {
    "Header.id": "join_renamed",
    "Header.description": "description",
    "Header.tags": "tags",
    "Header.path": "group_by_renamed",
    "Header.owners": "owners_of_the_team",
    "Header.compatibility": "compatibility",
    "Header.deprecated": "deprecated",
    "Header.spans": "equal_yaml",
    "TeamSpec.header": "owners_of_the_team",
    "TeamSpec.start": "start_of_the_team_earlier",
    "TeamSpec.tile": "tile_of_the_team",
    "TeamSpec.checks": "checks_of_the_team",
    "Deprecation.until": "column_deprecated",
    "Deprecation.use": "column_deprecated",
    "Deprecation.reason": "deprecated",
    "ColumnSpec.name": "source_column_renamed_without_alias",
    "ColumnSpec.type": "type_of_a_read_column",
    "ColumnSpec.description": "column_described",
    "ColumnSpec.optional": "column_optional",
    "ColumnSpec.aliases": "source_column_renamed",
    "ColumnSpec.deprecated": "column_deprecated",
    "SourceSpec.header": "description_of_a_source",
    "SourceSpec.kind": "events_become_entities",
    "SourceSpec.table": "table_other",
    "SourceSpec.columns": "type_of_a_read_column",
    "SourceSpec.topic": "topic_other",
    "SourceSpec.time": "time_of_the_source",
    "SourceSpec.mutations": "mutations_removed",
    "SourceSpec.partition": "partition_other",
    "SourceSpec.start": "source_starts_later",
    "SourceSpec.end": "source_ends",
    "MutationsSpec.table": "mutation_table",
    "MutationsSpec.time": "mutation_time",
    "MutationsSpec.reversal": "mutation_reversal",
    "MutationsSpec.columns": "mutation_column_type",
    "MutationsSpec.topic": "mutation_topic",
    "QuerySpec.source": "query_reads_another_source",
    "QuerySpec.join": "chain_reads_another_join",
    "QuerySpec.select": "select_of_one_column",
    "QuerySpec.where": "filter_other",
    "QuerySpec.time": "time_of_the_group_by",
    "QuerySpec.start": "query_starts_later",
    "QuerySpec.end": "query_ends",
    "OperationCall.name": "operation_other",
    "OperationCall.arguments": "argument_without_a_name",
    "AggregationSpec.input": "input_other_same_name",
    "AggregationSpec.operations": "operation_added",
    "AggregationSpec.windows": "window_length",
    "AggregationSpec.buckets": "bucket_other",
    "AggregationSpec.name": "columns_of_an_aggregation_renamed",
    "AggregationSpec.aliases": "columns_of_an_aggregation_renamed_with_alias",
    "AggregationSpec.description": "aggregation_described",
    "AggregationSpec.deprecated": "aggregation_deprecated",
    "DerivationSpec.description": "derivation_described",
    "DerivationSpec.deprecated": "derivation_deprecated",
    "DerivationSpec.name": "derivation_renamed",
    "DerivationSpec.expression": "derivation_other",
    "GroupBySpec.header": "description",
    "GroupBySpec.queries": "second_source",
    "GroupBySpec.keys": "key_other",
    "GroupBySpec.aggregations": "aggregation_added",
    "GroupBySpec.accuracy": "accuracy_snapshot",
    "GroupBySpec.online": "online_on",
    "GroupBySpec.tile": "tile_of_a_group_by",
    "GroupBySpec.warm_up": "warm_up",
    "GroupBySpec.aliases": "former_name_of_a_feature",
    "PartSpec.group_by": "part_of_another_group_by",
    "PartSpec.keys": "part_keys",
    "PartSpec.prefix": "part_prefix",
    "PartSpec.ahead": "label_becomes_a_part",
    "PartSpec.after": "label_after",
    "JoinSpec.header": "description_of_a_join",
    "JoinSpec.left": "left_filter",
    "JoinSpec.parts": "part_added",
    "JoinSpec.bootstrap": "bootstrap_added",
    "JoinSpec.labels": "label_added",
    "JoinSpec.derivations": "derivation_added",
    "JoinSpec.online": "online_off_join",
    "JoinSpec.start": "start_of_a_join_earlier",
    "JoinSpec.aliases": "former_name_in_a_join",
    "Repository.teams": "tile_of_the_team",
    "Repository.sources": "time_of_the_source",
    "Repository.group_bys": "window_added",
    "Repository.joins": "join_added_with_rows_that_are_there",
    "Repository.checks": "checks_of_the_repository",
    "Repository.revision": "equal_yaml",
}

ELSEWHERE = {
    "AggregationSpec.elementwise": "no table of the shop has lists: tests/planners/test_fields.py edits it",
    "BootstrapSpec.query": "no join of the shop has a bootstrap: tests/planners/test_bootstrap.py edits it",
    "BootstrapSpec.keys": "the same",
}
"""Fields without a case, and where they are edited."""

WITHOUT_WORK = {
    "JoinSpec.online": "served are the values of its parts, which are there: only the record of the join comes or goes"
}
"""Semantic fields that nothing has to be made for."""

DECLARED = {f"{spec}.{field}": meaning for spec, fields in SPECS.items() for field, meaning in fields.items()}
NOTHING = Work()


def of(meaning: str) -> list[str]:
    """The fields that are declared so."""
    return sorted(field for field in CASES if DECLARED.get(field) == meaning)


def work(case: str) -> Work:
    return planned(found_in(case).plan(deployed()))


def test_every_field_has_a_case_that_edits_it() -> None:
    assert CASES.keys() | ELSEWHERE.keys() == DECLARED.keys()
    assert not CASES.keys() & ELSEWHERE.keys()
    assert set(CASES.values()) <= set(names())


@pytest.mark.parametrize("field", of("semantic"))
def test_semantic_field_when_edited_makes_work(field: str) -> None:
    assert (work(CASES[field]) != NOTHING) == (field not in WITHOUT_WORK)


@pytest.mark.parametrize("field", of("cosmetic"))
def test_cosmetic_field_when_edited_makes_none(field: str) -> None:
    assert work(CASES[field]) == NOTHING


@pytest.mark.parametrize("field", of("range"))
def test_range_when_edited_makes_no_published_day_of_the_object_again(field: str) -> None:
    made = work(CASES[field])

    assert (made.uploads, made.streams) == (frozenset(), frozenset())
    assert {join: day for join, _, day in made.cells if join != "shop.outlook" and day > 14} == {}
