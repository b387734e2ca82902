"""What can be read of a document that does not fit its schema.

Nobody reads it in the document's place. It is there to be looked at for further mistakes, so that all are told in one run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from chronon.loaders.keywords import repeated, validator_of
from chronon.loaders.nearest import VERY_NEAR, nearest
from chronon.loaders.other_names import snake_case
from chronon.loaders.value_hints import is_rest
from chronon.loaders.yaml import TEXT, Document
from chronon.model.diagnostics import Span
from chronon.model.specs import Path

if TYPE_CHECKING:
    from jsonschema import ValidationError

MAX_ROUNDS = 8
"""What is taken out may leave its surroundings without what they need: so often these are taken out too."""

MAX_TAKEN = 50
"""A document with more mistakes at once is meant to be something else."""

STAND_INS: Mapping[str, Any] = {"keys": "unreadable", "input": "unreadable"}
"""Fields without which there is no object, and a value for them that says nothing: it has no place."""


def respelt(document: Document, schema: str) -> Document:
    """The document with every field that has a typing error in its name under the name that is meant."""
    draft = _Draft(document)
    for _round in range(MAX_ROUNDS):
        before = len(draft.names)
        for error in islice(validator_of(schema).iter_errors(draft.data), MAX_TAKEN):
            for path, one in _leaves(error, ()):
                draft.respell(path, one)
        if len(draft.names) == before:
            break
        draft.rebuild()
    return draft.document


def remainder(document: Document, schema: str, name: str) -> Document | None:
    """The part of a document that fits the schema, each value with its place; None when nothing does.

    name: of the object that its file should declare.
    """
    draft = _Draft(document, {schema: name, **STAND_INS})
    for _round in range(MAX_ROUNDS):
        errors = list(islice(validator_of(schema).iter_errors(draft.data), MAX_TAKEN + 1))
        if not errors:
            return draft.document
        if len(errors) > MAX_TAKEN:
            return None
        for error in errors:
            for path, one in _leaves(error, ()):
                draft.take(path, one)
        if draft.names.get(()) is Taken:
            return None
        draft.rebuild()
    return None


class Taken:
    """In place of a name: what stands under it is taken out."""


@dataclass(slots=True)
class _Draft:
    """A document that is changed, and where everything in it comes from.

    stand_ins: field → a value for it where it is missing.  names: path in the document → its name here.
    added: path of a mapping in the document → the stand-ins in it.  places: path here → path in the document.
    """

    original: Document
    stand_ins: Mapping[str, Any] = field(default_factory=dict)
    names: dict[Path, str | type[Taken]] = field(default_factory=dict)
    added: dict[Path, set[str]] = field(default_factory=dict)
    places: dict[Path, Path] = field(default_factory=dict)
    data: Any = None

    def __post_init__(self) -> None:
        self.rebuild()

    @property
    def document(self) -> Document:
        """The document as it is now."""
        return Document(path=self.original.path, data=self.data, spans=dict(self._spans()))

    def rebuild(self) -> None:
        """Do to the data what was asked for."""
        self.places.clear()
        self.data = self._without(self.original.data, (), ())

    def respell(self, path: Path, error: ValidationError) -> None:
        """Ask for the names that are meant by the unknown fields of an error."""
        if not _is_of_unknown_fields(error):
            return
        known, instance = _properties(error), _mapping(error)
        for name in instance:
            meant = None if name in known else nearest(snake_case(name), known.keys() - instance, VERY_NEAR)
            if meant:
                self.names[(*self.places[path], name)] = meant

    def take(self, path: Path, error: ValidationError) -> None:
        """Ask for an error to go: with what is wrong, or with a stand-in for what is missing."""
        instance: Any = error.instance
        place = self.places.get(path)
        if place is None:  # not even the stand-in fits
            self.names[()] = Taken
            return
        if _is_of_unknown_fields(error):
            wrong = [name for name in instance if name not in _properties(error)]
        elif error.validator == "required" and not _missing(error) - self.stand_ins.keys():
            self.added.setdefault(place, set()).update(_missing(error))
            return
        elif error.validator == "uniqueItems":
            wrong = [repeated(instance) or 0]
        elif isinstance(instance, str) and (*path, instance) in self.places:
            wrong = self._refused(path, instance)
        else:
            self.names[place] = Taken
            return
        self.names.update({self.places.get((*path, one), (*place, one)): Taken for one in wrong})

    def _refused(self, path: Path, key: str) -> list[str]:
        """A key that may not be called so; with the one before it, whose value a comma has cut off there."""
        mapping: Any = self.data
        for step in path:
            mapping = mapping[step]
        names = list(mapping)
        before = names[max(0, names.index(key) - 1)]
        return [before, key] if is_rest(key) else [key]

    def _without(self, data: Any, old: Path, new: Path) -> Any:
        """The data under a path of the document, which is another one here."""
        self.places[new] = old
        if isinstance(data, dict):
            named = {name: self.names.get((*old, name), name) for name in data}
            kept = {name: here for name, here in named.items() if isinstance(here, str)}
            made = {here: self._without(data[name], (*old, name), (*new, here)) for name, here in kept.items()}
            return made | {name: self.stand_ins[name] for name in self.added.get(old, ()) if name not in made}
        if isinstance(data, list):
            left = [index for index in range(len(data)) if (*old, index) not in self.names]
            return [self._without(data[index], (*old, index), (*new, here)) for here, index in enumerate(left)]
        return data

    def _spans(self) -> Iterator[tuple[Path, Span]]:
        spans = self.original.spans
        for new, old in self.places.items():
            written = [(new, old), ((*new, TEXT), (*old, TEXT))]
            if new and isinstance(new[-1], str):
                written.append(((*new[:-1], f"key:{new[-1]}"), (*old[:-1], f"key:{old[-1]}")))
            yield from ((path, spans[place]) for path, place in written if place in spans)


def _leaves(error: ValidationError, above: Path) -> Iterator[tuple[Path, ValidationError]]:
    """The errors behind one, with their paths: of several forms, what the one misses that the author chose.

    above: the path from which the error counts its own.
    """
    path: Path = (*above, *error.path)
    inner = _chosen(error) if error.validator == "anyOf" else []
    for one in inner:
        yield from _leaves(one, path)
    if not inner:
        yield path, error


def _chosen(error: ValidationError) -> list[ValidationError]:
    """What the form misses that has the right type; nothing when none has."""
    forms: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        forms.setdefault(inner.schema_path[0], []).append(inner)
    fitting = (form for form in forms.values() if not any(not one.path and one.validator == "type" for one in form))
    return next(fitting, [])


def _is_of_unknown_fields(error: ValidationError) -> bool:
    return error.validator == "additionalProperties"


def _properties(error: ValidationError) -> Mapping[str, Any]:
    schema: Any = error.schema
    properties: Mapping[str, Any] = schema.get("properties", {})
    return properties


def _mapping(error: ValidationError) -> Mapping[str, Any]:
    instance: Any = error.instance
    mapping: Mapping[str, Any] = instance
    return mapping


def _missing(error: ValidationError) -> set[str]:
    demand: Any = error.validator_value
    return set(demand) - set(_mapping(error))
