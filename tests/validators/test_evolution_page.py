"""docs/evolution.md has the table of widenings and that of changes, both written from the code."""

from __future__ import annotations

import os
from pathlib import Path

from chronon.model.specs import Compatibility
from chronon.model.types import Scalar
from chronon.model.widening import TABLE
from chronon.validators.compatibility import SUMMARIES, Field, Schema, Version, broken

PAGE = Path(__file__).parents[2] / "docs" / "evolution.md"

HEAD = """# Changes of schemas

Columns of sources, features of group_bys and outputs of joins are read by somebody. A change is held against a mode: what it
must not break.

| mode | must hold |
|---|---|
| `BACKWARD` | new readers read old data: what is stored keeps its worth |
| `FORWARD` | old readers read new data: whoever trained on the columns goes on |
| `FULL` | both |
| `BACKWARD_TRANSITIVE`, `FORWARD_TRANSITIVE`, `FULL_TRANSITIVE` | the same against every earlier version, not only the one before |
| `NONE` | nothing |

## Who reads what

* Of a **source** the data are its table's files and its topic's lines, the readers are the group_bys and joins.
* Of a **group_by** and a **join** the data are training rows and replies, the readers are models. A new definition finds what older data
  lack computed or null, so adding a feature breaks nobody; a model needs every feature that it was trained on.

A reader asks for each of its columns by name, then by its aliases. What is there must be of the reader's type or widen to it.
What is not there is null where the column is optional; else the reader fails. Keys of a group_by must be the same names and types in the same
order; a column of a join must be asked with the same left columns: the keys of its part, or what a derivation reads. A new part may have keys of its own.

## How to declare it, how to check it

`compatibility: FORWARD` in a source, group_by or join, or in a `team.yaml` for all objects of the team that do not say. The mode that is
written today counts; of an object that is gone, the one that it had. Where nobody has written one, what would break `FULL` is a warning.

```console
$ chronon validate --against main
$ chronon validate --against deployed --env prod
```

The first compares with a git revision, read from git's objects (no file is checked out); the transitive modes look at every commit
before it that changed the repository. The second compares with what an environment serves, the transitive modes with everything that
was ever recorded; of a source the state knows only the columns that something reads.

Each finding stands at the line of today's file that makes the column; of a column that is gone, where it would stand. Exit code 1
when a declared mode is broken. Objects are compared version by version: a change that breaks a reader is another version in a file beside
(`carrier@2.yaml`, `version: 2`), and a version may go once there is a higher one. The hint of each finding says so with the files' names, names the joins and
group_bys that read the object, and where a column only has another name, the alias that breaks nobody. `chronon plan` says the same.

## Columns that were renamed, came or grew wider

```yaml
  columns:
    carrier: {type: string, alias: carrier_code}   # or [code, carrier_code], the newest first
    gate: {type: string, optional: true}
    seats: long                                    # was int
```

Files and lines of any age are read as this declares it, each by what it holds: `carrier` where it is there, else `carrier_code`; `gate`
or null; `seats` as the long that it is. That holds for Parquet on the local engine and Spark and for the topic: numbers and bits are those of
data that were always so (tests/runners/test_evolved_tables.py). A rename with an alias is no new meaning: the plan says `CHR-P118`
and computes nothing. Another type is one: columns that read it are computed anew.

## Features that were renamed

```yaml
aggregations:
  - input: late                  # was delay
    alias: delay                 # or [lateness, delay], the newest first
    operations: [count, average]
    windows: [1d, 7d]
aliases: {mean: late_average_7d} # former name: present name; in a group_by or a join
```

`late_count_1d` is readable as `delay_count_1d` too: in joins under the part's prefix, in training rows and in replies, as the same number. A group_by's
aliases hold in every join that has it; a join's own `aliases` are for derivations, for a part with another prefix, and for a group_by with another name.
Nothing is computed: the plan says `CHR-P130`. Whoever reads a former name in a derivation or behind a join gets the warning `CHR-V142` with the present name.
The alias stays until its line is removed, which breaks those who still read it (`CHR-V060`) and is planned as a removal of columns. Keys and left columns
have no aliases. Where only the input has another name, `name: delay` in the aggregation keeps the names of its columns, and no alias is needed.

## Removing what is read

```yaml
# a source, group_by or join
deprecated: {until: 2027-01-31, use: airlines.carrier@2, reason: counts cancelled flights too}

# a column of a source
  columns:
    landing_delay: {type: long, deprecated: {use: arr_delay}}

# an aggregation of a group_by
aggregations:
  - input: delay
    operations: average
    deprecated: 2027-01-31

# a derivation of a join
derivations:
  is_late: {expression: airlines_carrier_delay_average_7d > 15, deprecated: {reason: nobody asks for it}}
```

`until` is the last day (UTC) on which it may be read, `use` what to read in its place, `reason` why; a day alone stands for `until`. `use` must exist (`CHR-V114`):
of an object another one of its kind, else another column of the source, feature of the group_by or column of the join. Until that day every reader gets
the warning `CHR-V112` at the place where it reads, with what to read instead; from the next day on it is the error `CHR-V113`, which stops plans, and `CHR-V115` reminds the
owners that the thing is still there. Who goes no later than what it reads is told nothing. Readers are references to an object, and expressions, keys, inputs and buckets
that name a column; a join that only hands a feature on is none. It is metadata: nothing is computed, the plan says `CHR-P117`, and `chronon show` tells it.

## Two versions side by side

A change that breaks readers is another version in a file beside, `carrier@2.yaml` with `version: 2`; readers move when they like. Both may
stand in one join, the new one with a prefix of its own, so that no name changes when the old one goes:

```yaml
parts:
  - airlines.carrier@1                                # airlines_carrier_delay_average_7d, as it was
  - {group_by: airlines.carrier@2, prefix: v2}        # v2_airlines_carrier_delay_average_7d
```

```console
$ chronon apply
$ chronon compare airlines.carrier@1 airlines.carrier@2
```

`chronon compare` reads the training rows of both and tells for every column of one name how many rows are equal to the last bit, how many
differ, on which side they are null, the largest difference (absolute, and relative to the greater value), and some rows with keys and moment. Two joins are
compared on the rows that have the same moment and the same left columns that features and derivations are asked with; one name in two
environments with `--env A --env B`; one part of a join is `JOIN:PREFIX`. A column of another type, asked with other keys, or on one side only is listed as not
compared, days that one side lacks as not computed. Exit code 0 when every value of the common rows is equal, 1 when one differs or no row is common.

This page is written by `make bless` from the code; tests/validators/test_compatibility.py holds the code against a
simulated writer and reader.
"""


