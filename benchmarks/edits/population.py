"""The population on which SQLMesh's plans were measured, as our definitions, and the same edits of it.

There: five incremental daily tables, source projection -> group -> two joins, one join -> chained group. Here a projection is the
`select` of a group_by and stored nowhere; `everything` stores all columns of the group, so that there is a table for it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

HISTORY = 1_056
"""Days that every table has."""

SOURCE = "teams/shop/sources/purchases.yaml"
GROUP = "teams/shop/group_bys/spend.yaml"
CHAINED = "teams/shop/group_bys/city.yaml"
EVERYTHING, CHECKOUT, REFUND, OUTLOOK = (
    f"teams/shop/joins/{name}.yaml" for name in ("everything", "checkout", "refund", "outlook")
)

Files = Mapping[str, str]
"""Path in the repository -> text."""

FILES: Files = {
    "chronon.yaml": "tables: data\ntargets:\n  local: {engine: local, home: home}\n",
    "teams/shop/team.yaml": "team: shop\nowners: [shop@example.com]\n",
    SOURCE: """source: purchases
events:
  table: shop.purchases
  time: paid_ms
  columns: {user: string, card: string, category: string, amount: double, n: long, paid_ms: long}
""",
    "teams/shop/sources/visits.yaml": """source: visits
events:
  table: shop.visits
  time: seen_ms
  columns: {user: string, seen_ms: long}
""",
    "teams/shop/sources/checkouts.yaml": """source: checkouts
events:
  table: shop.checkouts
  time: asked_ms
  columns: {user: string, city: string, asked_ms: long}
""",
    "teams/shop/sources/refunds.yaml": """source: refunds
events:
  table: shop.refunds
  time: asked_ms
  columns: {user: string, asked_ms: long}
""",
    GROUP: """group_by: spend
source: shop.purchases
select:
  user: user
  amount: amount
  n: n
  top: n
  kind: category
keys: [user]
aggregations:
  - input: amount
    operations: [sum]
    windows: [1d]
  - input: n
    operations: [sum]
    windows: [1d]
  - input: top
    operations: [max]
    windows: [1d]
  - input: kind
    operations: [unique_count]
    windows: [1d]
""",
    EVERYTHING: "join: everything\nleft: {source: visits, select: {user: user}}\nstart: START\nparts: [spend]\n",
    CHECKOUT: """join: checkout
left: {source: checkouts, select: {user: user, city: city}}
start: START
parts: [spend]
derivations:
  spent: shop_spend_amount_sum_1d
  bought: shop_spend_n_sum_1d
""",
    REFUND: """join: refund
left: {source: refunds, select: {user: user}}
start: START
parts: [spend]
derivations:
  most: shop_spend_top_max_1d
  bought: shop_spend_n_sum_1d
""",
    CHAINED: """group_by: city
sources:
  - join: checkout
    select: {city: city, spent: spent}
keys: [city]
aggregations:
  - input: spent
    operations: [average, max]
    windows: [2d]
""",
    OUTLOOK: "join: outlook\nleft: {source: checkouts, select: {city: city}}\nstart: START\nparts: [city]\n",
}
"""START: the first day of every join."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit.

    sqlmesh: the table-days that SQLMesh planned for it.  least: those of whole tables that have to be made.
    """

    name: str
    change: Callable[[Files], Files]
    sqlmesh: int
    least: int


def replaced(path: str, old: str, new: str) -> Callable[[Files], Files]:
    """One text of a file replaced by another."""

    def change(files: Files) -> Files:
        text = files[path]
        if text.count(old) != 1:
            raise ValueError(f"{old!r} stands {text.count(old)} times in {path}")
        return {**files, path: text.replace(old, new)}

    return change


def renamed(files: Files) -> Files:
    """The group under another name, its readers updated."""
    moved = {path: text.replace("spend", "outlay") for path, text in files.items() if path != GROUP}
    return {**moved, GROUP.replace("spend", "outlay"): files[GROUP].replace("spend", "outlay")}


def without(path: str) -> Callable[[Files], Files]:
    """A file removed."""
    return lambda files: {name: text for name, text in files.items() if name != path}


def same(files: Files) -> Files:
    """Nothing: windows are part of what a feature is, so there is no look-back to set for future runs only."""
    return files


KIND = "  - input: kind\n    operations: [unique_count]\n    windows: [1d]\n"

EDITS = (
    Edit(
        name="add a column to the group",
        change=replaced(GROUP, "input: n\n    operations: [sum]", "input: n\n    operations: [sum, min]"),
        sqlmesh=1 * HISTORY,
        least=1 * HISTORY,
    ),
    Edit(
        name="add a column to the source projection",
        change=replaced(GROUP, "  n: n\n", "  n: n\n  card: card\n"),
        sqlmesh=1 * HISTORY,
        least=1 * HISTORY,
    ),
    Edit(
        name="change a column that one join reads",
        change=replaced(GROUP, "top: n\n", "top: n + 1\n"),
        sqlmesh=4 * HISTORY,
        least=2 * HISTORY,
    ),
    Edit(name="drop a column nobody reads (group)", change=replaced(GROUP, KIND, ""), sqlmesh=4 * HISTORY, least=0),
    Edit(
        name="drop a column nobody reads (source)",
        change=replaced(SOURCE, "card: string, ", ""),
        sqlmesh=5 * HISTORY,
        least=0,
    ),
    Edit(
        name="rename a column nobody reads",
        change=replaced(GROUP, "  - input: kind\n", "  - input: kind\n    name: sort\n"),
        sqlmesh=5 * HISTORY,
        least=0,
    ),
    Edit(
        name="reorder columns",
        change=replaced(GROUP, "  user: user\n  amount: amount\n", "  amount: amount\n  user: user\n"),
        sqlmesh=4 * HISTORY,
        least=0,
    ),
    Edit(
        name="add a filter to the group",
        change=replaced(GROUP, "keys:", "where: [amount > 0]\nkeys:"),
        sqlmesh=4 * HISTORY,
        least=4 * HISTORY,
    ),
    Edit(
        name="change the key",
        change=replaced(GROUP, "user: user", "user: UPPER(user)"),
        sqlmesh=4 * HISTORY,
        least=4 * HISTORY,
    ),
    Edit(name="look-back 0 to 3, for future runs", change=same, sqlmesh=4 * HISTORY, least=0),
    Edit(name="rename the object, readers updated", change=renamed, sqlmesh=4 * HISTORY, least=0),
    Edit(
        name="`x * 1` inside a sum that one join does not read",
        change=replaced(GROUP, "amount: amount", "amount: amount * 1"),
        sqlmesh=4 * HISTORY,
        least=3 * HISTORY,
    ),
    Edit(name="start 31 days earlier", change=replaced(REFUND, "start: START", "start: EARLIER"), sqlmesh=31, least=31),
    Edit(name="start later", change=replaced(REFUND, "start: START", "start: LATER"), sqlmesh=0, least=0),
    Edit(name="comment", change=replaced(GROUP, "keys:", "# whose\nkeys:"), sqlmesh=0, least=0),
    Edit(name="white space", change=replaced(GROUP, "keys: [user]", "keys:   [ user ]"), sqlmesh=0, least=0),
    Edit(
        name="owner",
        change=replaced("teams/shop/team.yaml", "shop@example.com", "till@example.com"),
        sqlmesh=0,
        least=0,
    ),
    Edit(name="remove a leaf", change=without(OUTLOOK), sqlmesh=0, least=0),
)
