"""Readers and data of different definitions: every change that docs/evolution.md calls compatible, both ways round.

        old definition applied ── old records kept ──┐
        new definition applied ── new records        ├── old fetcher on new data: its own numbers, or a status
        old definition applied again                 └── new fetcher on old data: the same

A fetcher whose records stand still is one that has not seen the publication: a replica that lags, a reply in flight.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pytest
from type_world import Silent

from chronon.loaders.config import load_config
from chronon.model.jobs import StreamJob
from chronon.model.time import Millis, day_start, parse_day
from chronon.planners import make_plan
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.training import training_rows
from chronon.serving.contract import Request, Status, Vector
from chronon.serving.fetcher import Fetcher
from chronon.stores.kv.contract import KvStore
from chronon.stores.kv.layout import metadata_prefix
from chronon.validators import evolution, past_of, validate

STORIES = Path(__file__).parents[1] / "stories"
USER = "teams/shop/group_bys/user.yaml"
CHECKOUT = "teams/shop/joins/checkout.yaml"
PURCHASES = "teams/shop/sources/purchases.yaml"
TOTAL, SHARE = "shop_user_amount_sum_3d", "share"
LAST = parse_day("2024-01-09") or 0
REQUESTS = tuple({"user": user, "total": 12.5} for user in ("u0", "u1", "u2", "nobody"))

Edits = Mapping[tuple[str, str], str]

COMPATIBLE: Mapping[str, tuple[Edits, Mapping[str, str]]] = {
    "feature added": ({(USER, "[1d, 3d]"): "[1d, 2d, 3d]"}, {}),
    "operation before all others added": ({(USER, "[sum, count]"): "[average, sum, count]"}, {}),
    "derivation added": ({(CHECKOUT, "  share:"): "  a_half: shop_user_amount_sum_1d / 2\n  share:"}, {}),
    "feature renamed": (
        {
            (USER, "keys:"): "select: {paid: amount}\nkeys:",
            (USER, "input: amount"): "input: paid\n    alias: amount",
        },
        {},
    ),
    "feature and its readers renamed": (
        {
            (USER, "input: amount"): "input: amount\n    name: zloty\n    alias: amount",
            (CHECKOUT, "share: total / NULLIF(shop_user_amount_sum_3d, 0)"): (
                "part_of_3d: total / NULLIF(shop_user_zloty_sum_3d, 0)\naliases: {share: part_of_3d}"
            ),
        },
        {},
    ),
    "part with another prefix": (
        {
            (CHECKOUT, "- shop.user"): "- {group_by: shop.user, prefix: buyer}",
            (CHECKOUT, "NULLIF(shop_user"): "NULLIF(buyer_shop_user",
            (CHECKOUT, "online: true"): (
                "online: true\naliases:\n"
                + "".join(
                    f"  shop_user_amount_{name}: buyer_shop_user_amount_{name}\n"
                    for name in ("sum_1d", "sum_3d", "count_1d", "count_3d")
                )
            ),
        },
        {},
    ),
    "another version beside": (
        {(CHECKOUT, "- shop.user"): "- shop.user@1\n  - {group_by: shop.user@2, prefix: v2}"},
        {"teams/shop/group_bys/user@2.yaml": "where: amount > 1"},
    ),
    "part with keys of its own": (
        {
            (CHECKOUT, "- shop.user"): "- shop.user\n  - shop.category",
            (CHECKOUT, "{user: user, total: total}"): "{user: user, total: total, category: user}",
        },
        {"teams/shop/group_bys/category.yaml": "keys: [category]"},
    ),
    "source column renamed": (
        {
            (PURCHASES, "amount: double"): "price: {type: double, alias: amount}",
            (USER, "keys:"): "select: {amount: price}\nkeys:",
        },
        {},
    ),
    "optional source column": ({(PURCHASES, "category: string"): "category: {type: string, optional: true}"}, {}),
    "description": ({(USER, "What a user"): "All that a user"}, {}),
}


@dataclass(slots=True)
class Standing:
    """What a fetcher reads of a store whose metadata stand still while everything else goes on.

    records: metadata key → its bytes.
    """

    kv: KvStore
    records: Mapping[bytes, bytes]

    def multi_get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        found = self.kv.multi_get(keys)
        pairs = zip(keys, found, strict=True)
        return [self.records.get(key) if key.startswith(PREFIX) else value for key, value in pairs]

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        return (pair for pair in sorted(self.records.items()) if pair[0].startswith(prefix))


PREFIX = metadata_prefix("prod")


class Shop:
    """The shop of the stories, whose group_by is asked `accuracy`, with edits."""

    def __init__(self, root: Path, accuracy: str) -> None:
        sys.path.insert(0, str(STORIES))
        try:
            from shop_data import write_tables
        finally:
            sys.path.remove(str(STORIES))
        self.root = root
        shutil.copytree(STORIES / "shop", root)
        write_tables(root / "data")
        if accuracy == "temporal":  # the moments asked are those of batch ends: no tile counts, and none is made
            self._replace(PURCHASES, "  time: paid_ms", "  time: paid_ms\n  topic: file://shop.purchases")
        self.base = {path: (root / path).read_text() for path in (USER, CHECKOUT, PURCHASES)}

    def _replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text
        (self.root / path).write_text(text.replace(old, new))

    def edit(self, edits: Edits, new: Mapping[str, str]) -> None:
        """The new definition. new: files that are the user's with one line more, or with one line replaced."""
        for path, line in new.items():
            name, _at, version = Path(path).stem.partition("@")
            own = [f"group_by: {name}", *([f"version: {version}"] if version else []), line]
            taken = ("group_by:", *(["keys:"] if line.startswith("keys:") else []))
            kept = [each for each in self.base[USER].splitlines() if not each.startswith(taken)]
            (self.root / path).write_text("\n".join([*own, *kept, ""]))
        for (path, old), text in edits.items():
            self._replace(path, old, text)

    def restore(self, new: Mapping[str, str]) -> None:
        """The old definition."""
        for path in new:
            (self.root / path).unlink()
        for path, text in self.base.items():
            (self.root / path).write_text(text)

    def apply(self, deployment: Deployment, as_of: int = LAST) -> None:
        repository, catalog, found = validate(self.root)
        assert catalog is not None, found
        available = deployment.tables.availability(["shop.purchases", "shop.checkouts"])
        state = deployment.state.read()
        plan = make_plan(catalog, repository, state, available, environment="prod", as_of=as_of)  # type: ignore[arg-type]
        gates = [gate.id for gate in plan.gates]
        deployment.state.approve(plan.id, plan.base_serial, gates, who="test", reason="another version", now=0.0)
        batch = tuple(step for step in plan.steps if not isinstance(step.job, StreamJob))
        apply_plan(deployment, replace(plan, steps=batch), holder="test", observer=Silent())

    def opened(self) -> AbstractContextManager[Deployment]:
        config, _ = load_config(self.root)
        assert config is not None
        return open_deployment(config)


