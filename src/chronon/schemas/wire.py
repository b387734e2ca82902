"""The JSON form of the nouns: jobs for other processes, snapshots in state, plans in files, fingerprints.

Canonical: object keys sorted, no white space, tuples as arrays, members of a union told apart by `kind`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from chronon.model.dayset import DaySet
from chronon.model.definitions import Column, Feature, GroupBy, Join, Part
from chronon.model.errors import ChrononError
from chronon.model.jobs import DerivationJob, Job, StreamJob
from chronon.model.names import Kind, ObjectId, ObjectName
from chronon.model.plan import Gate, Plan, Step
from chronon.model.state import Snapshot
from chronon.model.time import Day
from chronon.model.types import DataType, Decimal, ListOf, MapOf, Scalar, StructOf, parse_type

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")


def to_json(noun: object, declared: Any = None) -> str:
    """Canonical JSON of a noun. declared: its static type when that is a union (`Job`)."""
    converter = _converter()
    return json.dumps(
        converter.unstructure(noun, declared or type(noun)), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def to_plain(noun: object, declared: Any = None) -> Any:
    """The same as dicts, lists and scalars, for a renderer that adds to it."""
    return _converter().unstructure(noun, declared or type(noun))


def from_json(text: str | bytes, declared: type[T]) -> T:
    """The noun that `to_json` wrote.

    Errors: CHR-S900 when the text is no JSON or not of that type.
    """
    try:
        return _converter().structure(json.loads(text), declared)
    except Exception as cause:
        message = f"stored text is not a {getattr(declared, '__name__', declared)}: {cause}"
        raise ChrononError("CHR-S900", message, "the file was written by another version or damaged") from cause


def definition_of(snapshot: Snapshot) -> GroupBy | Join:
    """What a snapshot is of. Errors: CHR-S900 when another version of chronon wrote it."""
    if snapshot.id.kind is Kind.JOIN:
        return from_json(snapshot.definition, Join)
    return from_json(snapshot.definition, GroupBy)


SELDOM: Mapping[type[Any], frozenset[str]] = {
    Column: frozenset({"optional", "aliases"}),
    Feature: frozenset({"aliases"}),
    GroupBy: frozenset({"warm_up"}),
    Part: frozenset({"ahead", "after"}),
    Join: frozenset({"lookups", "filled", "labels", "outcomes"}),
    DerivationJob: frozenset({"filled"}),
    StreamJob: frozenset({"start"}),
    Gate: frozenset({"owners"}),
    Step: frozenset({"estimate"}),
    Plan: frozenset({"upstream", "drift", "excluded", "streams", "corrected", "stale", "stale_uploads", "origin"}),
}
"""Fields that are left out where they say nothing: what is written without them stays the text that it was."""


@functools.cache
def _converter() -> Converter:
    from cattrs import Converter
    from cattrs.strategies import configure_tagged_union

    converter = Converter(forbid_extra_keys=True, unstruct_collection_overrides={})
    for union_member in (DataType, Scalar, Decimal, ListOf, MapOf, StructOf):
        converter.register_unstructure_hook(union_member, str)
        converter.register_structure_hook(union_member, _type)
    converter.register_unstructure_hook(DaySet, lambda days: [list(pair) for pair in days.ranges])
    converter.register_structure_hook(DaySet, lambda pairs, _: DaySet.of((Day(a), Day(b)) for a, b in pairs))
    converter.register_unstructure_hook(ObjectId, _id_text)
    converter.register_structure_hook(ObjectId, _id)
    converter.register_structure_hook(int | float, lambda number, _: number)
    converter.register_unstructure_hook_factory(SELDOM.__contains__, _leaving_out)
    configure_tagged_union(Job, converter, tag_name="kind", tag_generator=lambda cls: cls.__name__)
    return converter


def _leaving_out(noun: Any, converter: Converter) -> Callable[[Any], Any]:
    from cattrs.gen import make_dict_unstructure_fn, override

    seldom: dict[str, Any] = {name: override(omit_if_default=True) for name in SELDOM[noun]}
    return make_dict_unstructure_fn(noun, converter, **seldom)


def _type(text: Any, _: Any) -> DataType:
    parsed = parse_type(text)
    if parsed is None:
        raise ValueError(f"unknown type {text!r}")
    return parsed


def _id_text(identity: ObjectId) -> str:
    return f"{identity.kind}/{identity.name}@{identity.version}"


def _id(text: Any, _: Any) -> ObjectId:
    kind, _slash, reference = text.partition("/")
    name, _at, version = reference.partition("@")
    parsed = ObjectName.parse(name)
    if parsed is None:
        raise ValueError(f"unknown object {text!r}")
    return ObjectId(Kind(kind), parsed, int(version))


__all__ = ["from_json", "to_json", "to_plain"]
