"""A document against its JSON Schema: every violation as a finding at the exact key or value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from chronon.loaders import codes
from chronon.loaders.homes import home_hint, inside_of
from chronon.loaders.keywords import repeated, validator_of
from chronon.loaders.nearest import VERY_NEAR, nearest, suggestion
from chronon.loaders.other_names import named_here, snake_case
from chronon.loaders.value_hints import form_hint, is_rest, type_wrong_hint
from chronon.loaders.yaml import Document
from chronon.model.diagnostics import Diagnostic, in_order
from chronon.model.specs import Path

MAX_TOLD = 200
MAX_UNKNOWN = 100
"""Mistakes of one file, and unknown fields of one mapping, that are told one by one, each with its hint."""

_BOUNDS = {
    "minItems": "an empty list",
    "minProperties": "an empty mapping",
    "minLength": "an empty text",
    "minimum": "a number that is too small",
}


def violations(document: Document, schema: str) -> tuple[Diagnostic, ...]:
    """Everything in which a document differs from the schema of that name, in the order of places."""
    mistakes = islice(validator_of(schema).iter_errors(document.data), MAX_TOLD + 1)
    errors = [_violation(error, ()) for error in mistakes]
    errors.sort(key=lambda error: document.span(*error.path))
    told = list(_told_once(errors[:MAX_TOLD], frozenset(_refused_keys(document, errors))))
    misspelt = {path: names for error in told for path, names in _misspelt(error, schema)}
    found = in_order(finding for error in told for finding in _explain(_Case(document, schema, misspelt), error))
    if len(errors) <= MAX_TOLD or not found:
        return found
    message = f"this file has more than {MAX_TOLD} mistakes"
    rest = Diagnostic(code=found[-1].code, span=found[-1].span, message=message, hint="repair these first")
    return (*found, rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Violation:
    """One rule that does not hold.

    path:   of the instance, in the document.  rule, demand: keyword of the schema and its value.
    schema: the object of the schema in which the keyword stands.
    inner:  for `anyOf`, what each form misses, by its number.
    """

    path: Path
    rule: str
    demand: Any
    schema: Mapping[str, Any]
    instance: Any
    inner: Mapping[int, tuple[_Violation, ...]]

    @property
    def expected(self) -> str:
        """What the schema demands, in words; empty where it does not say."""
        return str(self.schema.get("x-expected", ""))


def _violation(error: Any, above: Path) -> _Violation:
    """The library's error. above: path from which the error counts its own."""
    path = (*above, *error.path)
    forms: dict[int, tuple[_Violation, ...]] = {}
    for inner in error.context or ():
        number = inner.schema_path[0]
        forms[number] = (*forms.get(number, ()), _violation(inner, path))
    return _Violation(
        path=path,
        rule=error.validator,
        demand=error.validator_value,
        schema=error.schema,
        instance=error.instance,
        inner=forms,
    )


def _refused_keys(document: Document, errors: Iterable[_Violation]) -> Iterator[Path]:
    """The places of keys that may not be called so."""
    for error in errors:
        if isinstance(error.instance, str) and error.instance not in _at(document.data, error.path):
            yield (*error.path, error.instance)
        yield from _refused_keys(document, chain.from_iterable(error.inner.values()))


def _told_once(errors: Iterable[_Violation], refused: Collection[Path]) -> Iterator[_Violation]:
    """The errors without those of values that a comma has cut off: these are told at their keys, if such keys are refused."""
    for error in errors:
        if error.instance is not None or error.path not in refused or not is_rest(str(error.path[-1])):
            inner = {number: tuple(_told_once(inners, refused)) for number, inners in error.inner.items()}
            yield replace(error, inner=inner)


Misspelt = Mapping[Path, frozenset[str]]
"""Mapping of the document → the missing fields that its unknown ones stand for: missing them is no second mistake."""


def _misspelt(error: _Violation, kind: str) -> Iterator[tuple[Path, frozenset[str]]]:
    if error.rule == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = list(islice((name for name in error.instance if name not in known), MAX_UNKNOWN))
        meant = {_meant(name, error) for name in unknown}
        yield error.path, frozenset(name for name in meant if name and name not in error.instance)
        homes = {name: inside_of(kind, name, error.instance) for name in unknown}
        for home in dict.fromkeys(filter(None, homes.values())):
            yield (*error.path, home), frozenset(name for name in unknown if homes[name] == home)
    for inner in (inner for inners in error.inner.values() for inner in inners):
        yield from _misspelt(inner, kind)