def standing(deployment: Deployment) -> Standing:
    return Standing(deployment.kv, dict(deployment.kv.scan(PREFIX)))


def fetched(kv: object, as_of: int = LAST) -> tuple[Vector, ...]:
    at = Millis(day_start(as_of + 1))  # type: ignore[arg-type]
    requests = [Request(keys=keys, at=at) for keys in REQUESTS]
    return Fetcher(kv).fetch("shop.checkout", requests)  # type: ignore[arg-type]


def values_of(vectors: Sequence[Vector], names: Iterable[str]) -> list[list[str]]:
    """The values as text that tells every bit."""
    return [[repr(vector.values[name]) for name in names] for vector in vectors]


def whole(deployment: Deployment) -> pa.Table:
    return training_rows(deployment, "prod", "shop.checkout")


@pytest.mark.parametrize("accuracy", ["snapshot", "temporal"])
@pytest.mark.parametrize("change", COMPATIBLE)
def test_compatible_change_when_readers_and_data_are_of_different_definitions_then_the_numbers_are_the_readers(
    tmp_path: Path, change: str, accuracy: str
) -> None:
    shop = Shop(tmp_path / "shop", accuracy)
    edits, new = COMPATIBLE[change]
    with shop.opened() as deployment:
        shop.apply(deployment)
        old_reader, before, rows = standing(deployment), fetched(deployment.kv), whole(deployment)
        columns = list(before[0].values)
        assert [vector.statuses.get("shop_user") for vector in before] == [None, None, None, Status.NO_ENTITY]

        shop.edit(edits, new)
        shop.apply(deployment)
        new_reader, now, rows_now = standing(deployment), fetched(deployment.kv), whole(deployment)

        assert fetched(old_reader) == before
        assert values_of(now, columns) == values_of(before, columns)
        assert rows_now.select(rows.column_names).equals(rows)

        shop.restore(new)
        shop.apply(deployment)

        assert fetched(deployment.kv) == before
        assert fetched(new_reader) == now
        assert whole(deployment).equals(rows)


