"""A repository of any size whose definitions look like those that people write: every file different, none wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONFIG = "target: local\ntargets:\n  local: {engine: local, home: .chronon/local}\n"

OPERATIONS = (
    "[count, average, max]",
    "[sum, min, last]",
    "[last_k(5), approx_unique_count]",
    '["approx_percentile(0.5, 0.9)", variance]',
    "[count, first, histogram]",
)
WINDOWS = ("[3h, 1d, 7d, 30d]", "[1d, 7d]", "[1h, 12h, 14d]", "7d", "[30d, unbounded]")
PARTS = 8
"""How many group_bys a join has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """How many of each kind; one group_by in fifty reads a join, in chains of five objects.

    has_own_names: whether no two group_bys select columns of one name, so that they have little text in common.
    """

    sources: int = 200
    group_bys: int = 10_000
    joins: int = 1_250
    teams: int = 20
    has_own_names: bool = False
    hub: int = 0

    @classmethod
    def of(cls, group_bys: int, *, has_own_names: bool = False, hub: int = 0) -> Population:
        """The same mixture with that many group_bys. hub: how many of them read the first source."""
        sources = max(group_bys // 50, 4)
        return cls(sources=sources, group_bys=group_bys, joins=group_bys // 8, has_own_names=has_own_names, hub=hub)

    @property
    def definitions(self) -> int:
        """How many files with a definition there are."""
        return self.sources + self.group_bys + self.joins + self.teams

    def files(self) -> Iterator[tuple[str, str]]:
        """Path and text of every file."""
        yield "chronon.yaml", CONFIG
        for number in range(self.teams):
            yield f"teams/team_{number}/team.yaml", _team(number)
        for number in range(self.sources):
            yield f"teams/team_{number % self.teams}/sources/source_{number}.yaml", _source(number)
        for number in range(self.group_bys):
            yield f"teams/team_{number % self.teams}/group_bys/features_{number}.yaml", self._group_by(number)
        for number in range(self.joins):
            yield f"teams/team_{number % self.teams}/joins/training_{number}.yaml", self._join(number)

    def source(self, number: int) -> str:
        """The reference to a source."""
        return f"team_{number % self.sources % self.teams}.source_{number % self.sources}"

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of each source."""
        return tuple(f"payments.region_{number}" for number in range(self.sources))

    def reads(self, number: int) -> str:
        """What a group_by reads, by its own name: in each hundred, 0 a join of plain group_bys, and 50 one that has 0 among its parts."""
        if number % 50:
            return f"region_{self._source_of(number)}"
        return f"training_{number // 100 * 8 + number % 100 // 50}"

    def parts(self, number: int) -> list[str]:
        """The group_bys of a join, by their own names."""
        return [f"features_{part}" for part in self._parts(number)]

    def _source_of(self, number: int) -> int:
        """The first group_bys read the hub, when there is one."""
        return 0 if number < self.hub else number % self.sources

    def _parts(self, number: int) -> list[int]:
        chain, link = divmod(number, 8)
        parts = [each % self.group_bys for each in range(number * PARTS + 1, number * PARTS + PARTS + 1)]
        chosen = [part for part in parts if part % 50] + ([chain * 100] if link == 1 else [])
        return [part for part in chosen if part < self.group_bys]

    def _group_by(self, number: int) -> str:
        read = self.reads(number)
        if read.startswith("region"):
            return _plain(number, self.source(self._source_of(number)), self._own(number))
        return _chained(number, _name("training", self.teams, int(read.rpartition("_")[2])))

    def _own(self, number: int) -> str:
        """What stands behind the names that a group_by selects."""
        return f"_{number}" if self.has_own_names else ""

    def _join(self, number: int) -> str:
        parts = self._parts(number)
        names = [_name("features", self.teams, part) for part in parts]
        return _join(number, self.source(number), names, f"large{self._own(parts[0])}")


def _name(stem: str, teams: int, number: int) -> str:
    return f"team_{number % teams}.{stem}_{number}"


def write(population: Population, root: Path) -> None:
    """The files of a population in an empty folder."""
    for path, text in population.files():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _team(number: int) -> str:
    return f"team: team_{number}\ndescription: What team {number} computes\nowners: [team-{number}@example.com]\n"


def _source(number: int) -> str:
    return f"""\
source: source_{number}
description: Payments of region {number}
events:
  table: payments.region_{number}
  topic: file://payments.region_{number}
  time: paid_at
  columns:
    account: string
    merchant: string
    country: string
    amount: double
    fee: double
    items: long
    is_card: boolean
    paid_at: {{type: long, description: "epoch milliseconds, UTC"}}
    channel: string
"""


def _plain(number: int, source: str, own: str) -> str:
    return f"""\
# yaml-language-server: $schema=../../../schemas/group_by.schema.json
group_by: features_{number}
version: 1
description: What the accounts of {source} paid, variant {number}
source: {source}
select:
  account: account
  value{own}: amount - fee
  large{own}: "IF(amount > {number % 900 + 10}, 1, NULL)"
  kind{own}: "CASE WHEN is_card THEN 'card' ELSE channel END"
where:
  - amount IS NOT NULL
  - country <> 'X{number % 7}'
keys: [account]
online: true
aggregations:
  - input: value{own}
    operations: {OPERATIONS[number % 4]}
    windows: {WINDOWS[number % 5]}
  - input: large{own}
    operations: [count]
    windows: [1d, 7d, 30d]
  - input: value{own}
    operations: [average]
    windows: [7d]
    buckets: [country]
  - input: kind{own}
    operations: [unique_count, last]
    windows: {WINDOWS[number % 4]}
"""


def _chained(number: int, join: str) -> str:
    return f"""\
group_by: features_{number}
description: What lies behind {join}, variant {number}
sources:
  - join: {join}
    select: {{account: account, amount: amount}}
keys: [account]
accuracy: snapshot
online: true
aggregations:
  - input: amount
    operations: {OPERATIONS[number % 2]}
    windows: [1d, {number % 29 + 2}d]
"""


def _join(number: int, source: str, parts: list[str], large: str) -> str:
    first = f"{parts[0].replace('.', '_')}_{large}"
    listed = "\n".join(f"  - {part}" for part in parts)
    return f"""\
join: training_{number}
version: 1
description: Rows to train on, variant {number}
left:
  source: {source}
  select: {{account: account, amount: amount}}
online: true
parts:
{listed}
derivations:
  "*": "*"
  often_{number}: COALESCE({first}_count_7d, 0) / NULLIF({first}_count_30d, 0)
  above_{number}: amount - {first}_count_1d * 1.5
"""
