"""The sections of a plan about what is not as declared or recorded, as text, Markdown and for `chronon drift`."""

from __future__ import annotations

from collections.abc import Sequence

from chronon.cli.terminal import Paint, printable
from chronon.cli.views.words import folded, plural
from chronon.model.names import ObjectId
from chronon.model.plan import Drift, Reader

UPSTREAM = "UPSTREAM: tables that are not as they are declared, or not as they were read"
DRIFT = "DRIFT: what was made is not as it is recorded"

_SHOWN = 10
_READERS_SHOWN = 4
_COLUMNS_SHOWN = 6


def drift_lines(title: str, found: Sequence[Drift], paint: Paint, *, verbose: bool) -> list[str]:
    """A section; empty when there is nothing to tell."""
    if not found:
        return []
    mark = paint.bad if any(each.blocks for each in found) else paint.warn
    shown = found if verbose else found[:_SHOWN]
    lines = ["", mark(title)]
    for each in shown:
        lines.append(f"{_sign(each)} {printable(each.subject)} {printable(each.found)}  {paint.faint(each.code)}")
        lines += _readers(each, paint, verbose=verbose)
        lines.append(paint.faint(f"    {printable(each.follows)}"))
    if len(shown) < len(found):
        lines.append(f"    and {len(found) - len(shown):,} more: `chronon plan -v`")
    return lines


def excluded_lines(excluded: Sequence[ObjectId], paint: Paint, *, verbose: bool) -> list[str]:
    """The objects that are not planned for it."""
    if not excluded:
        return []
    names = folded([f"{each.kind} {each}" for each in excluded], None if verbose else _COLUMNS_SHOWN)
    head = paint.bad(
        f"EXCLUDED: {plural(len(excluded), 'object')} that cannot be computed stay as deployed, with what goes along"
    )
    return ["", head, f"    {names}"]


def drift_rows(found: Sequence[Drift]) -> list[str]:
    """Rows of a Markdown table: code, what, who, where, what follows."""
    rows = []
    for each in found:
        who = folded([f"{reader.id.kind} {reader.id}" for reader in each.readers], _READERS_SHOWN)
        where = folded([str(reader.span) for reader in each.readers], 2)
        rows.append((each.code, f"{each.subject} {each.found}", who, where, each.follows))
    return ["| " + " | ".join(map(cell, row)) + " |" for row in rows]


def cell(text: str) -> str:
    """Text of a user inside a table: no new cell, no line, no markup, no mention."""
    for sign, escaped in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("\n", " "), ("`", "'"), ("@", "@\u200b")):
        text = text.replace(sign, escaped)
    return text


def _sign(each: Drift) -> str:
    if each.blocks:
        return "!"
    return "~" if each.readers or each.repairs else "="


def _readers(each: Drift, paint: Paint, *, verbose: bool) -> list[str]:
    told = [reader for reader in each.readers if reader.columns or f"{reader.id.kind} {reader.id}" != each.subject]
    shown = told if verbose else told[:_READERS_SHOWN]
    lines = [_reader(reader, paint, verbose=verbose) for reader in shown]
    more = len(told) - len(shown)
    return [*lines, f"    and {plural(more, 'reader')} more: `chronon plan -v`"] if more else lines


def _reader(reader: Reader, paint: Paint, *, verbose: bool) -> str:
    columns = folded(reader.columns, None if verbose else _COLUMNS_SHOWN)
    told = f": {columns}" if columns else ""
    return f"    {reader.id.kind} {reader.id}{printable(told)}  {paint.faint(printable(str(reader.span)))}"
