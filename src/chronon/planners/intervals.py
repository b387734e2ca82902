"""How the days of a step came about, for people: what each window reads, and which questions count a corrected day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chronon.model.corrections import Correction
from chronon.model.dayset import DaySet
from chronon.model.definitions import Feature, GroupBy, Rows
from chronon.model.jobs import FeatureJob, Job, LeftJob, UploadJob
from chronon.model.names import Kind
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.time import Day, Millis, day_text, duration_text
from chronon.planners.corrections import answers_of
from chronon.planners.days import FIRST_DAY, LAST_DAY, source_days


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
            accuracy = Accuracy.SNAPSHOT if job.at_end else job.group_by.accuracy
            asked = job.days.shift(1) if job.at_end else job.days
            yield from _read(job.group_by, accuracy, asked, corrected)
        case UploadJob():
            yield from _read(job.group_by, Accuracy.SNAPSHOT, DaySet.span(job.day + 1, job.day + 1), corrected)
        case _:
            return


def _read(group_by: GroupBy, accuracy: Accuracy, asked: DaySet, corrected: Sequence[Correction]) -> Iterator[str]:
    """By window, the shortest first: the days that are read for it, and the corrected ones that it reaches."""
    by_window: dict[Millis | None, list[Feature]] = {}
    for feature in group_by.features:
        by_window.setdefault(feature.window, []).append(feature)
    for window in sorted(by_window, key=lambda length: (length is None, length or 0)):
        feature = by_window[window][0]
        for rows in group_by.inputs:
            days = source_days(rows, [feature], accuracy, asked)
            if days:
                yield f"      {_words(rows, window, accuracy)}: reads {rows.table or f'join {rows.join}'} {_span(days)}"
            for each in corrected:
                answers = answers_of(rows, feature, accuracy, each) & asked if each.table == rows.table else DaySet()
                if answers:
                    yield f"        {_span(each.days)} corrected: counts when asked on {_span(answers)}"


def _words(rows: Rows, window: Millis | None, accuracy: Accuracy) -> str:
    if rows.kind is SourceKind.ENTITIES:
        return "as of the end of the day before"
    if rows.kind is SourceKind.MUTATIONS:
        return "what changed during the day"
    length = "no window" if window is None else f"window {duration_text(window)}"
    return f"{length}, asked {'at 00:00' if accuracy is Accuracy.SNAPSHOT else 'at the moment of the row'}"


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
