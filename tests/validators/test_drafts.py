"""Features that are named without a draft of each are those of the drafts, and drafts those that aggregations name one by one."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import check_window, output_type
from chronon.model.definitions import feature_name
from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.specs import Accuracy, AggregationSpec, GroupBySpec, Header, OperationCall, QuerySpec
from chronon.model.time import DAY, HOUR, Millis
from chronon.model.types import DataType, ListOf, Scalar
from chronon.validators.columns import Columns
from chronon.validators.drafts import Endings, drafts_of, features_of

COLUMNS = Columns(types={"x": Scalar.DOUBLE, "s": Scalar.STRING, "xs": ListOf(Scalar.LONG), "hidden": None})
ENDINGS = Endings()
"""Of all examples: what one has made others find."""

CALLS = st.sampled_from((
    *(OperationCall(name) for name in ("count", "sum", "max", "last", "unique_count", "last_k", "summ")),
    *(OperationCall("last_k", arguments) for arguments in ((1,), (10,), (2.0,))),
    OperationCall("approx_percentile", (0.5, 0.9)), OperationCall("approx_percentile", (1, 0.5)), OperationCall("approx_percentile", (1.0, 0.5)),
))  # fmt: skip
WINDOWS = st.sampled_from((None, Millis(7 * DAY), Millis(3 * HOUR), Millis(1_001), Millis(2 * DAY)))
BUCKETS = st.sampled_from(((), (("s",),), (("s",), ("s", "x"))))
AGGREGATIONS = st.lists(
    st.builds(
        AggregationSpec,
        input=st.sampled_from(("x", "s", "xs", "hidden", "gone")),
        operations=st.lists(CALLS, min_size=1, max_size=3).map(tuple),
        windows=st.lists(WINDOWS, min_size=1, max_size=3).map(tuple),
        buckets=BUCKETS,
        elementwise=st.booleans(),
        name=st.sampled_from((None, None, "y")),
        aliases=st.sampled_from(((), (), (), ("old",))),
    ),
    min_size=1,
    max_size=4,
).map(tuple)
ACCURACIES = st.sampled_from((None, Accuracy.TEMPORAL, Accuracy.SNAPSHOT))


def a_group_by(aggregations: tuple[AggregationSpec, ...]) -> GroupBySpec:
    header = Header(id=ObjectId(Kind.GROUP_BY, ObjectName("a", "b")))
    return GroupBySpec(header=header, queries=(QuerySpec(source="c"),), keys=("k",), aggregations=aggregations)


def one_by_one(aggregations: tuple[AggregationSpec, ...]) -> list[tuple[str, DataType | None, Millis | None]]:
    """Name, type and window of every feature, in the order of writing."""
    made = []
    for one in aggregations:
        kind = COLUMNS.types.get(one.input)
        for call, window, buckets in product(one.operations, one.windows, one.buckets or ((),)):
            lacks = call.name == "last_k" and not call.arguments
            shown = OperationCall("last_k", (1,)) if lacks else call
            try:
                type_ = output_type(call, kind, buckets, elementwise=one.elementwise) if kind else None
            except ChrononError:
                type_ = None
            made.append((feature_name(one.name or one.input, shown, window, buckets), type_, window))
    return made


@given(AGGREGATIONS)
def test_drafts_are_the_features_that_aggregations_name_one_by_one(aggregations: tuple[AggregationSpec, ...]) -> None:
    drafts = drafts_of(a_group_by(aggregations), COLUMNS, ENDINGS)

    found = [(draft.name, draft.type, draft.window) for draft in drafts]

    assert sorted(found, key=repr) == sorted(one_by_one(aggregations), key=repr)
    assert [draft.rank for draft in drafts] == sorted(draft.rank for draft in drafts)
    for draft in drafts:
        *_, number = draft.path
        assert aggregations[int(draft.path[1])].operations[int(number)] == draft.operation


@given(AGGREGATIONS, ACCURACIES, st.booleans())
def test_features_without_drafts_are_those_of_the_drafts(
    aggregations: tuple[AggregationSpec, ...], accuracy: Accuracy | None, is_open: bool
) -> None:
    spec = a_group_by(aggregations)

    found = features_of(spec, COLUMNS, ENDINGS, accuracy, is_open=is_open)

    types = {
        draft.name: None if accuracy and check_window(draft.window, accuracy) else draft.type
        for draft in drafts_of(spec, COLUMNS, Endings())
    }
    assert list(found.types.items()) == list(types.items())
    assert found.is_open is is_open
    assert bool(found.aliases) == any(one.aliases for one in aggregations)