def _asked(*columns: str, more: tuple[str, ...] = ()) -> Schema:
    """A join whose `x` is asked with some left columns; more: those that another column is asked with."""
    fields = (Field(name="x", type=Scalar.INT, asked=columns),)
    return Schema(fields=(*fields, Field(name="y", type=Scalar.INT, asked=more)) if more else fields, fills=True)


X = Field(name="x", type=Scalar.INT)
Y = Field(name="y", type=Scalar.INT)
CHANGES: tuple[tuple[str, Schema, Schema], ...] = (
    ("source: column added", Schema(fields=()), Schema(fields=(X,))),
    (
        "source: optional column added",
        Schema(fields=()),
        Schema(fields=(Field(name="x", type=Scalar.INT, optional=True),)),
    ),
    ("source: column removed", Schema(fields=(X,)), Schema(fields=())),
    (
        "source: optional column removed",
        Schema(fields=(Field(name="x", type=Scalar.INT, optional=True),)),
        Schema(fields=()),
    ),
    (
        "column becomes optional",
        Schema(fields=(X,)),
        Schema(fields=(Field(name="x", type=Scalar.INT, optional=True),)),
    ),
    (
        "optional column becomes needed",
        Schema(fields=(Field(name="x", type=Scalar.INT, optional=True),)),
        Schema(fields=(X,)),
    ),
    (
        "column renamed, with the old name as alias",
        Schema(fields=(X,)),
        Schema(fields=(Field(name="y", type=Scalar.INT, aliases=("x",)),)),
    ),
    ("column renamed without", Schema(fields=(X,)), Schema(fields=(Field(name="y", type=Scalar.INT),))),
    ("type widened: `int` → `long`", Schema(fields=(X,)), Schema(fields=(Field(name="x", type=Scalar.LONG),))),
    ("type narrowed: `long` → `int`", Schema(fields=(Field(name="x", type=Scalar.LONG),)), Schema(fields=(X,))),
    ("another type: `int` → `string`", Schema(fields=(X,)), Schema(fields=(Field(name="x", type=Scalar.STRING),))),
    ("feature added", Schema(fields=(), fills=True), Schema(fields=(X,), fills=True)),
    (
        "feature or derivation renamed, with the former name as alias",
        Schema(fields=(X,), fills=True),
        Schema(fields=(Y, X), fills=True),
    ),
    ("feature or derivation renamed without", Schema(fields=(X,), fills=True), Schema(fields=(Y,), fills=True)),
    ("feature removed", Schema(fields=(X,), fills=True), Schema(fields=(), fills=True)),
    (
        "key with another name or type",
        Schema(fields=(X,), keys=(("id", Scalar.INT),), fills=True),
        Schema(fields=(X,), keys=(("id", Scalar.LONG),), fills=True),
    ),
    ("join: column asked with other left columns", _asked("id"), _asked("id", "kind")),
    ("join: part with keys of its own", _asked("id"), _asked("id", more=("kind",))),
)
MODES = (Compatibility.BACKWARD, Compatibility.FORWARD, Compatibility.FULL)


def render() -> str:
    widenings = [f"| `{rule.old}` | `{rule.new}` | {'yes' if rule.is_exact else 'no'} | {rule.why} |" for rule in TABLE]
    changes = [f"| {text} | {' | '.join(_verdict(old, new, mode) for mode in MODES)} |" for text, old, new in CHANGES]
    codes = [f"| {reason} | {summary} |" for reason, summary in SUMMARIES.items()]
    return "\n".join(
        (
            HEAD,
            "## What a change breaks\n",
            "| change | BACKWARD | FORWARD | FULL |",
            "|---|---|---|---|",
            *changes,
            "",
            "## Widenings\n",
            "A type widens to another where every value is exactly the same value in it: in Parquet, in the JSON of topics and in replies.",
            "Every type widens to itself, and no pair that is not here widens.\n",
            "| from | to | widens | because |",
            "|---|---|---|---|",
            *widenings,
            "",
            "## Findings\n",
            "| code | finding |",
            "|---|---|",
            *codes,
            "",
        )
    )


def _verdict(old: Schema, new: Schema, mode: Compatibility) -> str:
    found = broken([Version(label="before", schema=old)], new, mode)
    return ", ".join(dict.fromkeys(each.reason.value for each in found)) or "holds"


def test_page_when_compared_with_the_code_then_is_up_to_date() -> None:
    if os.environ.get("CHRONON_BLESS"):
        PAGE.write_text(render())

    assert PAGE.read_text() == render()
