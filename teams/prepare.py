"""Makes the tables and topics of the demo from the nycflights13 files: `python teams/prepare.py FOLDER`.

FOLDER holds flights.parquet, weather.parquet, planes.parquet, airports.parquet (see teams/README.md for their origin).
Values are not changed; clock times become instants in UTC, and rows go to the partition of the day they were known.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

TEAMS = Path(__file__).parent
FIRST, LAST = date(2013, 1, 1), date(2013, 2, 28)
STREAM_FROM = date(2013, 2, 27)
SNAPSHOTS_FROM = date(2013, 1, 31)
# Airports that the airport table lacks; all lie in one zone.
MISSING_ZONES = dict.fromkeys(("BQN", "PSE", "SJU", "STT"), "America/Puerto_Rico")

Row = dict[str, object]

TYPES = {
    **dict.fromkeys(("carrier", "tailnum", "origin", "dest", "manufacturer", "model", "engine"), pa.string()),
    **dict.fromkeys(("temp", "wind_speed", "precip", "visib", "pressure"), pa.float64()),
}


def main(folder: Path) -> None:
    """Write every table and topic of the demo."""
    zones = {row["faa"]: row["tzone"] for row in rows_of(folder / "airports.parquet")} | MISSING_ZONES
    flights = [flight for flight in rows_of(folder / "flights.parquet") if flight["month"] <= LAST.month]
    departures, arrivals = [], []
    first_flown: dict[str, date] = {}
    for flight in flights:
        departs = flight["time_hour"] + timedelta(minutes=flight["minute"])
        arrives = scheduled_arrival(departs, flight["sched_arr_time"], ZoneInfo(zones[flight["dest"]]))
        shared = {name: flight[name] for name in ("carrier", "flight", "tailnum", "origin", "dest", "distance")}
        departures.append(
            shared | {"scheduled_departure_ms": millis(departs), "arr_delay": flight["arr_delay"], "at": departs}
        )
        known = arrives + timedelta(minutes=flight["arr_delay"] or 0)
        arrivals.append(
            shared | {"scheduled_arrival_ms": millis(arrives), "arr_delay": flight["arr_delay"], "at": known}
        )
        if flight["tailnum"]:
            first_flown[flight["tailnum"]] = min(departs.date(), first_flown.get(flight["tailnum"], departs.date()))
    weather = [
        {name: row[name] for name in ("origin", "temp", "wind_speed", "precip", "visib", "pressure")}
        | {"observed_ms": millis(row["time_hour"]), "at": row["time_hour"]}
        for row in rows_of(folder / "weather.parquet")
        if row["month"] <= LAST.month
    ]
    write_days("airlines/departures", departures)
    write_days("airlines/arrivals", arrivals)
    write_days("airports/weather", weather)
    write_topic("airlines.arrivals", arrivals)
    write_topic("airports.weather", weather)
    write_planes(rows_of(folder / "planes.parquet"), first_flown)


def rows_of(path: Path) -> list[Row]:
    """The rows of a file."""
    return pq.read_table(path).to_pylist()


def millis(moment: datetime) -> int:
    """Epoch milliseconds."""
    return round(moment.timestamp() * 1000)


def scheduled_arrival(departs: datetime, clock: int, zone: ZoneInfo) -> datetime:
    """The first moment after the departure at which the clock at the destination shows HHMM."""
    local = departs.astimezone(zone)
    arrives = local.replace(hour=clock // 100 % 24, minute=clock % 100)
    if arrives <= local:
        arrives += timedelta(days=1)
    return arrives.astimezone(UTC)


def days(first: date) -> list[date]:
    """Every day from the first to the last of the demo."""
    return [first + timedelta(days=n) for n in range((LAST - first).days + 1)]


def write_days(table: str, rows: list[Row]) -> None:
    """One Parquet file a day; the day is that of `at`, which is not a column."""
    by_day: dict[date, list[Row]] = {day: [] for day in days(FIRST)}
    for row in rows:
        day = row["at"].date()
        if day in by_day:
            by_day[day].append({name: value for name, value in row.items() if name != "at"})
    for day, found in by_day.items():
        write_partition(table, day, found)


def write_planes(planes: list[Row], first_flown: dict[str, date]) -> None:
    """A snapshot a day of the planes that had flown by its end."""
    columns = ("tailnum", "year", "manufacturer", "model", "engines", "seats", "engine")
    for day in days(SNAPSHOTS_FROM):
        known = [p for p in planes if first_flown.get(p["tailnum"], date.max) <= day]
        write_partition("airlines/planes", day, [{name: plane[name] for name in columns} for plane in known])


def write_partition(table: str, day: date, rows: list[Row]) -> None:
    """The Parquet file of one table and day."""
    folder = TEAMS / "data" / table / f"ds={day}"
    folder.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(name, TYPES.get(name, pa.int64())) for name in rows[0]])
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / "part-0.parquet", compression="zstd")


def write_topic(topic: str, rows: list[Row]) -> None:
    """The last days of a table as they came in: JSON lines in the order of time, one file a day."""
    for day in days(STREAM_FROM):
        found = sorted((row for row in rows if row["at"].date() == day), key=lambda row: row["at"])
        path = TEAMS / "streams" / topic / f"{day}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps({name: value for name, value in row.items() if name != "at"}) for row in found)
        path.write_text("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