@dataclass(frozen=True, slots=True)
class _Case:
    """What findings are about. kind: the name of the schema."""

    document: Document
    kind: str
    misspelt: Misspelt


def _meant(name: str, error: _Violation) -> str | None:
    """The field that an unknown one stands for.

    A missing one that must be there and is near, or any missing one that is very near, or what it is called elsewhere; else
    the only one that must be there, if nothing else is unknown; else any that is near.
    """
    known = set(error.schema.get("properties", ()))
    absent = known.difference(error.instance)
    needed = absent.intersection(_needed(error))
    own = snake_case(name)
    if meant := nearest(own, needed) or nearest(own, absent, VERY_NEAR) or named_here(own, known):
        return meant
    n_unknown = sum(1 for other in islice(error.instance, MAX_UNKNOWN) if other not in known)
    return needed.pop() if len(needed) == n_unknown == 1 else nearest(own, known)


def _needed(error: _Violation) -> Iterable[str]:
    required: Iterable[str] = error.schema.get("required", ())
    return required


def _explain(about: _Case, error: _Violation) -> Iterator[Diagnostic]:
    document, misspelt = about.document, about.misspelt
    match error.rule:
        case "anyOf":
            yield from _branch(about, error)
        case "additionalProperties":
            yield from _unknown_fields(about, error)
        case "required":
            yield from _missing_fields(document, error, misspelt)
        case "dependentRequired":
            yield from _lonely_fields(document, error)
        case "oneOf":
            yield from _wrong_choice(document, error, misspelt)
        case "pattern" if _is_rest_of_call(document, error):
            return  # told where the call begins
        case _:
            yield _about_value(document, error)


def _is_rest_of_call(document: Document, error: _Violation) -> bool:
    """Whether a text is what a comma has cut off from a call before it in the same list."""
    *above, index = error.path or (0,)
    if not isinstance(index, int) or index == 0 or not is_rest(str(error.instance)):
        return False
    (items,) = _at(document.data, tuple(above))
    before = "".join(map(str, items[:index]))
    return before.count("(") > before.count(")")


def _about_value(document: Document, error: _Violation) -> Diagnostic:
    path, expected = error.path, error.expected
    if isinstance(error.instance, str) and error.instance not in _at(document.data, path):
        path = (*path, f"key:{error.instance}")
    match error.rule:
        case "type":
            wanted = expected or _type_words(error.demand)
            message = f"expected {wanted}, found {_words(error.instance)}"
            return _finding(
                document, codes.WRONG_TYPE, path, message, type_wrong_hint(error.instance, error.demand, error.schema)
            )
        case "enum" | "const":
            allowed = [error.demand] if error.rule == "const" else error.demand
            message = f"{_words(error.instance)} is not allowed here"
            words = {str(word).lower(): str(word) for word in allowed}
            meant = words.get(_plain(error.instance).lower())
            near = f"did you mean `{meant}`?" if meant else suggestion(_plain(error.instance), map(str, allowed))
            hint = f"write {expected}" if expected else near
            return _finding(document, codes.NOT_ALLOWED, path, message, hint)
        case "maximum":
            message = f"{_words(error.instance)} is not allowed here"
            return _finding(document, codes.NOT_ALLOWED, path, message, f"at most {error.demand:,}")
        case "pattern" | "format":
            message = f"{_words(error.instance)} is not {expected}"
            hint = form_hint(str(error.instance), error.schema)
            if not hint and path[-1:] == ("deprecated",):
                hint = "a text is its reason: `deprecated: {reason: ...}`"
            return _finding(document, codes.MALFORMED, path, message, hint)
        case "uniqueItems":
            second = repeated(error.instance) or 0
            message = f"{_words(error.instance[second])} stands twice in this list"
            return _finding(document, codes.REPEATED, (*path, second), message, "keep one of them")
        case _:
            found = _BOUNDS[error.rule] if error.demand in (0, 1) else "too few values"
            least = "at least one" if error.demand in (0, 1) else f"at least {error.demand}"
            message = f"{found}: expected {expected or least}"
            return _finding(document, codes.EMPTY, path, message)


