"""Fetching 20 features over 7-day windows with tiles: in process and over HTTP, for 1, 10 and 100 entities.

The peer is the same fetcher asked the naive way in the same run: one call per group_by and entity, merged by the caller.
Both must give the same values before anything is timed. `--quick` takes under a minute; `--json` prints one object a case.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from chronon.aggregations import EventBatch, Program, batch_values, fold_tiles, pages
from chronon.model.definitions import Column, Feature, GroupBy, Join, Part, Rows, Selected, feature_name
from chronon.model.jobs import Digest
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.serving import Generation, ServedGroupBy, ServedJoin
from chronon.model.specs import Accuracy, OperationCall, SourceKind
from chronon.model.time import DAY, MINUTE, Day, Millis, day_start
from chronon.model.types import Scalar
from chronon.serving import Fetcher, Request, Vector
from chronon.serving.comparison import is_same
from chronon.serving.records import encode_record, record_key
from chronon.stores.kv import KvStore, open_kv
from chronon.stores.kv.layout import batch_key, entity_keys, page_key

BATCH_DAY = Day(16_000)
B = day_start(Day(BATCH_DAY + 1))
AT = Millis(B + DAY // 2)
ENTITIES = (1, 10, 100)
OPERATIONS = ("count", "sum", "average", "min", "max")
WINDOWS = (Millis(DAY), Millis(7 * DAY))
NAME = "bench.join"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Latencies of one case in milliseconds, and requests a second."""

    p50: float
    p99: float
    rate: float


def group_by(name: str) -> GroupBy:
    features = tuple(
        Feature(
            name=feature_name("amount", OperationCall(operation), window, ()),
            input="amount",
            input_type=Scalar.DOUBLE,
            operation=OperationCall(operation),
            window=window,
            type=Scalar.LONG if operation == "count" else Scalar.DOUBLE,
        )
        for operation in OPERATIONS
        for window in WINDOWS
    )
    return GroupBy(
        id=ObjectId(Kind.GROUP_BY, ObjectName("bench", name)),
        rows=(_rows({"user": Scalar.LONG, "amount": Scalar.DOUBLE}),),
        keys=(Column(name="user", type=Scalar.LONG),),
        features=features,
        accuracy=Accuracy.TEMPORAL,
        online=True,
        tile=Millis(5 * MINUTE),
    )


def _rows(columns: Mapping[str, Scalar]) -> Rows:
    return Rows(
        kind=SourceKind.EVENTS,
        table="bench.events",
        columns=tuple(Column(name=name, type=of) for name, of in sorted(columns.items())),
        selects=tuple(
            Selected(name=name, expression=name, type=of, reads=(name,)) for name, of in sorted(columns.items())
        ),
    )


def join(parts: Sequence[GroupBy]) -> Join:
    resolved = tuple(Part(group_by=each.id, keys={"user": "user"}, prefix=each.id.name.prefix) for each in parts)
    outputs = [Column(name="user", type=Scalar.LONG)]
    for part, each in zip(resolved, parts, strict=True):
        outputs += [Column(name=part.column(feature.name), type=feature.type) for feature in each.features]
    return Join(
        id=ObjectId(Kind.JOIN, ObjectName("bench", "join")),
        left=_rows({"user": Scalar.LONG}),
        parts=resolved,
        derivations=(),
        outputs=tuple(outputs),
        online=True,
        start=None,
    )


def fill(kv: KvStore, entities: int) -> None:
    """Ten thousand users with eight days of events in the batch and half a day of tiles, for two group_bys."""
    random = np.random.default_rng(5)
    parts = [group_by("payments"), group_by("visits")]
    entries = [
        (
            record_key("prod", ObjectId(Kind.JOIN, ObjectName("bench", "join"))),
            encode_record(ServedJoin(join=join(parts))),
        )
    ]
    for each in parts:
        served = ServedGroupBy(
            group_by=each,
            values=Digest(f"{each.id.name.prefix}-values"),
            tiles=Digest(f"{each.id.name.prefix}-tiles"),
            generations=(Generation(name="g", day=BATCH_DAY),),
        )
        entries.append((record_key("prod", each.id), encode_record(served)))
        program = Program.compile(each.features, each.accuracy)
        users = [entity for entity in entity_keys([pa.array(range(entities))], [Scalar.LONG]) if entity is not None]
        past = _events(random, entities, 66, B - 8 * DAY, B)
        entries += zip(
            (batch_key(served.values, "g", user) for user in users),
            batch_values(program, past, entities, B),
            strict=True,
        )
        entries += _pages(served, program, users, _events(random, entities, 24, B, AT))
    kv.write(sorted(entries))


def _pages(
    served: ServedGroupBy, program: Program, users: Sequence[bytes], events: EventBatch
) -> list[tuple[bytes, bytes]]:
    tiles = served.tiles or served.values
    rows = fold_tiles(program, events, served.group_by.tile)
    return [(page_key(tiles, users[user], day), page) for (user, day), page in pages(program, rows, {}).items()]


def _events(random: np.random.Generator, entities: int, each: int, start: int, end: int) -> EventBatch:
    count = entities * each
    return EventBatch(
        entity=np.repeat(np.arange(entities), each),
        ts=random.integers(start, end, count),
        inputs={"amount": pa.array(random.normal(50.0, 20.0, count))},
    )


def requests_of(random: np.random.Generator, entities: int, size: int) -> tuple[Request, ...]:
    users = np.minimum(random.zipf(1.2, size) - 1, entities - 1)
    return tuple(Request(keys={"user": int(user)}, at=AT) for user in users)


