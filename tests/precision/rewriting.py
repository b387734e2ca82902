"""Rewrites of definitions that mean the same: order where there is none, defaults written out, other forms, equivalent SQL.

`cosmetic` makes any number of them at random. What it may do is listed here, rule by rule, from docs/reference.md and
docs/expressions.md; `otherwise` has rewrites that look like these and do change the meaning, to show that the test can fail.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from emitting import Writer

Document = dict[str, Any]

SETS = frozenset({"where", "aggregations", "operations", "windows", "buckets", "owners"})
"""Lists whose order means nothing. That of `keys`, `parts` and `alias` does."""

ORDERED = frozenset({"aliases"})
"""Mappings whose order means something: the newest former name comes first."""

_CONSTANT = r"-?[0-9]+(?:\.[0-9]+)?|'[^']*'"
_COMPARED = re.compile(rf"(\w+) (=|<>|<=|>=|<|>) ({_CONSTANT})")
_COMPUTED = re.compile(r"(\w+) ([+*]) ([0-9]+(?:\.[0-9]+)?)")
_IS_NOT_NULL = re.compile(r"(\w+) IS NOT NULL")
_CHOICE = re.compile(r"IF\(([^(),]+), ([^(),]+), ([^(),]+)\)")
_MIRROR = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\w+(?:\.\w+)?|<>|!=|<=|>=|\|\||\S")
_WORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "is",
        "null",
        "in",
        "between",
        "like",
        "case",
        "when",
        "then",
        "else",
        "end",
        "cast",
        "as",
        "if",
        "true",
        "false",
        "coalesce",
        "nullif",
        "lower",
        "upper",
        "abs",
    ]
)
_FUNCTIONS = frozenset({"if", "cast", "coalesce", "nullif", "lower", "upper", "abs"})


def cosmetic(text_of: Document, kind: str, chance: random.Random) -> str:
    """A definition, written in another way."""
    data = deepcopy(text_of)
    _FORMS[kind](data, chance)
    return Writer(chance).document(_shuffled(data, chance, ""))


def written(data: Document) -> str:
    """A definition, written in one way."""
    return Writer(random.Random(0)).document(data)


def _shuffled(value: Any, chance: random.Random, field: str) -> Any:
    """The value with everything that has no order in another one."""
    match value:
        case dict():
            items = [(key, _shuffled(each, chance, key)) for key, each in value.items()]
            if field not in ORDERED:
                chance.shuffle(items)
            return dict(items)
        case list():
            items = [_shuffled(each, chance, "") for each in value]
            if field in SETS or (field == "sources" and len(items) > 1):
                chance.shuffle(items)
            return items
        case _:
            return value


def _maybe(chance: random.Random) -> bool:
    return chance.random() < 0.4


def _written_out(data: Document, chance: random.Random, **defaults: Any) -> None:
    for field, value in defaults.items():
        if field not in data and _maybe(chance):
            data[field] = value


def _one_or_many(data: Document, chance: random.Random, *fields: str) -> None:
    """A list of one is the one, and the other way round."""
    for field in fields:
        value = data.get(field)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and _maybe(chance):
            data[field] = value[0]
        elif isinstance(value, str) and _maybe(chance):
            data[field] = [value]


def _team(data: Document, chance: random.Random) -> None:
    _written_out(data, chance, version=1)
    _one_or_many(data, chance, "owners")


def _source(data: Document, chance: random.Random) -> None:
    _written_out(data, chance, version=1)
    body = data.get("events") or data["entities"]
    _written_out(body, chance, partition="ds")
    for table in (body, body.get("mutations", {})):
        for name, column in table.get("columns", {}).items():
            if isinstance(column, str) and _maybe(chance):
                table["columns"][name] = {"type": column}
            if isinstance(table["columns"][name], dict):
                _written_out(table["columns"][name], chance, optional=False)
        _respelled(table, chance, "time", "reversal")


def _group_by(data: Document, chance: random.Random) -> None:
    _written_out(data, chance, version=1, online=False)
    aggregations = data.get("aggregations", [])
    for query in data.get("sources", [data]):
        _query(query, chance)
        inputs = [*_several(data["keys"]), *(one["input"] for one in aggregations)]
        for name in inputs:
            if "select" in query and aggregations and name not in query["select"] and _maybe(chance):
                query["select"][name] = name
    for aggregation in aggregations:
        _written_out(aggregation, chance, windows="unbounded", elementwise=False)
        _one_or_many(aggregation, chance, "operations", "windows", "buckets")
    _one_or_many(data, chance, "keys")
    if "source" in data and _maybe(chance):
        inside = ("source", "select", "where", "time", "start", "end")
        data["sources"] = [{field: data.pop(field) for field in inside if field in data}]


def _join(data: Document, chance: random.Random) -> None:
    _written_out(data, chance, version=1, online=False)
    if isinstance(data["left"], str) and _maybe(chance):
        data["left"] = {"source": data["left"]}
    if isinstance(data["left"], dict):
        _query(data["left"], chance)
    for asked in ("parts", "labels"):
        if asked in data:
            data[asked] = [
                {"group_by": part} if isinstance(part, str) and _maybe(chance) else part for part in data[asked]
            ]
    for name in data.get("derivations", {}):
        if name != "*":
            _respelled(data["derivations"], chance, name)


def _query(query: Document, chance: random.Random) -> None:
    for name in query.get("select", {}):
        _respelled(query["select"], chance, name)
    _respelled(query, chance, "time")
    if "where" in query:
        conditions = [respelled(one, chance) for one in _several(query["where"])]
        if len(conditions) > 1 and _maybe(chance):
            conditions = [" AND ".join(f"({one})" for one in conditions)]
        if _maybe(chance):
            conditions.append(respelled(conditions[0], chance) + " ")
        query["where"] = list(dict.fromkeys(conditions))
        _one_or_many(query, chance, "where")


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_FORMS: dict[str, Callable[[Document, random.Random], None]] = {
    "team": _team,
    "source": _source,
    "group_by": _group_by,
    "join": _join,
}


def _respelled(data: Document, chance: random.Random, *fields: str) -> None:
    for field in fields:
        if field in data:
            data[field] = respelled(data[field], chance)


def respelled(sql: str, chance: random.Random) -> str:
    """An expression that means the same."""
    for rule in _RULES:
        if _maybe(chance):
            sql = rule(sql, chance)
    tokens = [_token(token, chance) for token in _TOKEN.findall(sql)]
    text = tokens[0]
    for before, after in itertools.pairwise(tokens):
        text += _between(before, after, chance) + after
    return f"({text})" if _maybe(chance) else text


def _token(token: str, chance: random.Random) -> str:
    if token.lower() in _WORDS:
        return chance.choice((token.lower(), token.upper(), token.capitalize()))
    return "!=" if token == "<>" and _maybe(chance) else token  # noqa: S105 - of SQL


def _between(before: str, after: str, chance: random.Random) -> str:
    """Space that may stand there: none only beside brackets and commas, one at least beside words."""
    if after == "(" and (before.lower() not in _WORDS or before.lower() in _FUNCTIONS):
        return ""
    is_tight = {before, after} & {"(", ")", ","} and not (before[-1:].isalnum() and after[:1].isalnum())
    return " " * chance.randint(0 if is_tight else 1, 2)


def _mirrored(sql: str, _chance: random.Random) -> str:
    found = _COMPARED.fullmatch(sql)
    return f"{found[3]} {_MIRROR[found[2]]} {found[1]}" if found else sql


def _negated(sql: str, _chance: random.Random) -> str:
    found = _COMPARED.fullmatch(sql)
    return f"NOT ({found[1]} {_OPPOSITE[found[2]]} {found[3]})" if found else sql


def _turned(sql: str, _chance: random.Random) -> str:
    found = _COMPUTED.fullmatch(sql)
    return f"{found[3]} {found[2]} {found[1]}" if found else sql


def _null(sql: str, _chance: random.Random) -> str:
    return _IS_NOT_NULL.sub(r"(NOT (\1 IS NULL))", sql)


def _cased(sql: str, _chance: random.Random) -> str:
    return _CHOICE.sub(r"(CASE WHEN \1 THEN \2 ELSE \3 END)", sql)


_RULES = (_mirrored, _negated, _turned, _null, _cased)


def otherwise(data: Document, chance: random.Random) -> Document | None:
    """The definition with one change that means something; None where it has nothing of the chosen kind."""
    changed = deepcopy(data)
    return changed if chance.choice(_CHANGES)(changed, chance) else None


def _other_window(data: Document, chance: random.Random) -> bool:
    found = [one for one in data.get("aggregations", []) if one.get("windows")]
    if not found:
        return False
    chance.choice(found)["windows"] = ["23d"]
    return True


def _other_filter(data: Document, _chance: random.Random) -> bool:
    conditions = data.get("where")
    if not conditions:
        return False
    data["where"] = [*_several(conditions)[1:], "TRUE = FALSE"]
    return True


def _other_expression(data: Document, chance: random.Random) -> bool:
    """An input counts its nulls as zeros."""
    selects, inputs = data.get("select", {}), [one["input"] for one in data.get("aggregations", [])]
    names = [name for name in selects if name in inputs and re.fullmatch(r"(amount|n|delay|arr_delay)", selects[name])]
    if not names:
        return False
    name = chance.choice(names)
    selects[name] = f"COALESCE({selects[name]}, 0)"
    return True


def _other_operation(data: Document, chance: random.Random) -> bool:
    found = data.get("aggregations", [])
    if not found:
        return False
    chance.choice(found)["operations"] = ["first_k(7)"]
    return True


def _online_or_not(data: Document, _chance: random.Random) -> bool:
    if "join" not in data or "parts" not in data or not data.get("online"):
        return False
    data["online"] = False
    return True


def _other_part(data: Document, _chance: random.Random) -> bool:
    if len(data.get("parts", [])) < 2:
        return False
    data["parts"] = data["parts"][:-1]
    return True


_CHANGES = (_other_window, _other_filter, _other_expression, _other_operation, _online_or_not, _other_part)
