"""What differs from what is deployed, how dangerous it is, and where it was edited.

Digests decide: equal digests are equal data, whatever was written. docs/planning.md lists the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chronon.model.definitions import GroupBy, Join
from chronon.model.diagnostics import Span
from chronon.model.names import ObjectId
from chronon.model.plan import Change, Danger
from chronon.model.specs import Repository
from chronon.model.state import Snapshot
from chronon.planners.advice import Advisor
from chronon.planners.axes import Told, axes_between, axes_of_new, axes_of_removed
from chronon.planners.dag import parents_of
from chronon.planners.edits import Concern, Edit, group_by_edits, join_edits
from chronon.planners.reading import source_of
from chronon.planners.snapshots import Definitions, header_of, known_definition

_RANGES = frozenset({Concern.EARLIER, Concern.LATER})
"""Edits of a join that are its own business first, and for who is chained behind it the first to look at."""

_WEIGHT = {danger: weight for weight, danger in enumerate(Danger)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """How the columns of two snapshots differ.

    renamed: (old, new), same data; they stand in added and removed too.
    aliased: the same where the old name stays readable; the new ones stand in added too.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    aliased: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Finding:
    """One rule that holds. concerns: which edits explain it."""

    danger: Danger
    reason: str
    text: str
    concerns: tuple[Concern, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """An object as it is deployed and as it is desired, with the edits between. told: empty where it is written as it was."""

    old: Snapshot
    new: Snapshot
    edits: tuple[Edit, ...]
    told: Told


_Among = tuple[Snapshot, Mapping[ObjectId, Snapshot]]
"""A snapshot among all that are deployed, or desired."""


def changes_between(
    deployed: Mapping[ObjectId, Snapshot],
    desired: Sequence[Snapshot],
    repository: Repository,
    definitions: Definitions | None = None,
) -> tuple[Change, ...]:
    """One change per object that differs, the most dangerous first, then by id. definitions: those that are known."""
    wanted, known = {snapshot.id: snapshot for snapshot in desired}, definitions or Definitions()
    differ = {
        identity: _pair(identity, deployed, wanted, repository, known)
        for identity, snapshot in wanted.items()
        if identity in deployed and not is_same(deployed[identity], snapshot)
    }
    gone = [deployed[identity] for identity in sorted(deployed.keys() - wanted.keys())]
    came = [wanted[identity] for identity in sorted(wanted.keys() - deployed.keys())]
    renamed = _renamed_objects(gone, came)
    advisor = Advisor(desired, repository)
    found = [_changed(pair, differ, repository, advisor, known) for pair in differ.values()]
    found += [_removed(snapshot, renamed) for snapshot in gone]
    found += [_added(snapshot, renamed, repository) for snapshot in came]
    return tuple(sorted(found, key=lambda change: (_WEIGHT[change.danger], change.id)))


def is_same(old: Snapshot, new: Snapshot) -> bool:
    """Whether there is nothing to tell: equal in all but the file that has it, and the order of sources that are added up."""
    if old.definition != new.definition and (old.fingerprint, old.metadata) == (new.fingerprint, new.metadata):
        before, after = known_definition(old), known_definition(new)
        if before is not None and _unordered(before) == _unordered(after):
            return True
    return replace(old, origin=new.origin) == new


def _unordered(definition: GroupBy | Join | None) -> GroupBy | Join | None:
    """The definition with its sources in one order, where that means nothing."""
    if not isinstance(definition, GroupBy) or any(feature.operation is None for feature in definition.features):
        return definition
    return replace(definition, rows=tuple(sorted(definition.rows, key=str)))


def compare_columns(old: Snapshot, new: Snapshot) -> Columns:
    """Which columns of a snapshot came, went, have other data or the same under another name."""
    went = sorted(old.columns.keys() - new.columns.keys())
    came = sorted(new.columns.keys() - old.columns.keys())
    free = list(came)
    renamed: list[tuple[str, str]] = []
    for name in went:
        if same := next((other for other in free if new.columns[other] == old.columns[name]), None):
            free.remove(same)
            renamed.append((name, same))
    both = sorted(old.columns.keys() & new.columns.keys())
    aliased = [
        (name, now)
        for name, now in (_aliases(known_definition(new)) if free else {}).items()
        if now in free and old.columns.get(name) == new.columns[now]
    ]
    return Columns(
        added=tuple(came),
        removed=tuple(went),
        changed=tuple(name for name in both if old.columns[name] != new.columns[name]),
        renamed=tuple(renamed),
        aliased=tuple(aliased),
    )


def _aliases(definition: GroupBy | Join | None) -> dict[str, str]:
    """Former name → name, of every column that has one."""
    columns = definition.columns if isinstance(definition, Join) else definition.features if definition else ()
    return {old: column.name for column in columns for old in column.aliases}


def _changed(
    pair: _Pair, differ: Mapping[ObjectId, _Pair], repository: Repository, advisor: Advisor, known: Definitions
) -> Change:
    columns = compare_columns(pair.old, pair.new)
    found = sorted(_findings(pair, columns), key=lambda finding: _WEIGHT[finding.danger])
    worst = found[0]
    sources = _sources(pair, worst.concerns, differ, (), known)
    explaining = [edit for edit in sources[-1].edits if edit.concern in worst.concerns]
    order = worst.concerns if len(sources) == 1 else sorted(worst.concerns, key=_RANGES.__contains__, reverse=True)
    edits = sorted(explaining, key=lambda edit: order.index(edit.concern))
    reasons = {finding.reason for finding in found}
    upstream = f", through {sources[-1].new.id}" if len(sources) > 1 else ""
    cause = f" ({edits[0].text}{upstream})" if edits else ""
    return Change(
        id=pair.new.id,
        danger=worst.danger,
        reason=worst.reason,
        summary=f"{'; '.join(finding.text for finding in found)}{cause}",
        span=_place(sources[-1].new.id, edits, repository),
        axes=axes_between(
            pair.old, pair.new, columns, reasons, pair.told, is_uploaded=_is_uploaded(pair, differ, known)
        ),
        added=columns.added,
        removed=columns.removed,
        changed=columns.changed,
        hint="" if upstream else advisor.hint(pair.new.id, worst.danger, worst.reason, columns.renamed),
    )


def _is_uploaded(pair: _Pair, differ: Mapping[ObjectId, _Pair], known: Definitions) -> bool:
    """Whether other values are uploaded for what is fetched: of the group_by, or of one that the join has."""
    if pair.old.serving == pair.new.serving or pair.new.serving is None:
        return False
    definition = known.of(pair.new) if pair.new.left else None
    if not isinstance(definition, Join):
        return True
    parts = [differ[part.group_by] for part in definition.parts if part.group_by in differ]
    return any(part.old.serving != part.new.serving for part in parts)


def _sources(
    pair: _Pair,
    concerns: Sequence[Concern],
    differ: Mapping[ObjectId, _Pair],
    path: tuple[_Pair, ...],
    definitions: Definitions,
) -> tuple[_Pair, ...]:
    """The way from an object to the one whose edit explains it: itself, or the first parent with such an edit."""
    here = (*path, pair)
    if any(edit.concern in concerns for edit in pair.edits):
        return here
    definition = definitions.of(pair.new)
    for parent in parents_of(definition) if definition else ():
        known = differ.get(parent)
        if known and (known.old.fingerprint != known.new.fingerprint or {e.concern for e in known.edits} & _RANGES):
            further = _sources(known, concerns, differ, here, definitions)
            if any(edit.concern in concerns for edit in further[-1].edits):
                return further
    return here


def _findings(pair: _Pair, columns: Columns) -> Iterator[_Finding]:
    """Every rule that holds for an object that differs; there is always one."""
    if pair.old.fingerprint != pair.new.fingerprint:
        meaning = [*_value_findings(pair, columns), *_column_findings(pair, columns), *_online_findings(pair, columns)]
        yield from meaning or _written_otherwise()
    ranges = list(_range_findings(pair))
    yield from ranges
    if pair.old.metadata != pair.new.metadata:
        yield _Finding(Danger.METADATA, "CHR-P117", "description, tags, owners or deprecation", ())
    elif pair.old.fingerprint == pair.new.fingerprint and not ranges:
        yield from _written_otherwise()


def _range_findings(pair: _Pair) -> Iterator[_Finding]:
    for edit in pair.edits:
        match edit.concern:
            case Concern.EARLIER:
                yield _Finding(Danger.REBUILD, "CHR-P114", "more days: those that are computed stay", (edit.concern,))
            case Concern.LATER:
                yield _Finding(Danger.METADATA, "CHR-P115", "fewer days: those that are computed stay", (edit.concern,))
            case Concern.SOURCE_RANGE:
                text = "another range of its source: values that are computed stay"
                yield _Finding(Danger.VALUE_CHANGE, "CHR-P116", text, (edit.concern,))


def _written_otherwise() -> Iterator[_Finding]:
    yield _Finding(Danger.METADATA, "CHR-P118", "written otherwise, same meaning", tuple(Concern))


def _value_findings(pair: _Pair, columns: Columns) -> Iterator[_Finding]:
    concerns = {edit.concern for edit in pair.edits}
    served = pair.old.serving is not None
    number = _count(columns.changed)
    if Concern.KEYS in concerns and (columns.changed or pair.old.serving != pair.new.serving):
        danger = Danger.SERVING_BREAK if served else Danger.VALUE_CHANGE
        yield _Finding(danger, "CHR-P104", f"other keys: {number} with other values", (Concern.KEYS,))
    elif Concern.KEYS in concerns:
        danger = Danger.SERVING_BREAK if served else Danger.METADATA
        yield _Finding(danger, "CHR-P104", "keys have other names, same data", (Concern.KEYS,))
    elif pair.old.left != pair.new.left:
        yield _Finding(Danger.VALUE_CHANGE, "CHR-P105", "other left rows: every column is made anew", (Concern.ROWS,))
    elif columns.changed and Concern.ACCURACY in concerns:
        yield _Finding(
            Danger.VALUE_CHANGE,
            "CHR-P110",
            f"{number} asked at other moments",
            (Concern.ACCURACY, Concern.ROWS, Concern.STREAM),
        )
    elif columns.changed:
        own = (Concern.KEYS, Concern.ACCURACY, Concern.ROWS, Concern.COLUMNS, Concern.REMOVED)
        concerning = (*own, Concern.EARLIER, Concern.LATER)
        yield _Finding(Danger.VALUE_CHANGE, "CHR-P106", f"{number} with other values", concerning)


def _column_findings(pair: _Pair, columns: Columns) -> Iterator[_Finding]:
    concerns = (Concern.COLUMNS, Concern.REMOVED, Concern.KEYS, Concern.ROWS)
    old_names, new_names = ({names[side] for names in columns.renamed} for side in (0, 1))
    served = set(columns.removed) - pair.told.unserved if pair.old.serving is not None else set()
    if removed := [name for name in columns.removed if name not in old_names]:
        danger = Danger.SERVING_BREAK if served & set(removed) else Danger.VALUE_CHANGE
        yield _Finding(danger, "CHR-P109", f"{_count(removed)} removed", (Concern.REMOVED, *concerns))
    if columns.renamed:
        danger = Danger.SERVING_BREAK if served & old_names else Danger.METADATA
        text = ", ".join(f"{old} -> {new}" for old, new in columns.renamed)
        yield _Finding(danger, "CHR-P107", f"renamed {text}, same data", concerns)
    if columns.aliased:
        text = ", ".join(f"{old} -> {new}" for old, new in columns.aliased)
        yield _Finding(Danger.METADATA, "CHR-P130", f"renamed {text}, same data, readable under both names", concerns)
        new_names |= {new for _, new in columns.aliased}
    if added := [name for name in columns.added if name not in new_names]:
        yield _Finding(Danger.ADDITION, "CHR-P108", f"{_count(added)} added", concerns)


def _online_findings(pair: _Pair, columns: Columns) -> Iterator[_Finding]:
    old, new = pair.old, pair.new
    if old.serving is None and new.serving is not None:
        yield _Finding(Danger.ADDITION, "CHR-P111", "is served from now on", (Concern.SERVING,))
    elif old.serving is not None and new.serving is None:
        yield _Finding(Danger.SERVING_BREAK, "CHR-P112", "is served no longer", (Concern.SERVING,))
    elif old.serving != new.serving and not (columns.added or columns.removed or columns.changed):
        text = "same columns, stored online in another layout"
        yield _Finding(Danger.REBUILD, "CHR-P119", text, (Concern.COLUMNS, Concern.REMOVED, Concern.KEYS))
    if old.stream and new.stream and old.stream != new.stream:
        concerns = (Concern.STREAM, Concern.ROWS, Concern.KEYS, Concern.COLUMNS, Concern.REMOVED)
        yield _Finding(Danger.REBUILD, "CHR-P113", "the stream starts anew", concerns)


def _added(snapshot: Snapshot, renamed: Mapping[ObjectId, ObjectId], repository: Repository) -> Change:
    before = renamed.get(snapshot.id)
    text = f"new {snapshot.id.kind} with {_count(snapshot.columns)}"
    return Change(
        id=snapshot.id,
        danger=Danger.METADATA if before else Danger.ADDITION,
        reason="CHR-P103" if before else "CHR-P101",
        summary=f"was {before}, same data" if before else text,
        span=header_of(snapshot.id, repository).span(),
        axes=axes_of_new(snapshot, is_renamed=before is not None),
        added=tuple(sorted(snapshot.columns)),
    )


def _removed(snapshot: Snapshot, renamed: Mapping[ObjectId, ObjectId]) -> Change:
    after = renamed.get(snapshot.id)
    renaming = Danger.METADATA if snapshot.serving is None else Danger.SERVING_BREAK
    served = ", which is served" if snapshot.serving else ""
    return Change(
        id=snapshot.id,
        danger=renaming if after else Danger.REMOVAL,
        reason="CHR-P103" if after else "CHR-P102",
        summary=f"is now {after}, same data" if after else f"removed with {_count(snapshot.columns)}{served}",
        span=Span(snapshot.origin),
        axes=axes_of_removed(snapshot, is_renamed=after is not None),
        removed=tuple(sorted(snapshot.columns)),
    )


def _renamed_objects(gone: Sequence[Snapshot], came: Sequence[Snapshot]) -> dict[ObjectId, ObjectId]:
    """Old id → new id and back, where an object only has another name."""
    free = list(came)
    renamed: dict[ObjectId, ObjectId] = {}
    for old in gone:
        for new in free:
            if (old.id.kind, old.fingerprint) == (new.id.kind, new.fingerprint):
                renamed |= {old.id: new.id, new.id: old.id}
                free.remove(new)
                break
    return renamed


def _pair(
    identity: ObjectId,
    deployed: Mapping[ObjectId, Snapshot],
    wanted: Mapping[ObjectId, Snapshot],
    repository: Repository,
    known: Definitions,
) -> _Pair:
    old, new = deployed[identity], wanted[identity]
    told = Told() if old.definition == new.definition else _told((old, deployed), (new, wanted), known)
    edits: tuple[Edit, ...] = ()
    match told.old, told.new:
        case GroupBy() as before, GroupBy() as after:
            edits = group_by_edits(before, after, repository.group_bys[identity])
        case Join() as before, Join() as after:
            edits = join_edits(before, after, repository.joins[identity])
    return _Pair(old, new, edits, told)


def _told(before: _Among, after: _Among, known: Definitions) -> Told:
    (old, parts_before), (new, parts_after) = (_with_parts(*each, known) for each in (before, after))
    return Told(old=old, new=new, parts_before=parts_before, parts_after=parts_after)


def _with_parts(
    snapshot: Snapshot, others: Mapping[ObjectId, Snapshot], known: Definitions
) -> tuple[GroupBy | Join | None, dict[ObjectId, GroupBy]]:
    """What a snapshot is of, and the group_bys of a join's parts and labels, those that can be read."""
    definition = known.of(snapshot)
    named = [part.group_by for part in definition.asked] if isinstance(definition, Join) else []
    found = {identity: known.of(others[identity]) for identity in named if identity in others}
    return definition, {identity: each for identity, each in found.items() if isinstance(each, GroupBy)}


def _place(identity: ObjectId, edits: Sequence[Edit], repository: Repository) -> Span:
    """Where the first edit stands: in the object's file, its team's or its source's, else the head of the object."""
    header = header_of(identity, repository)
    team = repository.teams.get(identity.name.team)
    for edit in edits:
        places = [(header, edit.paths), *([(team.header, edit.paths)] if team and not edit.table else [])]
        if source := source_of(edit.table, repository) if edit.table else None:
            places.append((source.header, tuple((source.kind.value, *path) for path in edit.declared)))
        for written, paths in (*places, (header, edit.named)):
            for path in paths:
                if path in written.spans:
                    return written.spans[path]
    return header.span()


def _count(columns: Sequence[str] | Mapping[str, object]) -> str:
    return f"{len(columns)} {'column' if len(columns) == 1 else 'columns'}"
