"""Today's definitions against earlier ones: which findings, where, how severe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from chronon.model.definitions import Catalog
from chronon.model.diagnostics import Severity
from chronon.model.specs import Repository
from chronon.validators import Past, evolution, past_of, validate

BASE = {
    "chronon.yaml": "targets: {local: {engine: local, home: .chronon/local}}\n",
    "teams/shop/team.yaml": "team: shop\n",
    "teams/shop/sources/orders.yaml": """\
source: orders
events:
  table: shop.orders
  time: at
  columns:
    user: string
    amount: {type: int, description: cents}
    at: long
""",
    "teams/shop/group_bys/user.yaml": """\
group_by: user
source: orders
keys: [user]
aggregations:
  - input: amount
    operations: [count, last]
    windows: [1d, 7d]
""",
    "teams/shop/joins/checkout.yaml": """\
join: checkout
left: {source: orders, select: {user: user}}
start: 2024-01-01
parts: [user]
derivations: {"*": "*", twice: shop_user_amount_count_1d * 2}
""",
}
USER = "teams/shop/group_bys/user.yaml"
ORDERS = "teams/shop/sources/orders.yaml"
CHECKOUT = "teams/shop/joins/checkout.yaml"
TEAM = "teams/shop/team.yaml"


@pytest.fixture
def revision(tmp_path: Path) -> Revisions:
    return Revisions(tmp_path)


class Revisions:
    """Makes repositories: the base with edits `(path, old text) → new text`, files that are gone, files that are new."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0

    def of(
        self, edits: Mapping[tuple[str, str], str] | None = None, gone: tuple[str, ...] = (), **new: str
    ) -> tuple[Repository, Catalog]:
        files = {path: text for path, text in BASE.items() if path not in gone} | new
        for (path, old), text in (edits or {}).items():
            assert old in files[path]
            files[path] = files[path].replace(old, text)
        self.made += 1
        for path, text in files.items():
            file = self.folder / str(self.made) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        repository, catalog, found = validate(self.folder / str(self.made))
        assert catalog is not None, found
        return repository, catalog

    def past(self, label: str, edits: Mapping[tuple[str, str], str] | None = None) -> Past:
        return past_of(label, *self.of(edits))


def told(history: list[Past], today: tuple[Repository, Catalog]) -> list[str]:
    found = evolution(history, *today)
    assert len({one.severity for one in found}) <= 1
    return [f"{one.span} {one.code} {one.message.partition(':')[0]}" for one in found]


def bump(version: int) -> str:
    copied = f"copy user.yaml to user@{version}.yaml with `version: {version}`"
    return f"write it as version {version}: {copied} and leave user.yaml as it was"


MODE = (TEAM, "team: shop")


def mode(name: str) -> dict[tuple[str, str], str]:
    return {MODE: f"team: shop\ncompatibility: {name}"}


def test_same_definitions_then_nothing_is_told(revision: Revisions) -> None:
    assert told([revision.past("main")], revision.of(mode("FULL"))) == []


def test_window_that_is_gone_then_is_told_at_its_aggregations_and_at_the_part(revision: Revisions) -> None:
    today = revision.of(mode("FORWARD") | {(USER, "[1d, 7d]"): "1d"})

    assert told([revision.past("main")], today) == [
        f"{USER}:5:3 CHR-V060 `amount_count_7d` of main is gone",
        f"{USER}:5:3 CHR-V060 `amount_last_7d` of main is gone",
        f"{CHECKOUT}:4:9 CHR-V060 `shop_user_amount_count_7d` of main is gone",
        f"{CHECKOUT}:4:9 CHR-V060 `shop_user_amount_last_7d` of main is gone",
    ]


RENAMED = {
    (USER, "keys: [user]"): "select: {cents: amount}\nkeys: [user]",
    (CHECKOUT, "shop_user_amount_count_1d"): "shop_user_cents_count_1d",
}


def test_feature_that_was_renamed_with_an_alias_then_breaks_nobody(revision: Revisions) -> None:
    today = revision.of(
        mode("FULL_TRANSITIVE") | RENAMED | {(USER, "input: amount"): "input: cents\n    alias: amount"}
    )

    assert told([revision.past("main")], today) == []


def test_derivation_that_was_renamed_with_an_alias_then_breaks_nobody(revision: Revisions) -> None:
    renaming = {
        (CHECKOUT, "twice: shop_user_amount_count_1d * 2}"): (
            "double: shop_user_amount_count_1d * 2}\naliases: {twice: double}"
        )
    }

    assert told([revision.past("main")], revision.of(mode("FULL") | renaming)) == []


