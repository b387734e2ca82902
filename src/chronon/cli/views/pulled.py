"""What `chronon schema pull` found and wrote, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chronon.cli.pulled import Compared, Pulled, PulledSource
from chronon.cli.terminal import PLAIN, Paint, printable
from chronon.cli.views.words import aligned, folded, plural
from chronon.loaders.columns_text import column_line
from chronon.loaders.contracts import Contract, Difference
from chronon.model.live import LiveTable
from chronon.model.specs import SourceSpec

_UNREAD_SHOWN = 6


def pulled_lines(pulled: Pulled, paint: Paint = PLAIN, *, write: bool) -> list[str]:
    """For people: every source that differs from its tables, then tables that no source reads, then the verdict."""
    lines: list[str] = []
    for each in pulled.sources:
        if not each.is_settled or each.written or _unusable(each):
            lines += [*_source(each, paint), ""]
    for name, table in pulled.tables.items():
        lines += [*_table(name, table, paint), ""]
    if pulled.unread:
        unread = folded(pulled.unread, _UNREAD_SHOWN)
        lines += [f"no source reads {unread}: `chronon schema pull {pulled.unread[0]}` shows its columns", ""]
    return [*lines, *_verdict(pulled, write=write)]


def pulled_plain(pulled: Pulled) -> dict[str, Any]:
    """The same for JSON: types as texts, in the order of the tables."""
    return {
        "sources": [_source_plain(each) for each in pulled.sources],
        "tables": [
            {"table": name, "columns": _texts(table.columns), "unusable": dict(table.others), "problem": table.problem}
            for name, table in pulled.tables.items()
        ],
        "unread": list(pulled.unread),
    }


def _source(pulled: PulledSource, paint: Paint) -> Iterator[str]:
    header = pulled.source.header
    for each in pulled.compared:
        place = paint.faint(str(header.span(*each.contract.path)))
        yield f"source {paint.strong(str(header.id))}  table {each.contract.table}  {place}"
        for written in pulled.written:
            if written.contract.path == each.contract.path:
                rows = [("  +", name, str(kind), "written") for name, kind in written.added.items()]
                rows += [("  ~", name, str(kind), "written") for name, kind in written.retyped.items()]
                yield from (paint.good(printable(line)) for line in aligned(rows))
        yield from _open(pulled.source, each, paint)


def _open(source: SourceSpec, compared: Compared, paint: Paint) -> Iterator[str]:
    """What is not written."""
    if compared.difference is None:
        yield paint.bad(f"  ! {printable(compared.problem)}")
        return
    found, contract = compared.difference, compared.contract
    rows = [("  +", name, str(kind), "not declared") for name, kind in found.appended.items()]
    rows += [
        ("  ~", name, f"{one.declared} -> {one.live}", _retyped(found, name)) for name, one in found.retyped.items()
    ]
    rows += [("  -", name, _declared(contract, name), "gone from the table") for name in found.gone]
    yield from (printable(line) for line in aligned(rows))
    for line in _advice(source, contract, found):
        yield paint.faint(printable(line))


def _retyped(found: Difference, name: str) -> str:
    one = found.retyped[name]
    if one.type is None:
        return "no column can be declared so: cast it where the table is written"
    return "wider: every value stays the same" if one.is_wider else "other values: what reads it is computed anew"


def _advice(source: SourceSpec, contract: Contract, found: Difference) -> Iterator[str]:
    for new, old in found.renamed.items():
        kind = found.added[new]
        yield f"  ? {new} may be {old} under a new name: write `{_with(new, str(kind), f'alias: {old}')}` in its place"
    for name in found.gone:
        if name not in found.renamed.values() and name in contract.own:
            span = source.header.span(*contract.path, f"key:{name}")
            optional = _with(name, _declared(contract, name), "optional: true")
            yield f"  ? if files may lack it, write `{optional}`; if it is gone for good, take it out of {span}"
    if found.unusable:
        listed = ", ".join(f"{name} ({kind})" for name, kind in found.unusable.items())
        yield f"  · left out, as no column can be declared so: {listed}"


def _with(name: str, kind: str, rest: str) -> str:
    quoted = f'"{kind}"' if "," in kind else kind
    return f"{name}: {{type: {quoted}, {rest}}}"


def _declared(contract: Contract, name: str) -> str:
    return str(next(column.type for column in contract.columns if column.name == name))


def _table(name: str, table: LiveTable, paint: Paint) -> Iterator[str]:
    """A block to put into a source."""
    yield f"{paint.faint('#')} table {paint.strong(name)}, which no source reads"
    if table.problem:
        yield paint.bad(f"# {printable(table.problem)}")
        return
    yield "columns:"
    yield from (f"  {printable(column_line(column, kind))}" for column, kind in table.columns.items())
    yield from (
        paint.faint(f"  # {printable(column)} is {kind}, which no column can be declared as")
        for column, kind in table.others.items()
    )


def _verdict(pulled: Pulled, *, write: bool) -> Iterator[str]:
    count, settled = len(pulled.sources), sum(each.is_settled for each in pulled.sources)
    if count and settled == count:
        yield f"{plural(count, 'source')} as {'its table is' if count == 1 else 'their tables are'}"
    elif count:
        yield f"{count - settled} of {plural(count, 'source')} {'differs' if count - settled == 1 else 'differ'} from the table"
    if write:
        added = sum(len(edits.added) for each in pulled.sources for edits in each.written)
        retyped = sum(len(edits.retyped) for each in pulled.sources for edits in each.written)
        yield (
            f"written: {plural(added, 'new column')}, {plural(retyped, 'type')}"
            if added or retyped
            else "nothing to write"
        )
    elif writable := sum(_writable(each) for each in pulled.sources):
        yield f"`--write` writes {plural(writable, 'column')}"


def _writable(pulled: PulledSource) -> int:
    from chronon.loaders.pulling import edits_of

    found = [edits_of(each.contract, each.difference) for each in pulled.compared if each.difference]
    return sum(len(edits.added) + len(edits.retyped) for edits in found)


def _unusable(pulled: PulledSource) -> bool:
    return any(each.difference is not None and bool(each.difference.unusable) for each in pulled.compared)


def _source_plain(pulled: PulledSource) -> dict[str, Any]:
    header = pulled.source.header
    return {
        "source": str(header.id),
        "path": header.path,
        "settled": pulled.is_settled,
        "tables": [_compared_plain(each) for each in pulled.compared],
        "written": [
            {"table": edits.contract.table, "added": _texts(edits.added), "retyped": _texts(edits.retyped)}
            for edits in pulled.written
        ],
    }


def _compared_plain(compared: Compared) -> dict[str, Any]:
    found = compared.difference
    about: dict[str, Any] = {"table": compared.contract.table, "problem": compared.problem}
    if found is None:
        return about
    retyped = {
        name: {"declared": str(one.declared), "live": one.live, "wider": one.is_wider}
        for name, one in found.retyped.items()
    }
    return {
        **about,
        "added": _texts(found.added),
        "retyped": retyped,
        "gone": list(found.gone),
        "renamed": dict(found.renamed),
        "unusable": dict(found.unusable),
    }


def _texts(columns: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(kind) for name, kind in columns.items()}