def naive(fetcher: Fetcher, requests: Sequence[Request]) -> list[dict[str, object]]:
    """What a caller does without joins: every group_by of every entity by itself, merged by hand."""
    merged = []
    for request in requests:
        values: dict[str, object] = dict(request.keys)
        for name in ("payments", "visits"):
            (vector,) = fetcher.fetch(f"bench.{name}", [request])
            values |= {f"bench_{name}_{feature}": value for feature, value in vector.values.items()}
        merged.append(values)
    return merged


def agree(vectors: Sequence[Vector], merged: Sequence[Mapping[str, object]]) -> bool:
    """Whether both ways give the same bits, and something at all."""
    values = [vector.values for vector in vectors]
    return all(map(is_same, values, map(dict, merged))) and all(
        any(v is not None for v in one.values()) for one in values
    )


def timed(call: Callable[[int], object], seconds: float) -> Timing:
    """Latencies of calls in a row. A fifth of the time goes to warming up."""
    for _phase, budget in (("warm", seconds / 5), ("timed", seconds)):
        latencies: list[float] = []
        begun = time.perf_counter()
        while (now := time.perf_counter()) - begun < budget:
            call(len(latencies))
            latencies.append(time.perf_counter() - now)
    spent = time.perf_counter() - begun
    p50, p99 = np.percentile(latencies, (50, 99)) * 1000
    return Timing(p50=float(p50), p99=float(p99), rate=len(latencies) / spent)


@contextmanager
def serving(address: str) -> Iterator[int]:
    """The port of a server process with one worker."""
    code = "import sys; from chronon.serving import serve; serve(sys.argv[1], port=0)"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", code, address], stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        line = server.stdout.readline() if server.stdout else ""
        try:
            yield int(re.search(r":(\d+) ", line)[1])  # type: ignore[index]
        finally:
            server.terminate()


def posting(port: int, name: str, bodies: Sequence[bytes]) -> Callable[[int], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def post(index: int) -> bytes:
        connection.request("POST", f"/v1/features/{name}", bodies[index % len(bodies)])
        return connection.getresponse().read()

    return post


def body_of(requests: Sequence[Request]) -> bytes:
    return json.dumps({"requests": [{"keys": dict(r.keys), "at": r.at} for r in requests]}).encode()


def cases(fetcher: Fetcher, port: int, entities: int, seconds: float) -> Iterator[tuple[str, Timing, Timing, bool]]:
    """Name of the case, ours, the peer's, whether they agree. Interleaved, so that both see the same machine."""
    random = np.random.default_rng(6)
    for size in ENTITIES:
        batches = [requests_of(random, entities, size) for _ in range(200)]
        same = all(agree(fetcher.fetch(NAME, one), naive(fetcher, one)) for one in batches[:20])
        ours = timed(lambda i, batches=batches: fetcher.fetch(NAME, batches[i % 200]), seconds)
        peer = timed(lambda i, batches=batches: naive(fetcher, batches[i % 200]), seconds)
        yield f"in process, {size} entities", ours, peer, same
        bodies = [body_of(one) for one in batches]
        singles = [body_of([request]) for one in batches for request in one]
        whole = posting(port, f"join/{NAME}", bodies)
        parts = [posting(port, f"group_by/bench.{part}", singles) for part in ("payments", "visits")]
        reply = json.loads(whole(0))["results"]
        same = all(
            one["features"] == json.loads(json.dumps(dict(v.values)))
            for one, v in zip(reply, fetcher.fetch(NAME, batches[0]), strict=True)
        )
        ours = timed(whole, seconds)
        peer = timed(
            lambda i, parts=parts, size=size: [post(i * size + n) for n in range(size) for post in parts], seconds
        )
        yield f"HTTP, 1 connection, {size} entities", ours, peer, same


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two thousand entities, under a minute")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    entities, seconds = (2_000, 1.0) if options.quick else (10_000, 5.0)
    with tempfile.TemporaryDirectory() as folder:
        address = f"lmdb:{Path(folder) / 'kv'}"
        kv = open_kv(address)
        fill(kv, entities)
        if not options.json:
            print(
                f"{'case':34} {'p50 ms':>8} {'p99 ms':>8} {'req/s':>9}   {'naive p50':>9} {'req/s':>8}  ratio  agrees"
            )
        with serving(address) as port:
            for case, ours, peer, same in cases(Fetcher(kv, "prod"), port, entities, seconds):
                report(case, ours, peer, same=same, as_json=options.json)
                if not same:
                    sys.exit(f"{case}: the answers differ")
        kv.close()


def report(case: str, ours: Timing, peer: Timing, *, same: bool, as_json: bool) -> None:
    ratio = ours.rate / peer.rate
    if as_json:
        found = {"case": case, "ours": ours.rate, "peer": peer.rate, "peer_name": "a fetch per group_by and entity"}
        print(
            json.dumps(
                {**found, "unit": "requests/s", "ratio": ratio, "agrees": same, "p50_ms": ours.p50, "p99_ms": ours.p99}
            )
        )
        return
    print(
        f"{case:34} {ours.p50:8.3f} {ours.p99:8.3f} {ours.rate:9,.0f}   {peer.p50:9.3f} {peer.rate:8,.0f} {ratio:6.1f}  {same}",
        flush=True,
    )


if __name__ == "__main__":
    main()
