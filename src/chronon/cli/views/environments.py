"""Environments and their moves: text and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chronon.cli.terminal import PLAIN, Paint, printable
from chronon.cli.views.status import moment
from chronon.cli.views.words import aligned
from chronon.model.names import ObjectId
from chronon.model.state import DESTROYED, Environment, Move
from chronon.model.time import DAY_S, day_text

if TYPE_CHECKING:
    from chronon.model.plan import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An environment beside another one.

    move: how it came to its serial.  other: the one that it is held against; empty for that one itself.
    differing: the objects that are not the same in both, or only in one.
    """

    environment: Environment
    move: Move | None
    other: str
    differing: tuple[ObjectId, ...]


def differing(one: Environment, other: Environment) -> tuple[ObjectId, ...]:
    """The objects that two environments do not have in common, descriptions counted."""
    both = one.snapshots.keys() | other.snapshots.keys()
    return tuple(sorted(each for each in both if one.snapshots.get(each) != other.snapshots.get(each)))


def environment_lines(listed: Sequence[Listed], against: str, paint: Paint = PLAIN) -> list[str]:
    """A line for each environment."""
    if not listed:
        return ["there is no environment yet: `chronon apply` makes the first one"]
    rows = [("environment", "serial", "objects", f"differ from {printable(against)}", "since", "made by", "whom")]
    for each in listed:
        number = str(len(each.differing)) if each.other else "-"
        environment, move = each.environment, each.move
        since, who = (moment(move.at), _person(move)) if move and move.at else ("-", "-")
        count = str(len(environment.snapshots))
        row = (printable(environment.name), str(environment.serial), count, number, since, _made_by(move), who)
        rows.append(row)
    lines = aligned(rows, right=(1, 2, 3))
    return [paint.faint(lines[0]), *lines[1:]]


def environment_plain(listed: Listed) -> dict[str, Any]:
    """The same for JSON."""
    return {
        "environment": listed.environment.name,
        "serial": listed.environment.serial,
        "objects": len(listed.environment.snapshots),
        "compared_with": listed.other or None,
        "differing": [f"{identity.kind} {identity}" for identity in listed.differing],
        "move": move_plain(listed.move, {}) if listed.move else None,
    }


def change_plain(change: Change) -> dict[str, Any]:
    """A difference of two environments, for JSON."""
    return {
        "object": f"{change.id.kind} {change.id}",
        "danger": change.danger.value,
        "reason": change.reason,
        "summary": change.summary,
    }


def move_lines(moves: Sequence[Move], kept: Mapping[int, str], paint: Paint = PLAIN) -> list[str]:
    """A line for each move. kept: serial → whether it can be restored."""
    rows = [("serial", "since", "made by", "plan", "objects", "up to", "data", "whom")]
    for move in moves:
        since, who = (moment(move.at), _person(move)) if move.at else ("-", "-")
        up_to = day_text(move.as_of) if move.as_of is not None else "-"
        row = (str(move.serial), since, _made_by(move), move.plan or "-", str(move.objects), up_to)
        rows.append((*row, kept[move.serial], who))
    lines = aligned(rows, right=(0, 4))
    return [paint.faint(lines[0]), *lines[1:]]


def move_plain(move: Move, kept: Mapping[int, str]) -> dict[str, Any]:
    """The same for JSON. kept: serial → until when it can be restored for sure."""
    return {
        "environment": move.environment,
        "serial": move.serial,
        "state_serial": move.state,
        "plan": move.plan or None,
        "made_by": _made_by(move),
        "at": moment(move.at) if move.at else None,
        "who": move.who or None,
        "until": moment(move.until) if move.until is not None else None,
        "as_of": day_text(move.as_of) if move.as_of is not None else None,
        "revision": move.revision or None,
        "objects": move.objects,
        "cleaned": moment(move.cleaned) if move.cleaned is not None else None,
        **({"restorable_until": kept[move.serial]} if move.serial in kept else {}),
    }


def kept_text(move: Move, days: int) -> str:
    """Whether what a move pointed at is there: now, until when for sure, or since when not."""
    if move.what == DESTROYED:
        return "-"
    if move.until is None:
        return "live"
    if move.cleaned is not None:
        return f"removed {moment(move.cleaned)}"
    return f"kept until {moment(restorable_until(move, days))}"


def restorable_until(move: Move, days: int) -> float:
    """The end of the retention of what a move pointed at, which is over."""
    return (move.until or 0.0) + days * DAY_S


def _made_by(move: Move | None) -> str:
    if move is None:
        return "-"
    revision = f" @ {printable(move.revision)}" if move.revision else ""
    return f"{printable(move.what) or 'apply'}{revision}"


def _person(move: Move) -> str:
    return printable(move.who.partition(" pid ")[0]) or "-"