def _at(data: Any, path: Path) -> tuple[Any, ...]:
    """The value at a path, in a tuple: a violation whose instance differs from it is about a key."""
    for step in path:
        data = data[step]
    return (data,)


def _branch(about: _Case, error: _Violation) -> Iterator[Diagnostic]:
    """Of several allowed forms, the one that the author chose: its type is right, something inside is not."""
    for inners in error.inner.values():
        if not any(inner.rule == "type" and inner.path == error.path for inner in inners):
            for inner in inners:
                yield from _explain(about, inner)
            return
    message = f"expected {error.expected}, found {_words(error.instance)}"
    yield _finding(
        about.document,
        codes.WRONG_TYPE,
        error.path,
        message,
        type_wrong_hint(error.instance, error.demand, error.schema),
    )


def _unknown_fields(about: _Case, error: _Violation) -> Iterator[Diagnostic]:
    document = about.document
    known: Mapping[str, Any] = error.schema.get("properties", {})
    unknown = [name for name in error.instance if name not in known]
    for name in unknown[:MAX_UNKNOWN]:
        meant = _meant(name, error)
        elsewhere = home_hint(about.kind, name, error.instance)
        hint = f"did you mean `{meant}`?" if meant else elsewhere or suggestion(name, known)
        hint = "YAML 1.2 has no merge keys: write the fields out" if name == "<<" else hint
        yield _finding(document, codes.UNKNOWN_FIELD, (*error.path, f"key:{name}"), f"unknown field `{name}`", hint)
    if rest := unknown[MAX_UNKNOWN:]:
        message = f"unknown field `{rest[0]}`, and {len(rest) - 1:,} more"
        yield _finding(document, codes.UNKNOWN_FIELD, (*error.path, f"key:{rest[0]}"), message)


def _wrong_choice(document: Document, error: _Violation, misspelt: Misspelt) -> Iterator[Diagnostic]:
    """None or several of the fields of which one must be there; what is no mapping is told by its type."""
    fields = {name for choice in error.demand for name in choice["required"]}
    if isinstance(error.instance, dict) and not fields & misspelt.get(error.path, frozenset()):
        several = [name for name in error.instance if name in fields]
        path, hint = ((*error.path, f"key:{several[-1]}"), "remove one of them") if several else (error.path, "")
        yield _finding(document, codes.EXCLUSIVE, path, f"expected {error.expected}", hint)


def _missing_fields(document: Document, error: _Violation, misspelt: Misspelt) -> Iterator[Diagnostic]:
    for name in error.demand:
        if name not in error.instance and name not in misspelt.get(error.path, frozenset()):
            about = error.schema.get("properties", {}).get(name, {}).get("description", "")
            yield _finding(document, codes.MISSING_FIELD, error.path, f"`{name}` is missing", _first_sentence(about))


def _lonely_fields(document: Document, error: _Violation) -> Iterator[Diagnostic]:
    if "sources" not in error.instance:
        return  # then `source` itself is missing, which is told once
    for name, needed in error.demand.items():
        if name in error.instance and any(other not in error.instance for other in needed):
            message = f"`{name}` stands beside `{'`, `'.join(needed)}` only"
            yield _finding(
                document,
                codes.EXCLUSIVE,
                (*error.path, f"key:{name}"),
                message,
                f"move `{name}` into each entry of `sources`",
            )


def _finding(document: Document, code: str, path: Path, message: str, hint: str = "") -> Diagnostic:
    named = [str(step).removeprefix("key:") for step in path if isinstance(step, str)]
    is_about_key = bool(path) and str(path[-1]).startswith("key:")
    where = "" if is_about_key or not named else f"`{named[-1]}`: "
    return Diagnostic(code=code, span=document.span(*path), message=where + message, hint=hint)


def _type_words(types: str | list[str]) -> str:
    names = {"object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number"}
    names |= {"boolean": "true or false", "number": "a number"}
    return " or ".join(names[one] for one in ([types] if isinstance(types, str) else types))


def _words(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f"`{value if len(value) <= 60 else value[:57] + '...'}`"
        case _:
            return f"`{_plain(value)}`"


def _plain(value: bool | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _first_sentence(text: str) -> str:
    return text.split(". ", maxsplit=1)[0].rstrip(".") if text else ""