@pytest.mark.parametrize("change", ["feature added", "feature renamed", "another version beside"])
def test_old_reader_when_only_the_new_definition_is_uploaded_then_its_numbers_or_a_status_that_says_so(
    tmp_path: Path, change: str
) -> None:
    shop = Shop(tmp_path / "shop", "snapshot")
    edits, new = COMPATIBLE[change]
    with shop.opened() as deployment:
        shop.apply(deployment)
        old_reader, before = standing(deployment), fetched(deployment.kv)
        shop.edit(edits, new)

        shop.apply(deployment, LAST + 1)

        late = fetched(old_reader, LAST + 1)
        assert values_of(late, [TOTAL]) == values_of(before, [TOTAL])
        assert [vector.statuses["shop_user"] for vector in late] == [*[Status.STALE] * 3, Status.NO_ENTITY]
        assert fetched(old_reader) == before


@pytest.mark.parametrize("change", COMPATIBLE)
def test_compatible_change_when_checked_then_breaks_nobody_in_any_mode(tmp_path: Path, change: str) -> None:
    shop = Shop(tmp_path / "shop", "temporal")
    edits, new = COMPATIBLE[change]
    team = shop.root / "teams/shop/team.yaml"
    team.write_text(f"{team.read_text()}compatibility: FULL_TRANSITIVE\n")
    past = validate(shop.root)
    assert past[1] is not None
    shop.edit(edits, new)

    repository, catalog, _found = validate(shop.root)

    assert catalog is not None
    found = evolution([past_of("main", past[0], past[1])], repository, catalog)
    assert [one for one in found if not one.span.path.startswith("teams/shop/sources")] == []


@pytest.mark.engine
def test_two_versions_and_a_former_name_when_computed_by_spark_then_are_the_rows_of_the_local_engine(
    tmp_path: Path,
) -> None:
    edits, new = COMPATIBLE["another version beside"]
    renaming, _ = COMPATIBLE["feature renamed"]
    tables = []
    for engine in ("local", "spark"):
        shop = Shop(tmp_path / engine, "snapshot")
        config = shop.root / "chronon.yaml"
        config.write_text(config.read_text().replace("engine: local", f"engine: {engine}"))
        shop.edit({**edits, **renaming}, new)
        with shop.opened() as deployment:
            shop.apply(deployment)
            tables.append(whole(deployment))
            assert {vector.statuses.get("v2_shop_user") for vector in fetched(deployment.kv)[:3]} == {None}

    assert {"shop_user_paid_sum_3d", TOTAL, "v2_shop_user_amount_sum_3d"} <= set(tables[0].column_names)
    assert tables[1].equals(tables[0])