def test_alias_that_is_gone_then_is_a_column_that_is_gone(revision: Revisions) -> None:
    aliased = RENAMED | {(USER, "input: amount"): "input: cents\n    alias: amount"}

    today = revision.of(mode("FORWARD") | RENAMED | {(USER, "input: amount"): "input: cents"})

    assert [line.split(maxsplit=1)[1] for line in told([revision.past("main", aliased)], today)[:2]] == [
        "CHR-V060 `amount_count_1d` of main is gone",
        "CHR-V060 `amount_count_7d` of main is gone",
    ]


def test_feature_that_came_then_breaks_nobody(revision: Revisions) -> None:
    today = revision.of(mode("FULL_TRANSITIVE") | {(USER, "[1d, 7d]"): "[1d, 7d, 14d]"})

    assert told([revision.past("main")], today) == []


def test_derivation_of_another_type_then_is_told_where_it_is_written(revision: Revisions) -> None:
    today = revision.of(mode("FULL") | {(CHECKOUT, "amount_count_1d * 2"): "amount_count_1d / 2"})

    assert told([revision.past("main")], today) == [
        f"{CHECKOUT}:5:25 CHR-V062 `twice` was long in main and is double now"
    ]


def test_type_that_widens_then_is_told_only_to_old_readers_at_the_type(revision: Revisions) -> None:
    past, edit = revision.past("main"), {(ORDERS, "type: int"): "type: long"}

    backward = told([past], revision.of(mode("BACKWARD") | edit))
    forward = told([past], revision.of(mode("FORWARD") | edit))

    assert backward == []
    assert forward[-1] == f"{ORDERS}:7:20 CHR-V062 `amount` was int in main and is long now"


def test_key_of_another_name_then_breaks_both_sides_in_one_finding(revision: Revisions) -> None:
    edits = {(USER, "keys: [user]"): "select: {person: user, amount: amount}\nkeys: [person]"}
    joined = {(CHECKOUT, "parts: [user]"): "parts: [{group_by: user, keys: {user: person}}]"}

    found = evolution([revision.past("main")], *revision.of(mode("FULL") | edits | joined))

    assert [str(one.span) for one in found] == [f"{USER}:4:7"]
    assert found[0].message.endswith("new readers cannot read old data and old readers cannot read new data (FULL)")


def test_mode_of_an_object_then_stands_over_that_of_its_team(revision: Revisions) -> None:
    edits = {(USER, "[1d, 7d]"): "1d", (USER, "group_by: user"): "group_by: user\ncompatibility: NONE"}

    found = told([revision.past("main")], revision.of(mode("FORWARD") | edits))

    assert {line.split(":")[0] for line in found} == {CHECKOUT}


def test_mode_that_nobody_declared_then_makes_warnings(revision: Revisions) -> None:
    found = evolution([revision.past("main")], *revision.of({(USER, "[1d, 7d]"): "1d"}))

    assert {one.severity for one in found} == {Severity.WARNING}


def test_mode_that_is_transitive_then_looks_at_every_version(revision: Revisions) -> None:
    oldest, older = revision.past("v1", {(USER, "[1d, 7d]"): "[1d, 7d, 14d]"}), revision.past("v2")
    history = [older, oldest]

    assert told(history, revision.of(mode("FORWARD"))) == []
    assert told(history, revision.of(mode("FORWARD_TRANSITIVE")))[0].endswith("`amount_count_14d` of v1 is gone")


def test_object_that_is_gone_then_is_told_at_its_team_by_the_mode_that_it_had(revision: Revisions) -> None:
    gone = revision.of(gone=(CHECKOUT,))

    assert told([revision.past("main", mode("FORWARD"))], gone) == [
        f"{TEAM}:1:1 CHR-V065 join shop.checkout of main is gone"
    ]
    assert told([revision.past("main", mode("BACKWARD"))], gone) == []
    assert told([revision.past("main", mode("NONE"))], gone) == []


