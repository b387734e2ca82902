"""How the days of a step came about, for people: what each window reads, and which questions count a corrected day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chronon.model.corrections import Correction
from chronon.model.dayset import DaySet
from chronon.model.definitions import Feature, GroupBy, Rows
from chronon.model.jobs import FeatureJob, Job, LeftJob, UploadJob
from chronon.model.names import Kind
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.time import Day, Millis, day_text, duration_text
from chronon.planners.corrections import answers_of
from chronon.planners.days import FIRST_DAY, LAST_DAY, asked_by, source_days


def intervals_of(job: Job, corrected: Sequence[Correction]) -> Iterator[str]:
    """Lines under a step; none where its days are those of what it reads."""
    match job:
        case LeftJob():
            for each in corrected:
                if each.table == job.rows.table and each.days & job.days:
                    yield f"      {each.table} {_span(each.days & job.days)} corrected: rows of the same days"
        case FeatureJob() if job.part.group_by.kind is Kind.SOURCE:
            for rows in job.group_by.rows:
                yield f"      looked up in {rows.table}, rows of the same days"
                for each in corrected:
                    if each.table == rows.table and each.days & job.days:
                        yield f"        {_span(each.days & job.days)} corrected"
        case FeatureJob():
            accuracy, asked = asked_by(job)
            asks = _Asking(accuracy, asked, ahead=asked.first - job.days.first if job.part.ahead else 0)
            yield from _read(job.group_by, asks, corrected)
        case UploadJob():
            asks = _Asking(Accuracy.SNAPSHOT, DaySet.span(job.day + 1, job.day + 1))
            yield from _read(job.group_by, asks, corrected)
        case _:
            return


@dataclass(frozen=True, slots=True)
class _Asking:
    """On which days is asked, and how. ahead: of a label, how many days before these its rows are."""

    accuracy: Accuracy
    days: DaySet
    ahead: int = 0

    @property
    def moment(self) -> str:
        """Where a window lies."""
        if self.ahead:
            return "from the moment of the row on"
        return "asked at 00:00" if self.accuracy is Accuracy.SNAPSHOT else "asked at the moment of the row"

    def told(self, answers: DaySet) -> str:
        """Which values a corrected day counts for."""
        return f"for rows of {_span(answers.shift(-self.ahead))}" if self.ahead else f"when asked on {_span(answers)}"


def _read(group_by: GroupBy, asks: _Asking, corrected: Sequence[Correction]) -> Iterator[str]:
    """By window, the shortest first: the days that are read for it, and the corrected ones that it reaches."""
    by_window: dict[Millis | None, list[Feature]] = {}
    for feature in group_by.features:
        by_window.setdefault(feature.window, []).append(feature)
    for window in sorted(by_window, key=lambda length: (length is None, length or 0)):
        feature = by_window[window][0]
        for rows in group_by.inputs:
            days = source_days(rows, [feature], asks.accuracy, asks.days)
            if days:
                yield f"      {_words(rows, window, asks)}: reads {rows.table or f'join {rows.join}'} {_span(days)}"
            for each in corrected:
                is_read = each.table == rows.table
                answers = answers_of(rows, feature, asks.accuracy, each) & asks.days if is_read else DaySet()
                if answers:
                    yield f"        {_span(each.days)} corrected: counts {asks.told(answers)}"


def _words(rows: Rows, window: Millis | None, asks: _Asking) -> str:
    if rows.kind is SourceKind.ENTITIES:
        later = asks.ahead and f"{asks.ahead} {'day' if asks.ahead == 1 else 'days'} after the row, "
        return f"{later or ''}as of the end of the day before"
    if rows.kind is SourceKind.MUTATIONS:
        return "what changed during the day"
    length = "no window" if window is None else f"window {duration_text(window)}"
    return f"{length}, {asks.moment}"


def _span(days: DaySet) -> str:
    """The days in words, without bounds that stand for none."""
    texts = []
    for start, end in days.ranges:
        first, last = Day(start), Day(end - 1)
        if first <= FIRST_DAY:
            texts.append("every day" if last >= LAST_DAY else f"up to {day_text(last)}")
        else:
            texts.append(day_text(first) if first == last else f"{day_text(first)} .. {day_text(last)}")
    return ", ".join(texts)
