"""Watched tables answer what the tables themselves answer, whatever is remembered of them."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chronon.model.definitions import Rows
from chronon.model.errors import ChrononError
from chronon.model.specs import SourceKind
from chronon.model.time import Day, day_text
from chronon.stores.tables.sizes import column_sizes
from chronon.stores.tables.sources import SourceTables
from chronon.stores.tables.watched import Seen, watched, watched_again

LATER = 3_600 * 10**9
TABLES = ("shop.a", "shop.b", "shop.c", "nowhere.d")
ROWS = [
    Rows(kind=SourceKind.EVENTS, table=table, partition=partition, columns=(), selects=())
    for table, partition in (*((table, "ds") for table in TABLES), ("shop.b", "day"))
]


def change(root: Path, chance: random.Random) -> None:
    """A file comes, goes or is written again, in a folder of a day or beside those; or a folder is empty."""
    folder = root / "shop" / chance.choice("abc")
    folder /= chance.choice(
        ["", f"ds={day_text(Day(chance.randrange(4)))}", f"day={day_text(Day(chance.randrange(4)))}"]
    )
    file = folder / f"{chance.randrange(2)}.parquet"
    match chance.randrange(4):
        case 0:
            shutil.rmtree(folder, ignore_errors=True)
        case 1:
            folder.mkdir(parents=True, exist_ok=True)
        case 2:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"nothing that can be read")
        case _:
            folder.mkdir(parents=True, exist_ok=True)
            columns = chance.choice([{"x": [1]}, {"x": ["1"]}, {"x": [[1]], "y": [{"z": 1.5}]}, {"y": [None]}])
            pq.write_table(pa.table(columns), file)


def sizes(read: Callable[[Path], Mapping[str, int]], file: Path) -> Mapping[str, int] | str:
    """The bytes of each column of a file, or what is wrong with it."""
    try:
        return read(file)
    except ChrononError as error:
        return error.code


@pytest.mark.parametrize("seed", range(6))
def test_watched_tables_when_files_come_and_go_then_answer_what_the_tables_do(seed: int, tmp_path: Path) -> None:
    chance, known = random.Random(seed), dict[str, Seen]()
    for _ in range(25):
        for _ in range(chance.randrange(3)):
            change(tmp_path, chance)
        plain = SourceTables(tmp_path).of(ROWS)
        until = chance.choice([None, Day(1), Day(9)])
        begun = time.time_ns() + chance.choice((0, LATER))

        tables = watched(tmp_path, ROWS, known, begun)

        assert tables.availability(TABLES) == plain.availability(TABLES)
        assert tables.live(dict.fromkeys(TABLES, until)) == plain.live(dict.fromkeys(TABLES, until))
        newest = [file for name in TABLES if plain.exists(name) and (file := plain.newest(name, until))]
        assert [sizes(tables.column_sizes, file) for file in newest] == [
            sizes(lambda each: column_sizes(each)[1], file) for file in newest
        ]
        again = watched_again(tmp_path, tables.seen, begun)
        assert again.seen == tables.seen
        known = tables.seen
