"""How a served object is answered, compiled once from its metadata records: parts, derivations, order of outputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chronon.expressions import row_function
from chronon.model.definitions import Column, Join, Part, Selected, with_aliases
from chronon.model.errors import ChrononError
from chronon.model.names import ObjectId
from chronon.model.serving import ServedGroupBy
from chronon.model.time import Millis
from chronon.model.types import DataType, Scalar
from chronon.serving.contract import Request, ServedSchema, Status, Vector
from chronon.serving.inputs import converted
from chronon.serving.parts import Outcome, PartReader, part_reader

Types = tuple[tuple[str, DataType], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """A derived column. left: left columns that it reads. parts: positions of the parts that it reads.

    function: from a row by name to the value; None when a part that it reads has no definition here.
    """

    name: str
    left: tuple[str, ...]
    parts: tuple[int, ...]
    function: Callable[[Mapping[str, object]], object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything needed to answer for an object, and the records it was made from.

    records: key of a metadata record → its bytes when this was compiled. Other bytes there make it outdated.
    left:    left columns that a request may carry, with their types.
    """

    id: ObjectId
    records: Mapping[bytes, bytes | None]
    left: Mapping[str, DataType]
    parts: tuple[PartReader, ...]
    derivations: tuple[Derivation, ...]
    outputs: tuple[Column, ...]

    def vector(self, request: Request, at: Millis, outcomes: Sequence[Outcome]) -> Vector:
        """The answer to one request, from the outcomes of all parts."""
        row, wrong = self._carried(request)
        row["ts"] = at
        statuses: dict[str, Status] = {}
        details: dict[str, str] = {}
        for part, outcome in zip(self.parts, outcomes, strict=True):
            row.update(zip(part.columns, outcome.values or (None,) * len(part.columns), strict=True))
            _note(part.label, outcome, statuses, details)
        for derivation in self.derivations:
            derived = _derive(derivation, row, wrong, [outcomes[index] for index in derivation.parts])
            row[derivation.name] = derived.values[0] if derived.values else None
            for name in self._named((derivation.name,)):
                _note(name, derived, statuses, details)
        return Vector(values=self._ordered(row), statuses=statuses, details=details)

    def _carried(self, request: Request) -> tuple[dict[str, object], dict[str, str]]:
        """The left columns of a request in their types, and what is wrong with those that cannot be converted."""
        row: dict[str, object] = {}
        wrong: dict[str, str] = {}
        for name, of in self.left.items():
            if name in request.keys:
                row[name] = request.keys[name]
                try:
                    row[name] = converted(row[name], of)
                except ValueError as refused:
                    wrong[name] = f"`{name}`: {refused}"
        return row, wrong

    def _ordered(self, row: Mapping[str, object]) -> dict[str, object]:
        left = self.left
        return {
            name: row.get(column.name)
            for column in self.outputs
            if column.name in row or column.name not in left
            for name in (column.name, *column.aliases)
        }

    def schema(self) -> ServedSchema:
        """Names and types of what a request carries and what it gets."""
        keys = {name: of for part in self.parts for name, of in zip(part.keys, part.types, strict=True)}
        return ServedSchema(
            id=self.id,
            keys=tuple(Column(name=name, type=self.left.get(name, of)) for name, of in keys.items()),
            inputs=tuple(Column(name=name, type=of) for name, of in self.left.items() if name not in keys),
            outputs=with_aliases(self.outputs),
            parts={part.label: self._named(part.columns) for part in self.parts},
        )

    def _named(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The columns, under their former names too."""
        former = {column.name: column.aliases for column in self.outputs if column.aliases}
        return tuple(name for column in columns for name in (column, *former.get(column, ())))


def group_by_recipe(served: ServedGroupBy, records: Mapping[bytes, bytes | None]) -> Recipe:
    """How a group_by is answered by itself: its features as people read them, whatever the order in which they are stored."""
    group_by = served.group_by
    columns = tuple(feature.name for feature in group_by.features)
    return Recipe(
        id=group_by.id,
        records=records,
        left={},
        parts=(part_reader(served, label=group_by.id.name.prefix, columns=columns),),
        derivations=(),
        outputs=tuple(
            Column(name=feature.name, type=feature.type, aliases=feature.aliases)
            for feature in sorted(group_by.features, key=lambda feature: feature.rank)
        ),
    )


def join_recipe(
    join: Join, group_bys: Mapping[ObjectId, ServedGroupBy | Outcome], records: Mapping[bytes, bytes | None]
) -> Recipe:
    """How a join is answered. group_bys: every part's group_by, or why it cannot be read."""
    left = {column.name: column.type for column in join.left.selects}
    parts = tuple(_part(part, group_bys[part.group_by], left) for part in join.parts)
    types = {**left, "ts": Scalar.LONG, **_feature_types(parts)}
    return Recipe(
        id=join.id,
        records=records,
        left=left,
        parts=parts,
        derivations=tuple(_derivation(derived, left, parts, types) for derived in join.derivations),
        outputs=join.outputs,
    )


def _part(part: Part, served: ServedGroupBy | Outcome, left: Mapping[str, DataType]) -> PartReader:
    if isinstance(served, Outcome):
        types = tuple(left[name] for name in part.keys.values())
        return PartReader(label=part.prefix, columns=(), keys=tuple(part.keys.values()), types=types, fault=served)
    columns = tuple(part.column(feature.name) for feature in served.group_by.features)
    return part_reader(served, label=part.prefix, columns=columns, given=part.keys)


def _feature_types(parts: Sequence[PartReader]) -> dict[str, DataType]:
    return {
        name: feature.type
        for part in parts
        if part.served
        for name, feature in zip(part.columns, part.served.group_by.features, strict=True)
    }


def _derivation(
    derived: Selected, left: Mapping[str, DataType], parts: Sequence[PartReader], types: Mapping[str, DataType]
) -> Derivation:
    reads = frozenset(derived.reads)
    known = reads <= types.keys()
    return Derivation(
        name=derived.name,
        left=tuple(name for name in derived.reads if name in left),
        parts=tuple(
            index
            for index, part in enumerate(parts)
            if not reads.isdisjoint(part.columns) or (part.fault and not known)
        ),
        function=_compiled(derived.expression, tuple((name, types[name]) for name in derived.reads)) if known else None,
    )


@functools.lru_cache(maxsize=4096)
def _compiled(expression: str, types: Types) -> Callable[[Mapping[str, object]], object]:
    return row_function(expression, dict(types))


def _derive(
    derivation: Derivation, row: Mapping[str, object], wrong: Mapping[str, str], read: Sequence[Outcome]
) -> Outcome:
    """A derived value. Over a part whose nulls mean "not known" it is not known either; doubt about a part is passed on."""
    missing = [f"`{name}`" for name in derivation.left if name not in row]
    if missing:
        return Outcome(status=Status.MISSING_KEY, detail=f"the request lacks {', '.join(missing)}")
    if bad := [wrong[name] for name in derivation.left if name in wrong]:
        return Outcome(status=Status.BAD_KEY, detail="; ".join(bad))
    unknown = next((outcome for outcome in read if outcome.status.is_unknown), None)
    if unknown or derivation.function is None:
        return Outcome(
            status=unknown.status if unknown else Status.DERIVATION_FAILED, detail="reads a part without values"
        )
    try:
        value = derivation.function(row)
    except (ChrononError, ArithmeticError, TypeError, ValueError) as failed:
        return Outcome(status=Status.DERIVATION_FAILED, detail=f"the expression failed: {failed}")
    doubt = next((outcome for outcome in read if outcome.status in (Status.STALE, Status.HEAD_INEXACT)), None)
    return Outcome(values=(value,), status=doubt.status if doubt else Status.OK)


def _note(name: str, outcome: Outcome, statuses: dict[str, Status], details: dict[str, str]) -> None:
    if outcome.status is Status.OK:
        return
    statuses[name] = outcome.status
    if outcome.detail:
        details[name] = outcome.detail
