"""docs/reference.md is made of the descriptions in the schemas and the examples beside this test."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from schema_walk import Field, fields_of

from chronon.aggregations.registry import operations
from chronon.aggregations.signature import ANYTHING, DECIMAL, Signature
from chronon.model.types import DataType, Decimal, Scalar
from chronon.schemas.documents import NAMES, document_schema

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"
EXAMPLES = Path(__file__).parent / "examples"

HEAD = """# What can be written

A repository of definitions is a `chronon.yaml` and a folder per team:

```
chronon.yaml
teams/<team>/team.yaml
teams/<team>/sources/<name>.yaml
teams/<team>/group_bys/<name>.yaml
teams/<team>/joins/<name>.yaml
```

One object per file. The first field says the kind and the object's own name, which is the name of the file; with the folder
it is `team.name`. Files are YAML 1.2: `no` and `2013-01-01` are text; tags, two documents in a file and keys that stand
twice are refused. Where a list is expected, one value may stand for a list of it. Editors complete and check the files
with the JSON Schemas that `chronon init` and `chronon schema write` give them ([editors](cli.md#editors)); `chronon validate` tells everything
else ([findings](checks.md)). Expressions: [expressions.md](expressions.md). Chronon's own fields, and where they are here: [fields.md](fields.md).

This page is written by `make bless` from the schemas.
"""


TYPES = """
## Types

What a column is declared as, what its Parquet file may hold, and how a value looks in JSON: in the lines of a topic, in requests and
in replies. JSON takes every form of the third column and answers with the first. What cannot be taken without loss is refused.

| type | Parquet (Arrow) | JSON |
|---|---|---|
| `boolean` | boolean | `true` |
| `int` | integers of at most 32 bits | `7` |
| `long` | int64, uint32; a column of `int` | `7` |
| `float` | float, half float | `0.5` |
| `double` | double | `0.5`; NaN and infinities are answered as `null` |
| `string` | string | `"UA"` |
| `binary` | binary | base64: `"AP8="` |
| `date` | date | `"2013-02-27"`, or days since 1970: `15763` |
| `timestamp` | timestamp in s, ms or µs, or INT96 that holds whole µs; without a zone it is UTC | `"2013-02-27T14:05:00Z"`, with µs where there are some (`…00.000010Z`); with another offset; epoch milliseconds: `1361973900000` |
| `decimal(12,2)` | decimal of that scale with at most as many digits, 18 at most | `"12.50"`, or a number of at most 15 digits: `12.5` (a topic takes all 18) |
| `list<T>` | list of what T may be | `["UA", null]` |
| `map<string,T>` | map with string keys | `{"UA": 7}`; entries have no order |
| `struct<a:T,b:U>` | struct with these fields in this order | `{"a": 7, "b": null}`; a field that is left out is null, in requests an unknown one is refused |

Every type without parts can be a key of a group_by. In YAML's `{ }` a comma ends a value: `{price: "decimal(12,2)"}` needs the
quotes, `price: decimal(12,2)` on a line of its own does not.
"""

OPERATIONS = """Nulls, null elements of lists and null values of maps are never counted; where nothing is left, the value is null. One zero
and one NaN: `-0.0` counts as `0.0`; a feature that is no finite number is null, inside lists and maps it stays. A decimal
has at most 18 digits; a sum that does not fit its type is null.
"""

CONTAINERS = """
Lists and maps as inputs, here of `sum`; whatever an operation takes, it takes inside them too:

| input | aggregation | yields |
|---|---|---|
| `list<int>` | every element counts as a value of its row | `long` |
| `list<int>` | `elementwise: true`: every position for itself; the list ends with the last position that has a value | `list<long>` |
| `map<string,int>` | every key for itself | `map<string,long>` |
| `int` | `buckets: [origin]` | `map<string,long>` |
| `int` | `buckets: [[origin, carrier]]`: several at once | `map<string,map<string,long>>` |
| `map<string,int>` | `buckets: [origin]` | `map<string,map<string,long>>` |

`first`, `last`, `first_k` and `last_k` take a list, map or struct as one value; `count` counts a list of lists, maps or
structs as one.
"""


def render() -> str:
    return HEAD + "".join(_section(name) for name in NAMES) + TYPES + _operations()


def _operations() -> str:
    """Every operation with the types that it takes and yields."""
    rows = "".join(f"| `{one.signature.usage}` | {_types(one.signature)} |\n" for one in operations().values())
    return f"\n## Operations\n\n{OPERATIONS}\n| operation | takes → yields |\n|---|---|\n{rows}{CONTAINERS}"


def _types(signature: Signature) -> str:
    """Inputs that yield the same type stand together; `T` is the type of the input."""
    if signature.inputs == ANYTHING:
        yielded = str(signature.output(Scalar.BINARY))
        return f"T = any type → `{yielded.replace('binary', 'T')}`"
    outputs = {str(taken): str(signature.output(taken)) for family in signature.inputs for taken in (_example(family),)}
    for form in ("{}", "list<{}>"):
        if all(output == form.format(taken) for taken, output in outputs.items()):
            return f"T = {', '.join(outputs)} → `{form.format('T')}`"
    yields: dict[str, list[str]] = {}
    for taken, output in outputs.items():
        yields.setdefault(output, []).append(taken)
    return "; ".join(f"{', '.join(taken)} → `{output}`" for output, taken in yields.items())


def _example(family: str) -> DataType:
    """A type of a family; decimals are told by one of cents."""
    return Decimal(12, 2) if family == DECIMAL else Scalar(family)


def _section(name: str) -> str:
    schema = document_schema(name)
    example = (EXAMPLES / f"{name}.yaml").read_text()
    rows = "".join(_row(field) for field in fields_of(schema))
    intro = f"\n## {schema['title']}\n\n{schema['description']}\n\n```yaml\n{example}```\n"
    return f"{intro}\n| field | needed | | such as |\n|---|---|---|---|\n{rows}"


def _row(field: Field) -> str:
    """A line of a table; what can be chosen from is told with the field, its examples beside it."""
    text = field.schema.get("description", "").replace("|", "\\|")
    examples = ", ".join(f"`{_yaml(example)}`" for example in field.schema.get("examples", ()))
    return f"| `{field.path}` | {'yes' if field.is_needed else ''} | {text} | {examples} |\n"


def _yaml(value: Any) -> str:
    """A value as it stands in a line of YAML."""
    match value:
        case dict():
            return f"{{{', '.join(f'{_yaml(name)}: {_yaml(inner)}' for name, inner in value.items())}}}"
        case list():
            return f"[{', '.join(map(_yaml, value))}]"
        case bool():
            return str(value).lower()
        case "*":
            return '"*"'
        case _:
            return str(value)


def test_page_when_compared_with_the_schemas_then_is_up_to_date() -> None:
    if os.environ.get("CHRONON_BLESS"):
        PAGE.write_text(render())

    assert PAGE.read_text() == render()
