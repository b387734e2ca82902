"""Spark and Flink give the bits of the closure for several hundred expressions on awkward rows, in one query each."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import ORDINARY
from expression_builders import COLUMNS, Sentences, bits, random_rows

from chronon.expressions import ExpressionError, analyse, row_function, to_sql
from chronon.expressions.arrow import arrow_type
from chronon.model.types import Scalar
from chronon.model.values import in_program, plain
from chronon.runners.flink.duck import read_json
from chronon.runners.flink.forms import packing
from chronon.runners.flink.topic import take_in

pytestmark = pytest.mark.engine

FORMS = """
a + b; a - b; a * b; a % b; a / b; -a; ABS(a); ABS(d); -d; d + e; d - e; d * e; d / e; d / a; i + i; i * 3; i % 5; g + 1
a = b; a <> b; a < b; d = e; d < e; d >= e; a = d; i = a; g = d; s = t; s <> t; s < t; s >= t; p = q; p <> q; NOT p
p AND q; p OR q; p AND q OR NOT p; a IS NULL; d IS NOT NULL; s IS NULL; a IN (1, 2, -7); d IN (0.0, 2.5); a; d; s; p; i; g
s NOT IN ('a', 'ä'); a BETWEEN -7 AND 60000; d BETWEEN e AND 1.5; s BETWEEN 'A' AND 'b'; CASE WHEN p THEN a WHEN q THEN b END
CASE a WHEN 1 THEN 'one' WHEN 2 THEN 'twofold' ELSE 'o' END; IF(a > 15, 1, NULL); COALESCE(a, b, 0); COALESCE(s, t)
COALESCE(d, 1); NULLIF(a, 1); NULLIF(d, 0.0); NULLIF(s, 'a'); CAST(a AS int); CAST(a AS double); CAST(a AS string)
CAST(d AS int); CAST(d AS long); CAST(i AS long); CAST(p AS long); CAST(p AS string); CAST(i AS string); CAST(g AS double)
CAST(g AS long); CAST(q AS int); CAST(i AS double); FLOOR(d); CEIL(d); FLOOR(d / e); CEIL(g); LEAST(a, b); LEAST(s, t)
GREATEST(a, b, i); LEAST(d, e); GREATEST(d, e, 0.0); GREATEST(s, t, 'b'); CONCAT(s, t); s || '-' || t; LOWER(s); UPPER(s)
LENGTH(s); SUBSTRING(s, 2); SUBSTRING(s, 1, 2); SUBSTRING(s, 9); SUBSTRING(s, 2, 0); 'it''s'; 'back\\slash \\n'; '日本 😀'
0.0; -0.0; 4.9e-324; 1.7976931348623157e308; -9223372036854775808; a + 9223372036854775807; a * -1; -(-a); 'a"b`c'
(a + b) * (a - b); a * 1.0 + b / 3; d * d - e * e; d * 1e300 * 1e300; 1 / d; CAST(NULL AS double)
d * e - d * e; (d * e) IS NULL; COALESCE(d * 1e308 * 10 - d * 1e308 * 10, 7.0); IF(d / e > 0, d, e); 1.5e22; 123456789.125
scheduled_at + i * 60000; d + 0.0; 0.0 + d; d + 0; d - 0.0; 0.0 - d; d * 1.0; 1 * d; d / 1; d * 0.0; 0 * d; d + e + 0; a + 0
day; at; price; raw; many; named; home; many IS NULL; named IS NOT NULL; home IS NULL; day IS NULL; raw IS NULL
day = eve; day <> eve; day < eve; day >= DATE '2013-02-27'; day IN (DATE '0001-01-01', DATE '9999-12-31'); COALESCE(day, eve)
at = until; at < until; at >= TIMESTAMP '1969-12-31T23:59:59.999999Z'; at BETWEEN until AND TIMESTAMP '2013-02-27'; NULLIF(at, until)
price = cost; price < cost; price > CAST('0.01' AS decimal(12,2)); price IN (CAST('1.5' AS decimal(12,2))); COALESCE(price, cost)
raw = seal; raw < seal; raw >= CAST('AP8=' AS binary); raw IN (CAST('' AS binary), CAST('gA==' AS binary)); NULLIF(raw, seal)
IF(p, at, until); IF(p, price, NULL); CASE WHEN day < eve THEN raw ELSE CAST('AP8=' AS binary) END; CASE WHEN p THEN day END
0 - a; a * 0; 0 * a; a / 1; a - a; d - d; d / d; s || ''; '' || s; d = d; d <> d; a = a; NOT (d = e); NOT (d < e); p AND p
"""
TYPES = {**COLUMNS, "scheduled_at": Scalar.LONG}
HERE = Path(__file__).parent


def corpus(count: int = 720) -> list[str]:
    """Every form and ordinary expression once, then random texts; the same ones in every run."""
    texts = [text.strip() for line in FORMS.strip().splitlines() for text in line.split(";")] + ["s || 'line\nbreak'"]
    texts = list(dict.fromkeys([*texts, *ORDINARY]))
    rng = random.Random(20_13)
    while len(texts) < count:
        text = Sentences(rng).any(rng.choice([1, 2, 2, 3]))
        try:
            analyse(text, TYPES)
        except ExpressionError:
            continue
        texts.append(text)
    return texts


def some_rows(*, special: bool) -> list[dict[str, Any]]:
    rng = random.Random(7)
    rows = random_rows(rng, 120, special=special)
    return [row | {"row": number, "scheduled_at": 1_700_000_000_000 + number} for number, row in enumerate(rows)]


def project(script: str, folder: Path, texts: list[str], dialect: Any) -> None:
    """Compute the texts as `x0`, `x1`, … on an engine, in a process of its own, from the rows in `folder` into `out`."""
    spec = {
        "types": {"row": "long"} | {name: str(kind) for name, kind in TYPES.items()},
        "expressions": [to_sql(text, TYPES, dialect) for text in texts],
        "results": [str(analyse(text, TYPES).type) for text in texts],
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    log = folder / "log.txt"
    with log.open("w") as stream:
        ended = subprocess.run(
            [sys.executable, str(HERE / script), str(folder)], stdout=stream, stderr=stream, check=False, env=os.environ
        )
    assert ended.returncode == 0, log.read_text()[-6000:]


def assert_equal_bits(found: dict[int, dict[str, Any]], rows: list[dict[str, Any]], texts: list[str]) -> None:
    wrong = []
    for number, text in enumerate(texts):
        function = row_function(text, TYPES)
        for row in rows:
            wanted, got = bits(function(row)), bits(found[row["row"]][f"x{number}"])
            if wanted != got:
                wrong.append(f"{text}: wanted {wanted}, got {got} on {row}")
                break
    assert len(found) == len(rows)
    assert not wrong, f"{len(wrong)} of {len(texts)} differ:\n" + "\n".join(wrong[:40])


def test_spark_gives_the_bits_of_the_closure(tmp_path: Path) -> None:
    rows, texts = some_rows(special=True), corpus()
    arrays = {name: pa.array([row[name] for row in rows], arrow_type(kind)) for name, kind in TYPES.items()}
    pq.write_table(pa.table({"row": pa.array(range(len(rows)), pa.int64()), **arrays}), tmp_path / "rows.parquet")

    project("project_on_spark.py", tmp_path, texts, "spark")

    found = pq.read_table(tmp_path / "out").to_pylist()
    assert_equal_bits({row["row"]: row for row in found}, rows, texts)


def test_flink_gives_the_bits_of_the_closure(tmp_path: Path) -> None:
    rows, texts = some_rows(special=False), corpus()
    (tmp_path / "topic").mkdir()
    with (tmp_path / "topic" / "rows.jsonl").open("w") as stream:
        stream.writelines(json.dumps(written(row)) + "\n" for row in rows)
    taken = take_in(tmp_path / "topic", {"row": Scalar.LONG, **TYPES}, tmp_path / "in", tmp_path / "letters")

    project("project_on_flink.py", tmp_path, texts, "flink")

    files = sorted((tmp_path / "out").iterdir())
    lines = [line for file in files for line in file.read_bytes().split(b"\n") if line]
    readers = {f"x{number}": FROM_JSON.get(analyse(text, TYPES).type) for number, text in enumerate(texts)}
    found = [{name: read(value, readers.get(name)) for name, value in json.loads(line).items()} for line in lines]
    travelled = unpacked_rows(files, texts)
    by_row = {row["row"]: row | travelled[row["row"]] for row in found}
    assert (taken.events, taken.dead) == (len(rows), 0)
    assert_equal_bits(by_row, rows, texts)


def written(row: dict[str, Any]) -> dict[str, Any]:
    """The row as a line of a topic."""
    return {name: plain(in_program(value, TYPES.get(name, Scalar.LONG))) for name, value in row.items()}


def unpacked_rows(files: list[Path], texts: list[str]) -> dict[int, dict[str, Any]]:
    """The values that travel in another form, by row."""
    kinds = {f"x{number}": analyse(text, TYPES).type for number, text in enumerate(texts)}
    packed = {name: kind for name, kind in kinds.items() if not isinstance(kind, Scalar) or packing(kind)}
    table = read_json(files, {"row": Scalar.LONG, **packed}, "SELECT * FROM lines").to_arrow_table()
    columns = {name: table[name].cast(arrow_type(kind)).to_pylist() for name, kind in packed.items()}
    return {row: {name: columns[name][at] for name in columns} for at, row in enumerate(table["row"].to_pylist())}


def read(value: Any, reader: Any) -> Any:
    """A value of Flink's JSON: infinity is a word there, a float has as many digits as a float needs."""
    return value if reader is None or value is None else reader(value)


FROM_JSON = {Scalar.DOUBLE: float, Scalar.FLOAT: lambda text: struct.unpack("f", struct.pack("f", float(text)))[0]}