def test_version_beside_another_then_is_no_change_and_the_next_one_is_suggested(revision: Revisions) -> None:
    beside = BASE[USER].replace("group_by: user\n", "group_by: user\nversion: 2\n").replace("[1d, 7d]", "1d")
    second = {"teams/shop/group_bys/user@2.yaml": beside}
    join = {(CHECKOUT, "parts: [user]"): "parts: [user@1]"}

    assert told([revision.past("main")], revision.of(mode("FULL") | join, **second)) == []
    changed = revision.of(mode("FULL") | join | {(USER, "[1d, 7d]"): "1d"}, **second)
    found = evolution([revision.past("main")], *changed)
    assert {one.hint for one in found if one.span.path == USER} == {
        f"{bump(3)}; its readers (join shop.checkout) move when they like"
    }


def test_version_that_made_room_for_a_higher_one_then_is_retired(revision: Revisions) -> None:
    edits = {(USER, "group_by: user"): "group_by: user\nversion: 2", (USER, "[1d, 7d]"): "1d"}
    whole = {(CHECKOUT, "join: checkout"): "join: checkout\nversion: 2"}

    assert told([revision.past("main")], revision.of(mode("FULL") | edits | whole)) == []


BY_AMOUNT = {
    (USER, "keys: [user]"): "keys: [user, amount]",
    (CHECKOUT, "{user: user}"): "{user: user, amount: amount}",
}

OLD_FAIL = "old readers cannot read new data (FORWARD)"
BOTH_FAIL = "new readers cannot read old data and old readers cannot read new data (FULL)"
ALL_OF_USER = "`shop_user_amount_count_1d` and 4 more"


def test_key_that_came_then_is_told_at_the_group_by_and_at_the_features_asked_with_it(revision: Revisions) -> None:
    found = evolution([revision.past("main")], *revision.of(mode("FORWARD") | BY_AMOUNT))

    assert [f"{one.span} {one.code} {one.message}" for one in found] == [
        f"{USER}:3:7 CHR-V064 the keys are not those of main: `amount` int is new: {OLD_FAIL}",
        f"{CHECKOUT}:4:9 CHR-V064 the keys are not those of main: {ALL_OF_USER}: `amount` is new: {OLD_FAIL}",
    ]


def test_key_that_went_then_breaks_both_ways(revision: Revisions) -> None:
    found = evolution([revision.past("main", BY_AMOUNT)], *revision.of(mode("FULL") | dict([*BY_AMOUNT.items()][1:])))

    assert [one.message.partition(": ")[2] for one in found if one.code == "CHR-V064"] == [
        f"`amount` is gone: {BOTH_FAIL}",
        f"{ALL_OF_USER}: `amount` is gone: {BOTH_FAIL}",
    ]


def test_key_of_another_type_then_is_told_with_both(revision: Revisions) -> None:
    found = evolution([revision.past("main")], *revision.of(mode("FORWARD") | {(ORDERS, "user: string"): "user: long"}))

    assert "the keys are not those of main: `user` was string and is long" in {
        one.message.rpartition(": ")[0] for one in found
    }


def test_part_with_keys_of_its_own_then_breaks_nobody(revision: Revisions) -> None:
    amount = BASE[USER].replace("group_by: user", "group_by: amount").replace("[user]", "[amount]")
    edits = {
        (CHECKOUT, "{user: user}"): "{user: user, amount: amount}",
        (CHECKOUT, "parts: [user]"): "parts: [user, amount]",
    }
    today = revision.of(
        mode("FULL_TRANSITIVE") | edits,
        **{"teams/shop/group_bys/amount.yaml": amount.replace("input: amount", "input: at")},
    )

    assert told([revision.past("main")], today) == []


def test_derivation_that_reads_another_left_column_then_asks_for_more(revision: Revisions) -> None:
    reading = {
        (CHECKOUT, "{user: user}"): "{user: user, amount: amount}",
        (CHECKOUT, "amount_count_1d * 2"): "amount_count_1d * amount",
    }

    assert told([revision.past("main")], revision.of(mode("FORWARD") | reading)) == [
        f"{CHECKOUT}:5:25 CHR-V064 the keys are not those of main"
    ]


def test_rename_without_an_alias_then_the_alias_is_suggested_with_its_names(revision: Revisions) -> None:
    today = revision.of(mode("FORWARD") | RENAMED | {(USER, "input: amount"): "input: cents"})

    hints = [one.hint for one in evolution([revision.past("main")], *today) if one.span.path == USER]
    assert hints[0] == (
        "`cents_count_1d` is the same: keep the former name with `aliases: {amount_count_1d: cents_count_1d}`; or "
        f"{bump(2)}; its readers (join shop.checkout) move when they like"
    )
