"""The aggregation core beside DuckDB and Polars, in one process, on the same columns; answers are compared first.

    python benchmarks/aggregations.py [--quick] [--json] [--hot]

Point-in-time features: DuckDB's window operator (all 28 features), DuckDB running sums with ASOF joins (its 12), Polars
`rolling_*_by` (its 16). The window operator and Polars compute plain sliding windows; ours (and the ASOF joins) round
the tail down to a hop. So answers are compared where both mean the same: on queries at midnight.
States: tiles made (update) and merged beside DuckDB's groups; batch values made (upload), decoded and answered from.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
from temporal import states
from temporal.data import ALL, SUMS, Data, a_data, at_midnight, ours, program_of, with_plain_sums
from temporal.measure import HEAD, Result, as_json, as_line, peak_megabytes, timed
from temporal.peers import agrees, duckdb_asof, duckdb_windows, polars_rolling

from chronon.aggregations import fast
from chronon.model.time import DAY
from chronon.runners.local.cores import cores

MILD, HOT = 0.8, 1.05
"""Exponents of the zipf laws of the keys."""

PEERS: dict[str, tuple[Callable[..., dict[str, Any]], tuple[str, ...], float]] = {
    "DuckDB window operator": (duckdb_windows, ALL, 40),
    "DuckDB running sums + ASOF": (duckdb_asof, SUMS, 1),
    "Polars rolling_*_by": (polars_rolling, ("sum", "average", "min", "max"), 8),
}


def against_peers(data: Data) -> Iterator[Result]:
    sample, work = at_midnight(data, 5_000), _rows(data)
    for name, (peer, operations, goal) in PEERS.items():
        equal = agrees(ours(sample, operations, cores()), peer(sample, operations))
        ours(data, operations, cores())
        (mine,) = timed(lambda operations=operations: ours(data, operations, cores()), repeat=5)
        (theirs,) = timed(lambda peer=peer, operations=operations: peer(data, operations), repeat=1 if goal > 8 else 3)
        case = f"{len(operations) * 4} features, {cores()} threads"
        yield Result(case=case, ours=mine, work=work, peer=theirs, peer_name=name, goal=goal, agrees=equal)


def against_ourselves(data: Data, other: Data) -> Iterator[Result]:
    """The same work on one thread, without compiled loops, with plain sums, and on other keys."""
    whole, work = ours(data, ALL, cores()), _rows(data)
    many, one = timed(lambda: ours(data, ALL, cores()), lambda: ours(data, ALL))
    equal = whole == ours(data, ALL)
    yield Result(case="28 features", ours=many, work=work, peer=one, peer_name="ours on one thread", agrees=equal)
    with numpy_alone():
        equal = whole == ours(data, ALL)
        (alone,) = timed(lambda: ours(data, ALL))
    case = "28 features, one thread"
    yield Result(case=case, ours=one, work=work, peer=alone, peer_name="NumPy alone", agrees=equal)
    plain = with_plain_sums(program_of(SUMS))
    equal = agrees(ours(data, SUMS), ours(data, SUMS, program=plain))
    exact, rough = timed(lambda: ours(data, SUMS), lambda: ours(data, SUMS, program=plain), repeat=5)
    case = "12 features, one thread, exact"
    yield Result(case=case, ours=exact, work=work, peer=rough, peer_name="plain sums", goal=1 / 1.5, agrees=equal)
    ours(other, ALL, cores())
    hot, mild = timed(lambda: ours(other, ALL, cores()), lambda: ours(data, ALL, cores()), repeat=5)
    yield Result(case=f"28 features, zipf {HOT}", ours=hot, peer=mild, peer_name=f"zipf {MILD}", goal=1 / 1.25)


def of_states(data: Data) -> Iterator[Result]:
    program, work = program_of(ALL), data.events.num_rows
    tiles = states.tiles(data)
    with duckdb.connect() as session:
        session.register("ev", data.events)
        states.duckdb_tiles(session)
        equal = states.duckdb_agrees(program, tiles, session, "tile")
        mine, theirs = timed(lambda: states.tiles(data), lambda: states.duckdb_tiles(session))
        yield Result(
            case="update: events to 5 min tiles",
            ours=mine,
            work=work,
            peer=theirs,
            peer_name="DuckDB group by",
            agrees=equal,
        )
        daily = states.merged(program, tiles, DAY)
        states.duckdb_merged(session)
        equal = states.duckdb_agrees(program, daily, session, "daily")
        equal &= states.are_equal(daily, states.merged(program, states.merged(program, tiles, 3_600_000), DAY))
        mine, theirs = timed(lambda: states.merged(program, tiles, DAY), lambda: states.duckdb_merged(session))
        case, work = "merge: 5 min tiles to days", len(tiles.start)
        yield Result(case=case, ours=mine, work=work, peer=theirs, peer_name="DuckDB group by", agrees=equal)
    (mine,) = timed(lambda: states.uploaded(data))
    yield Result(case="upload: events to batch values", ours=mine, work=data.events.num_rows)
    values = states.uploaded(data)
    (mine,) = timed(lambda: states.decoded(program, values))
    yield Result(case="decode: hops of batch values", ours=mine, work=states.decoded(program, values))
    stored, trained = states.served(data, min(2_000, len(values)))
    equal = states.answers(program, stored) == trained
    (mine,) = timed(lambda: states.answers(program, stored))
    yield Result(case="answer: 28 features of an entity", ours=mine, work=len(stored), agrees=equal)


def _rows(data: Data) -> int:
    return data.events.num_rows + data.queries.num_rows


@contextmanager
def numpy_alone() -> Iterator[None]:
    """As where numba is not installed."""
    before = fast.ENOUGH, fast.FEW
    fast.ENOUGH = fast.FEW = 1 << 62
    yield
    fast.ENOUGH, fast.FEW = before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the data")
    parser.add_argument("--json", action="store_true", help="one object per line")
    parser.add_argument("--hot", action="store_true", help=f"the peers get keys by zipf {HOT} in place of {MILD}")
    options = parser.parse_args()
    size = (500_000, 20_000, 50_000) if options.quick else (5_000_000, 200_000, 500_000)
    mild, hot, few = a_data(*size, MILD), a_data(*size, HOT), a_data(size[0] // 10, size[1] // 10, 10, MILD)
    load = os.getloadavg()[0]
    if not options.json:
        shown = f"{size[0]:,} events, {size[1]:,} keys, {size[2]:,} queries; states: {size[0] // 10:,} events"
        print(f"{shown}; {cores()} cores, load before the run {load:.1f}\n{HEAD}")
    for results in (against_peers(hot if options.hot else mild), against_ourselves(mild, hot), of_states(few)):
        for result in results:
            print(as_json(result) if options.json else as_line(result), flush=True)
    if not options.json:
        print(_memory(mild, cores()))


def _memory(data: Data, threads: int) -> str:
    peak = peak_megabytes(lambda: ours(data, ALL, threads))
    columns = (data.events.nbytes + data.queries.nbytes) / 1e6
    held = "cannot be told here" if peak is None else f"{peak:,.0f} MB"
    return f"memory beyond the columns given ({columns:,.0f} MB), while ours runs: {held}, answers included"


if __name__ == "__main__":
    main()
