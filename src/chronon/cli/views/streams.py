"""What becomes of streams, as text and Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from chronon.cli.terminal import Paint, printable
from chronon.cli.views.sizes import count_text
from chronon.cli.views.words import plural, size_text
from chronon.model.verdicts import Figures, StreamChange, Verdict

_SHOWN = 10
_SIGNS = {Verdict.KEEP: "=", Verdict.RESTART: "~", Verdict.PARTIAL: "~", Verdict.REPLAY: "~", Verdict.DROP: "-"}


def stream_lines(streams: Sequence[StreamChange], paint: Paint, *, verbose: bool) -> list[str]:
    """A section; empty when no stream is touched."""
    if not streams:
        return []
    shown = streams if verbose else streams[:_SHOWN]
    lines = ["", paint.strong("STREAMS")]
    for each in shown:
        lines.append(f"{_SIGNS[each.verdict]} group_by {each.object}  {printable(each.topic)}: {verdict_text(each)}")
        lines.append(paint.faint(f"    {printable(each.reason)}"))
    if len(shown) < len(streams):
        lines.append(f"    and {plural(len(streams) - len(shown), 'stream')} more: `chronon plan -v`")
    return lines


def stream_rows(streams: Sequence[StreamChange]) -> list[tuple[str, ...]]:
    """Cells of a Markdown table."""
    return [(str(each.object), each.topic, verdict_text(each), each.reason) for each in streams]


def verdict_text(change: StreamChange) -> str:
    """`replay from 2024-01-11 00:00 UTC (3 h, 1,204 events, 120 kB)`, `restart from savepoint (1 h, 40 events, 4 kB)`."""
    return f"{change.verdict}{change.whence}{_figures(change.figures)}"


def _figures(figures: Figures | None) -> str:
    if figures is None:
        return ""
    parts = [] if figures.hours is None else [f"{figures.hours:,} h"]
    parts += (
        [] if figures.events is None else ["1 event" if figures.events == 1 else f"{count_text(figures.events)} events"]
    )
    return f" ({', '.join([*parts, size_text(figures.bytes)])})"
