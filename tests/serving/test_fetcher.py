"""The fetcher on a real store. Flights land all day; the batch ends on 27 February at 00:00, tiles go on from there.

26th            | 27th                      | 28th
...batch values )[ tiles, pages of days ...........
                B
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from serving_world import (
    ARROW,
    CARRIER,
    DEPARTURE,
    DERIVATIONS,
    ENVIRONMENT,
    LEFT,
    PLANE,
    ROUTE,
    World,
    day,
    derived,
    feature,
    group_by,
    join,
    trained,
)

from chronon.expressions import arrow_function
from chronon.model.definitions import GroupBy
from chronon.model.errors import ChrononError
from chronon.model.names import Kind
from chronon.model.serving import ServedJoin
from chronon.model.time import DAY, HOUR, MINUTE, Day, Millis, day_start
from chronon.model.types import DataType, Scalar
from chronon.serving import Fetcher, Request, Status
from chronon.serving.comparison import is_same
from chronon.serving.contract import Vector
from chronon.serving.parts import PAGES_AT_MOST
from chronon.serving.records import decode_record, encode_record, record_key
from chronon.stores.kv import KvStore, open_kv
from chronon.stores.kv.layout import batch_key, batch_prefix, entity_key

Row = dict[str, Any]

BATCH_DAY = day("2013-02-26")
B = day_start(Day(BATCH_DAY + 1))
NOON = Millis(B + 12 * HOUR)
UA = {"carrier": "UA", "origin": "EWR", "dest": "IAH", "tailnum": "N1", "distance": 1400}


@pytest.fixture
def kv(tmp_path: Path) -> Iterator[KvStore]:
    store = open_kv(f"lmdb:{tmp_path / 'kv'}")
    yield store
    store.close()


class Watched:
    """A store that counts reads and lets a test act between two of them."""

    def __init__(self, inner: KvStore) -> None:
        self.inner = inner
        self.reads: list[Sequence[bytes]] = []
        self.before_read: Callable[[], None] = lambda: None

    def multi_get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        act, self.before_read = self.before_read, lambda: None
        act()
        self.reads.append(keys)
        return self.inner.multi_get(keys)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def flights(seed: int = 7, *, days: int = 9, per_day: int = 40) -> list[Row]:
    """Landings of a few carriers around the batch end, some exactly on midnights and tile starts."""
    chance = random.Random(seed)
    first = B - (days - 2) * DAY
    made = []
    for number in range(days * per_day):
        ts = first + chance.randrange(days * DAY)
        ts = ts - ts % (5 * MINUTE) if number % 5 == 0 else ts
        ts = ts - ts % DAY if number % 31 == 0 else ts
        made.append(
            {
                "carrier": chance.choice(["UA", "AA", "B6"]),
                "origin": chance.choice(["EWR", "JFK"]),
                "dest": chance.choice(["IAH", "LAX"]),
                "delay": chance.choice([None, -3.5, 0.1, 1e16, -1e16, 42.0, 7.25]),
                "ts": ts,
            }
        )
    return made


def planes(on: Day) -> list[Row]:
    end = day_start(Day(on + 1))
    return [
        {"tailnum": "N1", "seats": 150, "engine": "Turbo-fan", "ts": end - 1},
        {"tailnum": "N2", "seats": None, "engine": None, "ts": end - 1},
    ]


def filled(kv: KvStore, events: list[Row] | None = None) -> World:
    """Everything served: batch values up to B, tiles after it."""
    events = flights() if events is None else events
    world = World(kv)
    world.declare(CARRIER, ROUTE, PLANE)
    world.publish_join(DEPARTURE)
    for each in (CARRIER, ROUTE):
        world.upload(each, events, BATCH_DAY)
        world.stream(each, [row for row in events if row["ts"] >= B])
    world.upload(PLANE, planes(BATCH_DAY), BATCH_DAY)
    return world


def fetch_one(kv: Any, keys: Row, at: int, name: str = "delays.departure") -> Any:
    return Fetcher(kv, ENVIRONMENT).fetch(name, [Request(keys=keys, at=Millis(at))])[0]


def statuses(kv: Any, keys: Row, at: int = NOON, name: str = "delays.departure") -> dict[str, Status]:
    return dict(fetch_one(kv, keys, at, name).statuses)


# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(4))
def test_temporal_values_when_asked_after_the_batch_end_then_bits_of_training(kv: KvStore, seed: int) -> None:
    events = flights(seed)
    filled(kv, events)
    chance = random.Random(seed)
    fetcher = Fetcher(kv, ENVIRONMENT)

    for offset in [0, 5 * MINUTE, DAY, *(chance.randrange(2 * DAY // (5 * MINUTE)) * 5 * MINUTE for _ in range(12))]:
        at = Millis(B + offset)
        for definition, keys in ((CARRIER, {"carrier": "UA"}), (ROUTE, {"origin": "JFK", "dest": "LAX"})):
            vector = fetcher.fetch(str(definition.id), [Request(keys=keys, at=at)])[0]
            expected = trained(definition, events, keys, at)

            assert not vector.statuses, at
            assert are_same(definition, vector, expected), (at, vector.values, expected)


def are_same(definition: GroupBy, vector: Vector, expected: Sequence[object]) -> bool:
    """Whether a vector has exactly these values. expected: in the order of the features, which replies have in theirs."""
    names = [feature.name for feature in definition.features]
    return vector.values.keys() == set(names) and all(map(is_same, map(vector.values.get, names), expected))


def test_temporal_values_when_asked_within_a_tile_then_equal_or_said_to_be_inexact(kv: KvStore) -> None:
    events = flights(per_day=400)
    filled(kv, events)
    chance = random.Random(1)
    found = set()

    for _ in range(60):
        at = Millis(B + chance.randrange(DAY))
        vector = fetch_one(kv, {"carrier": "UA"}, at, "airlines.carrier")
        status = vector.statuses.get("airlines_carrier", Status.OK)
        found.add(status)
        if status is Status.OK:
            assert are_same(CARRIER, vector, trained(CARRIER, events, {"carrier": "UA"}, at))

    assert found == {Status.OK, Status.HEAD_INEXACT}


def test_vector_when_everything_is_known_then_outputs_in_order_without_the_label(kv: KvStore) -> None:
    filled(kv)

    vector = fetch_one(kv, UA, B)

    assert list(vector.values) == [column.name for column in DEPARTURE.outputs if column.name != "arrival_delay"]
    assert vector.values["distance"] == 1400
    assert vector.values["airlines_plane_seats"] == 150
    assert vector.values["airlines_plane_engine"] == "Turbo-fan"
    assert vector.statuses == {"error": Status.MISSING_KEY}


def test_vector_when_nothing_is_known_then_every_feature_is_there_as_null(kv: KvStore) -> None:
    World(kv).publish_join(DEPARTURE)

    vector = fetch_one(kv, {}, NOON)

    assert list(vector.values) == [column.name for column in DEPARTURE.outputs][len(LEFT) :]
    assert [name for name, value in vector.values.items() if value is not None] == ["hour"]


def test_moment_when_left_out_then_the_clock_decides(kv: KvStore) -> None:
    filled(kv)
    fetcher = Fetcher(kv, ENVIRONMENT, clock=lambda: NOON)

    now, then = fetcher.fetch("delays.departure", [Request(keys=UA), Request(keys=UA, at=NOON)])

    assert now == then
    assert now.values["hour"] == 12.0


def test_snapshot_values_when_read_then_those_of_the_last_batch_end(kv: KvStore) -> None:
    world = filled(kv)
    later = [{**row, "seats": 99} for row in planes(Day(BATCH_DAY + 1))]
    world.upload(PLANE, later, Day(BATCH_DAY + 1))

    before = fetch_one(kv, {"tailnum": "N1"}, B + DAY - 1, "airlines.plane")
    after = fetch_one(kv, {"tailnum": "N1"}, B + DAY, "airlines.plane")

    assert (before.values["seats"], before.statuses) == (150, {})
    assert (after.values["seats"], after.statuses) == (99, {})


def test_generation_when_an_earlier_day_was_uploaded_last_then_the_later_day_is_read(kv: KvStore) -> None:
    world = filled(kv)
    world.upload(PLANE, [{**row, "seats": 1} for row in planes(Day(BATCH_DAY - 1))], Day(BATCH_DAY - 1))

    assert fetch_one(kv, {"tailnum": "N1"}, NOON, "airlines.plane").values["seats"] == 150
    assert fetch_one(kv, {"tailnum": "N1"}, B - 1, "airlines.plane").values["seats"] == 1


# ── statuses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_status_when_entity_is_unknown_then_no_entity_and_nulls(kv: KvStore) -> None:
    filled(kv)

    vector = fetch_one(kv, {**UA, "carrier": "ZZ", "tailnum": "N0"}, NOON)

    assert vector.statuses["airlines_carrier"] is Status.NO_ENTITY
    assert vector.statuses["airlines_plane"] is Status.NO_ENTITY
    assert vector.values["airlines_carrier_delay_count_3h"] is None
    assert vector.values["airlines_plane_seats"] is None
    assert "airports_route" not in vector.statuses


def test_status_when_entity_is_only_in_tiles_then_ok(kv: KvStore) -> None:
    events = [{"carrier": "NEW", "origin": "A", "dest": "B", "delay": 1.0, "ts": B + HOUR}]
    filled(kv, events)

    vector = fetch_one(kv, {"carrier": "NEW"}, B + 2 * HOUR, "airlines.carrier")

    assert vector.statuses == {}
    assert vector.values["delay_count_3h"] == 1


def test_status_when_a_key_is_null_then_null_key(kv: KvStore) -> None:
    filled(kv)

    found = statuses(kv, {**UA, "origin": None})

    assert found["airports_route"] is Status.NULL_KEY
    assert "airlines_carrier" not in found


def test_status_when_a_key_is_missing_then_it_is_named_and_others_answer(kv: KvStore) -> None:
    filled(kv)

    vector = fetch_one(kv, {"carrier": "UA", "origin": "EWR", "tailnum": "N1"}, NOON)

    assert vector.statuses["airports_route"] is Status.MISSING_KEY
    assert "`dest`" in vector.details["airports_route"]
    assert "`origin`" not in vector.details["airports_route"]
    assert "airlines_carrier" not in vector.statuses
    assert vector.values["airlines_plane_seats"] == 150


@pytest.mark.parametrize("wrong", [7, True, 1.5, ["UA"], {"a": 1}])
def test_status_when_a_key_has_another_type_then_bad_key_that_says_so(kv: KvStore, wrong: object) -> None:
    filled(kv)

    vector = fetch_one(kv, {**UA, "carrier": wrong}, NOON)

    assert vector.statuses["airlines_carrier"] is Status.BAD_KEY
    assert "carrier" in vector.details["airlines_carrier"]
    assert "airports_route" not in vector.statuses


def test_status_when_snapshot_is_of_another_day_then_stale_with_its_value(kv: KvStore) -> None:
    filled(kv)

    on_time = fetch_one(kv, UA, B + DAY - 1)
    late = fetch_one(kv, UA, B + DAY)

    assert "airlines_plane" not in on_time.statuses
    assert late.statuses["airlines_plane"] is Status.STALE
    assert late.values["airlines_plane_seats"] == 150


def test_status_when_batch_is_two_days_old_then_stale_only_where_windows_are_longer(kv: KvStore) -> None:
    world = filled(kv)
    short = group_by(
        "airlines.short",
        ["carrier"],
        [feature("count", Millis(2 * DAY), Scalar.LONG), feature("count", None, Scalar.LONG)],
    )
    world.declare(short)
    world.upload(short, flights(), BATCH_DAY)

    assert statuses(kv, {"carrier": "UA"}, B + 2 * DAY, "airlines.carrier") == {}
    assert statuses(kv, {"carrier": "UA"}, B + 2 * DAY + 1, "airlines.carrier") == {"airlines_carrier": Status.STALE}
    assert statuses(kv, {"carrier": "UA"}, B + 2 * DAY + 1, "airlines.short") == {}


def test_status_when_nothing_streams_then_stale_from_the_batch_end_on(kv: KvStore) -> None:
    world = World(kv)
    world.declare(CARRIER, streams=False)
    world.upload(CARRIER, flights(), BATCH_DAY)

    assert statuses(kv, {"carrier": "UA"}, B, "airlines.carrier") == {}
    assert statuses(kv, {"carrier": "UA"}, B + 1, "airlines.carrier") == {"airlines_carrier": Status.STALE}


def test_status_when_tiles_begin_after_the_batch_end_then_stale_in_between_and_after(kv: KvStore) -> None:
    #   batch ......... B ....(no tiles).... since [tiles ....
    world = World(kv)
    world.declare(CARRIER)
    world.upload(CARRIER, flights(), BATCH_DAY)
    world.served[CARRIER.id] = replace(world.served[CARRIER.id], tiles_since=Day(BATCH_DAY + 2))
    world.publish(CARRIER.id)

    assert statuses(kv, {"carrier": "UA"}, B, "airlines.carrier") == {}
    assert statuses(kv, {"carrier": "UA"}, B + 1, "airlines.carrier") == {"airlines_carrier": Status.STALE}


def test_status_when_a_tile_goes_beyond_the_moment_then_head_inexact(kv: KvStore) -> None:
    #   tile  [12:00 ........ 12:05)     events at 12:01 and 12:04
    #   asked        ^ 12:02             counts both, and says so
    made = [{"carrier": "UA", "origin": "A", "dest": "B", "delay": 1.0, "ts": NOON + m * MINUTE} for m in (1, 4)]
    filled(kv, made)

    inside = fetch_one(kv, {"carrier": "UA"}, NOON + 2 * MINUTE, "airlines.carrier")
    behind = fetch_one(kv, {"carrier": "UA"}, NOON + 4 * MINUTE + 1, "airlines.carrier")

    assert inside.statuses == {"airlines_carrier": Status.HEAD_INEXACT}
    assert inside.values["delay_count_3h"] == 2
    assert behind.statuses == {}


def test_status_when_nothing_was_uploaded_then_no_batch(kv: KvStore) -> None:
    World(kv).declare(CARRIER)

    vector = fetch_one(kv, {"carrier": "UA"}, NOON, "airlines.carrier")

    assert vector.statuses == {"airlines_carrier": Status.NO_BATCH}
    assert set(vector.values.values()) == {None}


def test_status_when_a_part_is_not_served_then_no_batch_and_others_answer(kv: KvStore) -> None:
    world = World(kv)
    world.declare(CARRIER, PLANE)
    world.publish_join(DEPARTURE)
    world.upload(PLANE, planes(BATCH_DAY), BATCH_DAY)

    vector = fetch_one(kv, UA, B)

    assert vector.statuses["airports_route"] is Status.NO_BATCH
    assert vector.statuses["airlines_carrier"] is Status.NO_BATCH
    assert vector.statuses["is_busy"] is Status.NO_BATCH
    assert vector.values["airlines_plane_seats"] == 150


def test_status_when_asked_before_every_batch_end_then_before_batch(kv: KvStore) -> None:
    filled(kv)

    vector = fetch_one(kv, {"carrier": "UA"}, B - 1, "airlines.carrier")

    assert vector.statuses == {"airlines_carrier": Status.BEFORE_BATCH}
    assert "2013-02-27T00:00:00Z" in vector.details["airlines_carrier"]
    assert set(vector.values.values()) == {None}


def test_status_when_store_fails_then_read_failed_and_keys_are_still_judged(kv: KvStore) -> None:
    filled(kv)
    store = Watched(kv)
    fetcher = Fetcher(store, ENVIRONMENT)
    fetcher.fetch("delays.departure", [Request(keys=UA, at=NOON)])

    def fail() -> None:
        raise ChrononError("CHR-K009", "the disk is gone")

    store.before_read = fail
    vector = fetcher.fetch("delays.departure", [Request(keys={**UA, "origin": None}, at=NOON)])[0]

    assert vector.statuses["airlines_carrier"] is Status.READ_FAILED
    assert vector.statuses["airlines_plane"] is Status.READ_FAILED
    assert vector.statuses["airports_route"] is Status.NULL_KEY
    assert vector.statuses["delay_per_mile"] is Status.READ_FAILED
    assert "disk" in vector.details["airlines_carrier"]
    assert vector.values["airlines_plane_seats"] is None


def test_status_when_one_value_is_damaged_then_only_its_part_fails(kv: KvStore) -> None:
    world = filled(kv)
    served = world.served[CARRIER.id]
    entity = entity_key(["UA"], [Scalar.STRING])
    assert entity is not None
    kv.write([(batch_key(served.values, served.generations[0].name, entity), b"\xff\x00 not a batch value")])

    vector = fetch_one(kv, UA, NOON)

    assert vector.statuses["airlines_carrier"] is Status.READ_FAILED
    assert vector.statuses["delay_per_mile"] is Status.READ_FAILED
    assert "airports_route" not in vector.statuses
    assert vector.values["airlines_plane_seats"] == 150


def test_status_when_one_record_is_damaged_then_only_its_part_fails(kv: KvStore) -> None:
    filled(kv)
    kv.write([(record_key(ENVIRONMENT, ROUTE.id), b'{"format_version":99}')])

    vector = fetch_one(kv, UA, NOON)

    assert vector.statuses["airports_route"] is Status.READ_FAILED
    assert "format 99" in vector.details["airports_route"]
    assert vector.values["airlines_plane_seats"] == 150


def test_status_when_a_derivation_lacks_a_label_then_missing_key(kv: KvStore) -> None:
    filled(kv)

    without, with_label = fetch_one(kv, UA, NOON), fetch_one(kv, {**UA, "arrival_delay": 5}, NOON)

    assert without.statuses["error"] is Status.MISSING_KEY
    assert "`arrival_delay`" in without.details["error"]
    assert without.values["error"] is None
    assert "error" not in with_label.statuses
    assert with_label.values["arrival_delay"] == 5


def test_status_when_a_left_column_has_another_type_then_its_derivations_say_so(kv: KvStore) -> None:
    filled(kv)

    vector = fetch_one(kv, {**UA, "distance": "far"}, NOON)

    assert vector.statuses["delay_per_mile"] is Status.BAD_KEY
    assert "`distance`" in vector.details["delay_per_mile"]
    assert "hour" not in vector.statuses


def test_status_when_a_derivation_fails_then_only_it_is_null(kv: KvStore) -> None:
    world = World(kv)
    world.declare(PLANE)
    broken = derived("broken", "airlines_plane_seats + 1", ["airlines_plane_seats"], Scalar.LONG)
    world.publish_join(join([(PLANE, {"tailnum": "tailnum"})], [broken, DERIVATIONS[3]]))
    # A writer that stores a text where the definition says long: only a derivation over it can notice.
    world.upload(PLANE, [{**planes(BATCH_DAY)[0], "seats": "many"}], BATCH_DAY)

    vector = fetch_one(kv, UA, B)

    assert vector.statuses == {"broken": Status.DERIVATION_FAILED}
    assert vector.values["broken"] is None
    assert vector.values["hour"] == 0.0


def test_derivation_when_a_part_is_doubtful_then_it_has_a_value_and_the_same_status(kv: KvStore) -> None:
    world = World(kv)
    world.declare(PLANE)
    seats = derived("double", "airlines_plane_seats * 2", ["airlines_plane_seats"], Scalar.LONG)
    world.publish_join(join([(PLANE, {"tailnum": "tailnum"})], [seats]))
    world.upload(PLANE, planes(BATCH_DAY), BATCH_DAY)

    vector = fetch_one(kv, UA, B + 3 * DAY)

    assert vector.values["double"] == 300
    assert vector.statuses == {"airlines_plane": Status.STALE, "double": Status.STALE}


# ── derivations ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_derivations_when_fetched_then_bits_of_the_vectorised_functions(kv: KvStore) -> None:
    filled(kv)
    chance = random.Random(3)
    requests = [
        Request(
            keys={
                **UA,
                "carrier": chance.choice(["UA", "AA", "ZZ"]),
                "origin": chance.choice(["EWR", "JFK", None]),
                "distance": chance.choice([None, 0, 7, 1400]),
                "arrival_delay": chance.choice([None, -4, 11]),
            },
            at=Millis(B + chance.randrange(2 * DAY)),
        )
        for _ in range(80)
    ]
    vectors = Fetcher(kv, ENVIRONMENT).fetch("delays.departure", requests)
    types: dict[str, DataType] = {column.name: column.type for column in DEPARTURE.outputs} | {"ts": Scalar.LONG}

    for one in DERIVATIONS:
        arrays = {
            name: pa.array(
                [
                    request.at if name == "ts" else vector.values[name]
                    for request, vector in zip(requests, vectors, strict=True)
                ],
                ARROW[Scalar(types[name])],
            )
            for name in one.reads
        }
        expected = arrow_function(one.expression, {name: types[name] for name in one.reads})(arrays, len(requests))

        assert all(map(is_same, [vector.values[one.name] for vector in vectors], expected.to_pylist())), one.name


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_reads_when_many_entities_and_parts_are_asked_then_one_multi_get(kv: KvStore) -> None:
    filled(kv)
    store = Watched(kv)
    fetcher = Fetcher(store, ENVIRONMENT)
    fetcher.fetch("delays.departure", [Request(keys=UA, at=NOON)])
    store.reads.clear()

    fetcher.fetch("delays.departure", [Request(keys={**UA, "tailnum": f"N{n}"}, at=NOON) for n in range(100)])

    assert len(store.reads) == 1


def test_reads_when_requests_share_entities_then_every_key_once(kv: KvStore) -> None:
    filled(kv)
    store = Watched(kv)
    fetcher = Fetcher(store, ENVIRONMENT)
    fetcher.fetch("delays.departure", [Request(keys=UA, at=NOON)])
    store.reads.clear()

    fetcher.fetch("delays.departure", [Request(keys={**UA, "tailnum": f"N{n}"}, at=NOON) for n in range(100)])

    # 4 records; carrier and route: a batch value and the page of one day each; 100 planes.
    assert len(store.reads[0]) == len(set(store.reads[0])) == 4 + 2 * 2 + 100


@pytest.mark.parametrize(
    ("at", "pages"), [(B, 0), (B + 1, 1), (B + DAY, 1), (B + DAY + 1, 2), (B + 900 * DAY, PAGES_AT_MOST)]
)
def test_reads_when_asked_later_then_pages_of_the_days_since_the_batch_end(kv: KvStore, at: int, pages: int) -> None:
    filled(kv)
    store = Watched(kv)
    fetcher = Fetcher(store, ENVIRONMENT)

    fetcher.fetch("airlines.carrier", [Request(keys={"carrier": "UA"}, at=Millis(at))])

    assert len(store.reads[-1]) == 1 + 1 + pages


# ── publishing under a reader ───────────────────────────────────────────────────────────────────────────────────────


def landing(hours: int = 24 * 6) -> tuple[GroupBy, list[Row], Millis]:
    """One landing an hour from three days before B on, and the moment at which all of them have happened."""
    counted = group_by(
        "airlines.counted",
        ["carrier"],
        [
            feature("count", None, Scalar.LONG),
            feature("count", Millis(30 * DAY), Scalar.LONG),
            feature("sum", None, Scalar.DOUBLE),
        ],
    )
    events = [{"carrier": "UA", "delay": 1.0, "ts": B - 3 * DAY + hour * HOUR} for hour in range(hours)]
    return counted, events, Millis(B + 3 * DAY)


def test_new_batch_when_it_lands_between_compiling_and_reading_then_nothing_is_lost_or_doubled(kv: KvStore) -> None:
    #   recipe of the 26th | publish the 27th, delete the 26th | read
    counted, events, at = landing()
    world = World(kv)
    world.declare(counted)
    old = world.upload(counted, events, BATCH_DAY)
    world.stream(counted, [row for row in events if row["ts"] >= B])
    store = Watched(kv)
    fetcher = Fetcher(store, ENVIRONMENT)
    request = Request(keys={"carrier": "UA"}, at=at)
    first = fetcher.fetch("airlines.counted", [request])[0]

    def land() -> None:
        world.upload(counted, events, Day(BATCH_DAY + 1))
        kv.delete_prefix(batch_prefix(world.served[counted.id].values, old.name))

    store.before_read = land
    second = fetcher.fetch("airlines.counted", [request])[0]

    assert list(first.values.values()) == [144, 144, 144.0]
    assert second.values == first.values
    assert len(world.served[counted.id].generations) == 2


def test_new_batch_when_published_then_the_next_fetch_reads_it(kv: KvStore) -> None:
    counted, events, at = landing()
    world = World(kv)
    world.declare(counted)
    world.upload(counted, events, BATCH_DAY)
    fetcher = Fetcher(kv, ENVIRONMENT)
    request = Request(keys={"carrier": "UA"}, at=at)
    without_tiles = fetcher.fetch("airlines.counted", [request])[0]

    world.upload(counted, events, Day(BATCH_DAY + 3))
    with_batch = fetcher.fetch("airlines.counted", [request])[0]

    assert without_tiles.values["delay_count"] == 72
    assert with_batch.values["delay_count"] == 144


def test_new_batches_when_they_land_under_readers_then_every_reply_is_whole(kv: KvStore) -> None:
    counted, events, at = landing()
    world = World(kv)
    world.declare(counted)
    one = join([(counted, {"carrier": "carrier"})], [])
    world.publish_join(one)
    world.upload(counted, events, BATCH_DAY)
    world.stream(counted, [row for row in events if row["ts"] >= B])
    done = threading.Event()
    wrong: list[object] = []
    replies = [0]

    def read() -> None:
        fetcher = Fetcher(kv, ENVIRONMENT)
        while not done.is_set():
            vector = fetcher.fetch("delays.departure", [Request(keys={"carrier": "UA"}, at=at)] * 3)[2]
            replies[0] += 1
            if [value for name, value in vector.values.items() if name != "carrier"] != [144, 144, 144.0]:
                wrong.append(vector)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for round_ in range(9):
        before = world.served[counted.id]
        # Always one generation: the most brutal sweep that a publisher could do.
        world.served[counted.id] = replace(before, generations=())
        world.upload(counted, events, Day(BATCH_DAY + round_ % 3))
        for generation in before.generations:
            if generation.name != world.served[counted.id].generations[0].name:
                kv.delete_prefix(batch_prefix(before.values, generation.name))
    done.set()
    for reader in readers:
        reader.join()

    assert not wrong, wrong[:2]
    assert replies[0] > 9


def test_fetch_when_records_never_stand_still_then_it_gives_up_with_an_error(kv: KvStore) -> None:
    counted, events, at = landing()
    world = World(kv)
    world.declare(counted)
    world.upload(counted, events, BATCH_DAY)
    store = Watched(kv)
    fetcher = Fetcher(store, ENVIRONMENT)
    fetcher.fetch("airlines.counted", [Request(keys={"carrier": "UA"}, at=at)])

    def again() -> None:
        served = world.served[counted.id]
        name = f"{served.generations[0].name}x"
        world.served[counted.id] = replace(served, generations=(replace(served.generations[0], name=name),))
        world.publish(counted.id)
        store.before_read = again

    store.before_read = again
    with pytest.raises(ChrononError) as failed:
        fetcher.fetch("airlines.counted", [Request(keys={"carrier": "UA"}, at=at)])

    assert failed.value.code == "CHR-F004"


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_name_when_nothing_of_it_is_served_then_nearest_names(kv: KvStore) -> None:
    filled(kv)

    with pytest.raises(ChrononError) as failed:
        Fetcher(kv, ENVIRONMENT).fetch("airlines.carrierx", [])

    assert failed.value.code == "CHR-F001"
    assert "airlines.carrier" in failed.value.hint


@pytest.mark.parametrize("name", ["", "departure", "delays.departure@x", "delays.departure@0", "../x", "a.b/c"])
def test_name_when_it_is_none_then_refused(kv: KvStore, name: str) -> None:
    with pytest.raises(ChrononError) as failed:
        Fetcher(kv, ENVIRONMENT).fetch(name, [])

    assert failed.value.code == "CHR-F001"


def test_name_when_environment_is_another_then_not_served(kv: KvStore) -> None:
    filled(kv)

    with pytest.raises(ChrononError) as failed:
        Fetcher(kv, "staging").fetch("delays.departure", [])

    assert failed.value.code == "CHR-F001"


def test_name_when_several_versions_are_served_then_the_version_decides(kv: KvStore) -> None:
    world = filled(kv)
    second = join([(PLANE, {"tailnum": "tailnum"})], [], version=2)
    world.publish_join(second)
    fetcher = Fetcher(kv, ENVIRONMENT)

    with pytest.raises(ChrononError) as failed:
        fetcher.fetch("delays.departure", [])

    assert failed.value.code == "CHR-F002"
    assert "delays.departure@2" in failed.value.hint
    assert fetcher.schema("delays.departure@1").id == DEPARTURE.id
    assert fetcher.schema("delays.departure@2").id == second.id


def test_name_when_only_a_later_version_is_served_then_it_is_meant(kv: KvStore) -> None:
    World(kv).publish_join(join([], [], version=3))

    assert Fetcher(kv, ENVIRONMENT).schema("delays.departure").id.version == 3


def test_name_when_another_name_begins_with_it_then_it_is_not_meant(kv: KvStore) -> None:
    World(kv).publish_join(join([], [], name="delays.departure_old"))

    with pytest.raises(ChrononError):
        Fetcher(kv, ENVIRONMENT).schema("delays.departure")


def test_name_when_kind_is_another_then_refused(kv: KvStore) -> None:
    filled(kv)

    with pytest.raises(ChrononError) as failed:
        Fetcher(kv, ENVIRONMENT).fetch("airlines.carrier", [], Kind.JOIN)

    assert failed.value.code == "CHR-F001"


def test_name_when_its_record_is_removed_then_no_longer_served(kv: KvStore) -> None:
    filled(kv)
    fetcher = Fetcher(kv, ENVIRONMENT)
    fetcher.fetch("airlines.carrier", [Request(keys={"carrier": "UA"}, at=NOON)])

    kv.delete_prefix(record_key(ENVIRONMENT, CARRIER.id))

    with pytest.raises(ChrononError):
        fetcher.fetch("airlines.carrier", [Request(keys={"carrier": "UA"}, at=NOON)])


@pytest.mark.parametrize("at", [-1, 253_402_300_800_000, 2**70])
def test_moment_when_it_is_none_then_refused(kv: KvStore, at: int) -> None:
    filled(kv)

    with pytest.raises(ChrononError) as failed:
        Fetcher(kv, ENVIRONMENT).fetch("airlines.carrier", [Request(keys={"carrier": "UA"}, at=Millis(at))])

    assert failed.value.code == "CHR-F010"


def test_schema_when_asked_then_keys_inputs_and_outputs_with_types(kv: KvStore) -> None:
    filled(kv)

    schema = Fetcher(kv, ENVIRONMENT).schema("delays.departure")

    assert [column.name for column in schema.keys] == ["carrier", "origin", "dest", "tailnum"]
    assert {column.name: column.type for column in schema.inputs} == {
        "arrival_delay": Scalar.LONG,
        "distance": Scalar.LONG,
    }
    assert schema.outputs == DEPARTURE.outputs
    assert schema.parts["airlines_plane"] == ("airlines_plane_seats", "airlines_plane_engine")


def test_metrics_when_fetched_then_vectors_and_statuses_are_counted(kv: KvStore) -> None:
    filled(kv)
    fetcher = Fetcher(kv, ENVIRONMENT)

    fetcher.fetch("airlines.carrier", [Request(keys={"carrier": "ZZ"}, at=NOON)] * 3)

    text = fetcher.metrics.text()
    assert 'chronon_serving_entities_total{object="airlines.carrier"} 3' in text
    assert 'chronon_serving_statuses_total{object="airlines.carrier",status="no_entity"} 3' in text


def test_records_when_read_back_then_equal(kv: KvStore) -> None:
    served = filled(kv).served[CARRIER.id]

    assert decode_record(encode_record(served)) == served
    assert decode_record(encode_record(ServedJoin(join=DEPARTURE))) == ServedJoin(join=DEPARTURE)


@pytest.mark.parametrize(
    "stored", [b"", b"[]", b"\xff", b"{}", b'{"format_version":2,"join":{}}', b'{"format_version":1}']
)
def test_record_when_it_is_damaged_then_a_clear_error(stored: bytes) -> None:
    with pytest.raises(ChrononError) as failed:
        decode_record(stored)

    assert failed.value.code in {"CHR-F003", "CHR-S900"}
