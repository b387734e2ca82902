"""Laws of every fold: merging is associative and commutative on bytes, a fold is the merge of its lifts."""

from __future__ import annotations

import numpy as np
from builders import START, a_third_of, batch_of, features_of, histories
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import Program, TileRows, fold_tiles, pages
from chronon.aggregations.packing import packed, unpacked
from chronon.aggregations.ragged import Gather, Ragged, reduce
from chronon.aggregations.rows import concat_rows
from chronon.model.specs import Accuracy
from chronon.model.time import Millis

EVER = Millis(2**50)


def state_of(program: Program, kind: str, events: list) -> TileRows:
    """One row for everything."""
    return fold_tiles(program, batch_of(kind, [(0, *event[1:]) for event in events]), EVER)


def merged(program: Program, parts: list[TileRows]) -> TileRows:
    """All rows as one."""
    rows = concat_rows(program, parts)
    states = []
    for column, state in zip(program.columns, rows.states, strict=True):
        how = Gather(column.fold.rule, column.fold.keep, column.prefix)
        whole = reduce(np.zeros(len(state.columns[0]), np.int64), state.columns, 1, how)
        states.append(whole if column.prefix else column.fold.canonical(whole))
    n = min(len(rows.entity), 1)
    return TileRows(
        entity=rows.entity[:n], start=rows.start[:n], last_ts=rows.last_ts[:n], states=tuple(states), texts=rows.texts
    )


def encoded(program: Program, rows: TileRows) -> bytes:
    return packed(program, rows, np.zeros(len(rows.entity), np.int64), 1).words.tobytes()


@given(histories(), st.lists(st.integers(0, 2), min_size=25, max_size=25))
def test_fold_is_the_merge_of_its_parts_in_any_order_and_grouping(history: tuple, side: list[int]) -> None:
    kind, events, _ = history
    events = [(0, START, *event[2:]) for event in events] or [(0, START, None, None)]
    program = Program.compile(
        tuple(f for f in features_of(kind, (None,)) if not (f.buckets or f.elementwise)), Accuracy.TEMPORAL
    )
    parts = [
        state_of(program, kind, mine)
        for p in range(3)
        if (mine := [e for e, s in zip(events, side, strict=False) if s == p])
    ]
    whole = encoded(program, state_of(program, kind, events))

    assert encoded(program, merged(program, parts)) == whole
    assert encoded(program, merged(program, parts[::-1])) == whole
    assert encoded(program, merged(program, [merged(program, parts[:2]), *parts[2:]])) == whole
    assert (
        encoded(program, merged(program, [*parts[:1], merged(program, parts[1:])] if len(parts) > 1 else parts))
        == whole
    )


@given(histories(), st.sampled_from([1_000, 86_400_000]))
def test_unpacking_gives_back_what_was_packed(history: tuple, tile: int) -> None:
    kind, events, _ = history
    program = Program.compile(a_third_of(features_of(kind, (None,)), events), Accuracy.TEMPORAL)
    rows = fold_tiles(program, batch_of(kind, events), Millis(tile))
    section = packed(program, rows, rows.entity, 4)

    begin = np.cumsum(section.lengths) - section.lengths
    back = unpacked(program, section.words, begin, np.arange(4))

    assert back.entity.tolist() == rows.entity.tolist()
    assert back.start.tolist() == rows.start.tolist()
    assert pages(program, back, {}) == pages(program, rows, {})


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(-5, 5)), max_size=30),
    st.sampled_from(list("ASLG")),
)
def test_reduce_equals_a_dictionary(items: list[tuple[int, int, int]], rule: str) -> None:
    from chronon.aggregations.ragged import Rule

    how = {"A": Gather(Rule.ADD), "S": Gather(Rule.SET), "L": Gather(Rule.LEAST, 2, 1), "G": Gather(Rule.GREATEST, 2)}[
        rule
    ]
    columns = [np.array([item[at] for item in items], np.int64) for at in range(3)]

    found = reduce(columns[0], columns[1:], 4, how)

    assert listed(found) == [naive_reduce(rule, [item[1:] for item in items if item[0] == group]) for group in range(4)]


def listed(ragged: Ragged) -> list[list[tuple[int, ...]]]:
    rows = list(zip(*(column.tolist() for column in ragged.columns), strict=True))
    return [rows[a:b] for a, b in zip(ragged.offsets[:-1], ragged.offsets[1:], strict=True)]


def naive_reduce(rule: str, items: list[tuple[int, int]]) -> list[tuple[int, int]]:
    ranked = sorted(items)
    if rule == "A":
        totals = {key: sum(n for k, n in items if k == key) for key in sorted({k for k, _ in items})}
        return [(key, total) for key, total in totals.items() if total]
    if rule == "S":
        return sorted(set(items))
    if rule == "L":
        return [item for key in sorted({k for k, _ in items}) for item in [i for i in ranked if i[0] == key][:2]]
    return ranked[-2:]
