"""Today's definitions against earlier ones: every change that breaks the mode of its object, at its place in today's files.

A source, group_by or join is compared with the same version of itself. A version that made room for a higher one is retired,
not broken. Where nobody declares a mode, what would break FULL is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chronon.model.definitions import Catalog
from chronon.model.diagnostics import Diagnostic, Severity, Span, in_order
from chronon.model.names import Kind, ObjectId
from chronon.model.specs import Compatibility, Header, Repository
from chronon.validators.bumping import Following, following_versions, next_version
from chronon.validators.compatibility import Direction, Field, Reason, Schema, Version, Violation, broken
from chronon.validators.places import place_of
from chronon.validators.published import Past, header_of, schemas_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mode:
    """What must hold for an object. is_declared: somebody has written it."""

    mode: Compatibility
    is_declared: bool


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a version beside an object needs to know: its number, and who reads the object."""

    following: Following
    readers: Sequence[ObjectId]


def evolution(history: Sequence[Past], repository: Repository, catalog: Catalog) -> tuple[Diagnostic, ...]:
    """Every finding. history: what today is held against first, then the versions before that, for transitive modes."""
    today = schemas_of(repository, catalog)
    readers, following = readers_of(catalog), following_versions(repository)
    found = [
        _told(violations, header_of(identity, repository), repository, _Beside(following, readers.get(identity, ())))
        for identity, schema in today.items()
        for violations in _by_column(_violations(history, identity, schema, repository))
    ]
    return in_order([*found, *_removed(history[0], today, repository)] if history else found)


def _by_column(found: Iterable[Violation]) -> Iterable[tuple[Violation, ...]]:
    """Violations in both directions for one reason and column are one finding."""
    grouped: dict[tuple[Reason, Field | None, Field | None, str], tuple[Violation, ...]] = {}
    for one in found:
        key = (one.reason, one.old, one.new, one.keys)
        grouped[key] = (*grouped.get(key, ()), one)
    return grouped.values()


def _violations(
    history: Sequence[Past], identity: ObjectId, schema: Schema, repository: Repository
) -> Iterator[Violation]:
    mode = _mode(header_of(identity, repository), repository).mode
    known = [past for past in history if identity in past.schemas]
    if not known or (known[0] is not history[0] and not mode.is_transitive):
        return
    versions = [Version(label=past.label, schema=past.schemas[identity]) for past in known]
    if known[0].is_partial and identity.kind is Kind.SOURCE:
        schema = _only_known(schema, versions)
    yield from broken(versions, schema, mode)


def _only_known(schema: Schema, versions: Sequence[Version]) -> Schema:
    """The columns that some version tells something about: of a deployed source only those that are read are recorded."""
    names = {field.name for version in versions for field in version.schema.fields}
    return replace(schema, fields=tuple(field for field in schema.fields if names & {field.name, *field.aliases}))


def _removed(past: Past, today: Mapping[ObjectId, Schema], repository: Repository) -> Iterator[Diagnostic]:
    versions = {(identity.kind, identity.name): identity.version for identity in sorted(today)}
    for identity in sorted(past.schemas.keys() - today.keys()):
        mode = _of_team(past.modes.get(identity), identity, repository)
        is_retired = versions.get((identity.kind, identity.name), 0) > identity.version
        if identity.kind is Kind.SOURCE or is_retired or not mode.mode.is_forward:
            continue
        team = repository.teams.get(identity.name.team)
        yield Diagnostic(
            code=Reason.REMOVED,
            span=team.header.span() if team else Span(past.paths.get(identity, "")),
            message=f"{identity.kind} {identity} of {past.label} is gone: {_broken([Direction.FORWARD], mode)}",
            hint="keep it, or write `compatibility: NONE` in it first and remove it after that",
            severity=_severity(mode),
        )


def readers_of(catalog: Catalog) -> dict[ObjectId, tuple[ObjectId, ...]]:
    """Object → the joins that have it as a part or label, and the group_bys that read its output."""
    pairs = [(part.group_by, identity) for identity, join in catalog.joins.items() for part in join.asked]
    pairs += [(rows.join, identity) for identity, one in catalog.group_bys.items() for rows in one.rows if rows.join]
    found: dict[ObjectId, tuple[ObjectId, ...]] = {}
    for read, reader in dict.fromkeys(pairs):
        found[read] = (*found.get(read, ()), reader)
    return found


def _told(violations: tuple[Violation, ...], header: Header, repository: Repository, beside: _Beside) -> Diagnostic:
    mode = _mode(header, repository)
    violation = violations[0]
    return Diagnostic(
        code=violation.reason,
        span=place_of(violation, header.id, repository),
        message=f"{_message(violation)}: {_broken([one.direction for one in violations], mode)}",
        hint=_hint(violation, header, beside),
        severity=_severity(mode),
    )


def _message(violation: Violation) -> str:
    old, new, label = violation.old, violation.new, violation.label
    match violation.reason:
        case Reason.MISSING if new is None:
            return f"`{_name(old)}` of {label} is gone"
        case Reason.MISSING:
            return f"`{_name(new)}` is not in {label}"
        case Reason.RENAMED:
            return f"`{_name(old)}` of {label} is `{_name(new)}` now"
        case Reason.RETYPED:
            return f"`{_name(new)}` was {_type(old)} in {label} and is {_type(new)} now"
        case Reason.OPTIONAL:
            turned = "is needed now" if violation.direction is Direction.BACKWARD else "may be missing now"
            return f"`{_name(new)}` of {label} {turned}"
        case _:
            return f"the keys are not those of {label}: {violation.keys}"


def _hint(violation: Violation, header: Header, beside: _Beside) -> str:
    """What to do: a source has one version, everything else can have another beside the one that is read."""
    if header.id.kind is Kind.SOURCE:
        return _HINTS[violation.reason]
    bump = next_version(header, beside.following, beside.readers)
    if violation.twin is None or violation.old is None:
        return bump
    alias = f"aliases: {{{violation.old.name}: {violation.twin.name}}}"
    return f"`{violation.twin.name}` is the same: keep the former name with `{alias}`; or {bump}"


_HINTS = {
    Reason.MISSING: "declare what may be missing as `optional: true`, a new name with the old one as `alias`",
    Reason.RENAMED: "keep writing the old column until its readers are gone",
    Reason.RETYPED: "write the column under another name, or in a type that widens (docs/evolution.md)",
    Reason.OPTIONAL: "keep it as it was, or add another column",
    Reason.KEYS: "a source has no keys",
}


def _broken(directions: Sequence[Direction], mode: _Mode) -> str:
    """Who fails, and by which promise."""
    promise = mode.mode if mode.is_declared else "no `compatibility` is declared"
    who = [_FAILS[direction] for direction in Direction if direction in directions]
    return f"{' and '.join(who)} ({promise})"


_FAILS = {
    Direction.BACKWARD: "new readers cannot read old data",
    Direction.FORWARD: "old readers cannot read new data",
}


def _mode(header: Header, repository: Repository) -> _Mode:
    return _of_team(header.compatibility, header.id, repository)


def _of_team(declared: Compatibility | None, identity: ObjectId, repository: Repository) -> _Mode:
    team = repository.teams.get(identity.name.team)
    found = declared or (team.header.compatibility if team else None)
    return _Mode(mode=found or Compatibility.FULL, is_declared=found is not None)


def _severity(mode: _Mode) -> Severity:
    return Severity.ERROR if mode.is_declared else Severity.WARNING


def _name(field: Field | None) -> str:
    return field.name if field else ""


def _type(field: Field | None) -> str:
    return str(field.type) if field else ""
