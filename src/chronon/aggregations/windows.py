"""Windows and hops in plain numbers: what a window of a query covers, and which lengths are allowed."""

from __future__ import annotations

from chronon.model.specs import Accuracy
from chronon.model.time import DAY, HOUR, MINUTE, Millis, duration_text, floor_to

FIVE_MINUTES = Millis(5 * MINUTE)
TAIL_BUFFER = Millis(2 * DAY)
"""How far a query may lie behind the batch end until windows start to grow."""


def hop_of(window: Millis | None, accuracy: Accuracy) -> Millis:
    """The step in which the tail of a window moves. Source: airbnb/chronon, `Resolution.scala`."""
    if accuracy is Accuracy.SNAPSHOT or window is None or window >= 12 * DAY:
        return DAY
    return HOUR if window >= 12 * HOUR else FIVE_MINUTES


def tail_of(window: Millis | None, accuracy: Accuracy, at: Millis) -> Millis | None:
    """The first instant that a window ending at `at` covers; None when it covers everything."""
    return None if window is None else floor_to(Millis(at - window), hop_of(window, accuracy))


def check_window(window: Millis | None, accuracy: Accuracy) -> str | None:
    """Why a window is refused, as one sentence with what to write instead; None when it is fine."""
    if window is None:
        return None
    if window <= 0:
        return f"a window of {window}ms counts nothing; use a positive length or `unbounded`"
    hop = hop_of(window, accuracy)
    if window % hop == 0:
        return None
    below, above = floor_to(window, hop), Millis(floor_to(window, hop) + hop)
    nearest = " or ".join(duration_text(length) for length in (below, above) if length > 0)
    kind = "a snapshot window" if accuracy is Accuracy.SNAPSHOT else "a window of that length"
    return (
        f"window {duration_text(window)} is no multiple of its hop: {kind} moves by {duration_text(hop)}; use {nearest}"
    )
