"""The same population for SQLMesh and dbt: a model for every group_by and join, reading what these read, in a DuckDB file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from definitions.population import Population

COLUMNS = (
    "account VARCHAR, merchant VARCHAR, country VARCHAR, amount DOUBLE, fee DOUBLE, items BIGINT, is_card BOOLEAN,"
    " paid_at BIGINT, channel VARCHAR"
)


def models(population: Population) -> Iterator[tuple[str, str, list[str]]]:
    """Name, query with `{name}` for what it reads, and what it reads."""
    for number in range(population.sources):
        values = ", ".join(f"CAST(NULL AS {each.split()[1]}) AS {each.split()[0]}" for each in COLUMNS.split(", "))
        yield f"region_{number}", f"SELECT {values}", []
    for number in range(population.group_bys):
        read = population.reads(number)
        if read.startswith("training"):
            yield (
                f"features_{number}",
                f"SELECT account, SUM(amount) AS value_sum FROM {{{read}}} GROUP BY account",
                [read],
            )
            continue
        query = (
            f"SELECT account, COUNT(amount - fee) AS value_count, MAX(amount - fee) AS value_max,"
            f" COUNT(CASE WHEN amount > {number % 900 + 10} THEN 1 END) AS large_count, AVG(amount - fee) AS value_average"
            f" FROM {{{read}}} WHERE amount IS NOT NULL AND country <> 'X{number % 7}' GROUP BY account"
        )
        yield f"features_{number}", query, [read]
    for number in range(population.joins):
        left, parts = f"region_{number % population.sources}", population.parts(number)
        joined = "".join(
            f" LEFT JOIN {{{part}}} AS p{place} ON p{place}.account = l.account" for place, part in enumerate(parts)
        )
        query = f"SELECT l.account, l.amount, l.amount - 1.5 AS above_{number} FROM {{{left}}} AS l{joined}"
        yield f"training_{number}", query, [left, *parts]


def write_sqlmesh(population: Population, root: Path) -> None:
    """A project of views."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "models").mkdir(parents=True)
    (root / "config.yaml").write_text(
        "gateways: {local: {connection: {type: duckdb, database: db.duckdb}}}\n"
        "default_gateway: local\nmodel_defaults: {dialect: duckdb}\ndisable_anonymized_analytics: true\n"
    )
    for name, query, read in models(population):
        text = query.format_map({one: f"p.{one}" for one in read})
        (root / f"models/{name}.sql").write_text(f"MODEL (name p.{name}, kind VIEW);\n{text}\n")


def write_dbt(population: Population, root: Path) -> None:
    """A project of views."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "models").mkdir(parents=True)
    (root / "dbt_project.yml").write_text(
        "name: p\nversion: '1.0.0'\nprofile: p\nmodel-paths: [models]\nflags: {send_anonymous_usage_stats: false}\n"
    )
    (root / "profiles.yml").write_text("p: {target: a, outputs: {a: {type: duckdb, path: db.duckdb, threads: 2}}}\n")
    for name, query, read in models(population):
        text = query.format_map({one: f"{{{{ ref('{one}') }}}}" for one in read})
        (root / f"models/{name}.sql").write_text(f"{text}\n")


def edit_model(root: Path) -> None:
    """Another column of one group_by."""
    file = root / "models/features_1.sql"
    file.write_text(file.read_text().replace("AS value_max,", "AS value_max, MIN(amount - fee) AS value_min,"))
