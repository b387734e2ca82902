"""What the two operands of a comparison mean: columns of live joins, by the name under which they are compared.

An operand is a join, a part of one (`JOIN:PREFIX`), or a group_by, which stands for the part that joins it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from chronon.model.definitions import Column, GroupBy, Join, Part, asked_with, with_aliases
from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId, parse_reference
from chronon.model.state import Environment, Snapshot
from chronon.model.types import DataType
from chronon.schemas.wire import from_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """One feature or derivation of a live join. asked: the left columns that it is asked with."""

    column: str
    type: DataType
    asked: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison. label: for people.  columns: name under which it is compared → what the join has."""

    label: str
    snapshot: Snapshot
    columns: Mapping[str, Trained]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """A join that is live in an environment, or a part of it; part None means all of the join."""

    environment: Environment
    snapshot: Snapshot
    part: Part | None = None

    @property
    def address(self) -> str:
        """The operand that means exactly this."""
        return f"{self.snapshot.id}:{self.part.prefix}" if self.part else str(self.snapshot.id)


def sides_of(left: str, right: str, environments: tuple[Environment, Environment]) -> tuple[Side, Side]:
    """Both sides. environments: where each operand is looked up.

    Errors: CHR-F060 an operand that is not live; CHR-F061 sides that no common rows could have; CHR-F064 an operand
    that may mean several things.
    """
    found = [_uses(operand, environment) for operand, environment in zip((left, right), environments, strict=True)]
    pairs = [(one, other) for one in found[0] for other in found[1] if _belong_together(one, other)]
    same = [(one, other) for one, other in pairs if one.snapshot.id == other.snapshot.id]
    pairs = same or pairs
    if not pairs:
        raise _apart(left, right, found[0][0], found[1][0])
    if len(pairs) > 1:
        named = "; ".join(f"{one.address} {other.address}" for one, other in pairs[:5])
        raise ChrononError("CHR-F064", f"{left} and {right} stand together more than once", f"say which: {named}")
    is_told = environments[0].name != environments[1].name
    one, other = (_side(use, is_told=is_told) for use in pairs[0])
    return one, other


def _belong_together(one: _Use, other: _Use) -> bool:
    """Whether it makes sense to hold two uses beside each other: joins any way, parts over the same left rows."""
    if one == other or (one.part is None) != (other.part is None):
        return False
    return one.part is None or one.snapshot.left == other.snapshot.left


def _apart(left: str, right: str, one: _Use, other: _Use) -> ChrononError:
    if one == other:
        return ChrononError(
            "CHR-F061", f"{left} and {right} are the same", "name another version, or two environments with --env"
        )
    if (one.part is None) != (other.part is None):
        message = f"of {left} and {right} one is a join, the other a part of joins"
        return ChrononError("CHR-F061", message, "compare two joins, or two group_bys")
    return ChrononError(
        "CHR-F061",
        f"{left} and {right} are joined to no common left rows: {one.address} and {other.address}",
        f"let {one.snapshot.id} have both as parts, one with a `prefix`, then `chronon apply`",
    )


def _uses(operand: str, environment: Environment) -> list[_Use]:
    """Everything that an operand may mean. Errors: CHR-F060, CHR-F064."""
    name, _colon, prefix = operand.partition(":")
    snapshot = _live(name, environment)
    if snapshot.id.kind is Kind.JOIN:
        return (
            [_part_use(snapshot, prefix, environment)] if prefix else [_Use(environment=environment, snapshot=snapshot)]
        )
    uses = [
        _Use(environment=environment, snapshot=join, part=part)
        for join in _joins(environment)
        for part in from_json(join.definition, Join).asked
        if part.group_by == snapshot.id
    ]
    if not uses:
        raise ChrononError(
            "CHR-F060",
            f"group_by {snapshot.id} is part of no join that is live in {environment.name}: it has no training rows",
            "add it to the `parts` of a join, beside the other version with a `prefix`, then `chronon apply`",
        )
    return uses


def _part_use(snapshot: Snapshot, prefix: str, environment: Environment) -> _Use:
    parts = from_json(snapshot.definition, Join).asked
    for part in parts:
        if part.prefix == prefix:
            return _Use(environment=environment, snapshot=snapshot, part=part)
    listed = ", ".join(f"{snapshot.id}:{part.prefix}" for part in parts)
    raise ChrononError("CHR-F060", f"join {snapshot.id} has no part with prefix {prefix!r}", f"its parts are {listed}")


def _live(name: str, environment: Environment) -> Snapshot:
    """The one live join or group_by of a name."""
    reference = parse_reference(name)
    live = environment.snapshots.values()
    found = [
        one for one in live if reference and one.id.name == reference[0] and reference[1] in (None, one.id.version)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(sorted(f"{one.id.name}@{one.id.version}" for one in found))
        raise ChrononError("CHR-F064", f"{name} is live in several versions", f"say which: {listed}")
    known = sorted(str(one.id) for one in live)
    nearest = get_close_matches(name, known, n=3) or known[:5]
    hint = f"live are for example {', '.join(nearest)}" if nearest else "nothing is live: `chronon apply` first"
    raise ChrononError("CHR-F060", f"no join or group_by {name} is live in environment {environment.name}", hint)


def _joins(environment: Environment) -> Iterator[Snapshot]:
    for identity in sorted(environment.snapshots):
        if identity.kind is Kind.JOIN:
            yield environment.snapshots[identity]


def _side(use: _Use, *, is_told: bool) -> Side:
    join = from_json(use.snapshot.definition, Join)
    group_bys = {part.group_by: _group_by(part.group_by, use.environment) for part in join.asked}
    asked = asked_with(join, group_bys)
    asked |= {old: asked[column.name] for column in join.columns for old in column.aliases}
    types = {column.name: column.type for column in with_aliases(join.columns)}
    names = _names(use, join, group_bys, sorted(asked.keys() & types.keys()))
    where = f" ({use.environment.name})" if is_told else ""
    whole = use.part.group_by if use.part else use.snapshot.id
    label = f"{whole.name}@{whole.version}" + (f" in {use.address}" if use.part else "")
    return Side(
        label=f"{label}{where}",
        snapshot=use.snapshot,
        columns={
            shown: Trained(column=column, type=types[column], asked=asked[column]) for shown, column in names.items()
        },
    )


def _names(use: _Use, join: Join, group_bys: Mapping[ObjectId, GroupBy], columns: Sequence[str]) -> dict[str, str]:
    """Name under which a column is compared → its name in the join: of a part, those of its group_by's features."""
    if use.part is None:
        ordered = [column.name for column in with_aliases(join.columns)]
        return {name: name for name in sorted(columns, key=ordered.index)}
    group_by = group_bys[use.part.group_by]
    features = [name for feature in group_by.features for name in (feature.name, *feature.aliases)]
    return {name: use.part.column(name) for name in features if use.part.column(name) in columns}


def _group_by(identity: ObjectId, environment: Environment) -> GroupBy:
    return from_json(environment.snapshots[identity].definition, GroupBy)
