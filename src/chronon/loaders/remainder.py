"""What is left of a document when everything is taken out of it that does not fit its schema.

Nobody reads it in the document's place. It is there to be looked at for further mistakes, so that all are told in one run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from chronon.loaders.keywords import repeated, validator_of
from chronon.loaders.yaml import TEXT, Document
from chronon.model.diagnostics import Span
from chronon.model.specs import Path

if TYPE_CHECKING:
    from jsonschema import ValidationError

MAX_ROUNDS = 8
"""What is taken out may leave its surroundings without what they need: so often these are taken out too."""

MAX_TAKEN = 50
"""A document with more mistakes at once is meant to be something else."""

Places = Mapping[Path, Path]
"""Path of every value that is left → its path in the document."""


def remainder(document: Document, schema: str) -> Document | None:
    """The part of a document that fits the schema, each value with its place; None when nothing does."""
    taken: set[Path] = set()
    for _round in range(MAX_ROUNDS):
        places: dict[Path, Path] = {}
        data = _without(document.data, taken, (), (), places)
        errors = list(islice(validator_of(schema).iter_errors(data), MAX_TAKEN + 1))
        if not errors:
            return Document(path=document.path, data=data, spans=dict(_spans(document.spans, places)))
        wrong = {place for error in errors for place in _wrong(error, (), places)}
        if len(errors) > MAX_TAKEN or () in wrong:
            return None
        taken |= wrong
    return None


def _without(data: Any, taken: Collection[Path], old: Path, new: Path, places: dict[Path, Path]) -> Any:
    """The data that is left. old, new: its path before and after; each that is met goes into `places`."""
    places[new] = old
    if isinstance(data, dict):
        kept = [name for name in data if (*old, name) not in taken]
        return {name: _without(data[name], taken, (*old, name), (*new, name), places) for name in kept}
    if isinstance(data, list):
        left = [index for index in range(len(data)) if (*old, index) not in taken]
        return [
            _without(data[index], taken, (*old, index), (*new, number), places) for number, index in enumerate(left)
        ]
    return data


def _wrong(error: ValidationError, above: Path, places: Places) -> Iterator[Path]:
    """The places in the document of what must go for an error to go. above: path from which the error counts its own."""
    path: Path = (*above, *error.path)
    instance: Any = error.instance
    schema: Any = error.schema
    if error.validator == "additionalProperties" and isinstance(instance, dict):
        yield from ((*places[path], name) for name in instance if name not in schema["properties"])
    elif error.validator == "uniqueItems" and (second := repeated(instance)) is not None:
        yield (*places[path], second)
    elif error.validator == "anyOf" and (inner := _chosen(error)):
        for one in inner:
            yield from _wrong(one, path, places)
    elif places[path] and isinstance(instance, str) and (*path, instance) in places:
        yield (*places[path], instance)  # a key that may not be called so
    else:
        yield places[path]


def _chosen(error: ValidationError) -> list[ValidationError]:
    """What the form misses that the author chose of several: the one of the right type."""
    forms: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        forms.setdefault(inner.schema_path[0], []).append(inner)
    return next(
        (form for form in forms.values() if not any(not one.path and one.validator == "type" for one in form)), []
    )


def _spans(spans: Mapping[Path, Span], places: Places) -> Iterator[tuple[Path, Span]]:
    for new, old in places.items():
        written = [(new, old), ((*new, TEXT), (*old, TEXT))]
        if new and isinstance(new[-1], str):
            written.append(((*new[:-1], f"key:{new[-1]}"), (*old[:-1], f"key:{old[-1]}")))
        yield from ((path, spans[place]) for path, place in written if place in spans)
