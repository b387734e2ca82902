"""Days that are computed and have to be computed once more: the join behind which they are chained gets days before them.

A join whose left table gets a day that it lacked adds rows that published answers of its readers look back to. That is known
only while these days are missing, so it belongs to the plan that computes them. Where a join starts is part of what its readers
mean (`fingerprints`): answers of another range are other columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chronon.model.dayset import DaySet
from chronon.model.definitions import SLACK_DAYS, Catalog, Feature, GroupBy, Join
from chronon.model.jobs import Digest
from chronon.model.names import ObjectId
from chronon.model.specs import Accuracy
from chronon.model.state import Snapshot, State
from chronon.planners.corrections import Outdated
from chronon.planners.days import Joined, bounds, joined_to, looking_back
from chronon.planners.demand import Demand, Stored, parent_of
from chronon.planners.fingerprints import Digests, select_names
from chronon.planners.row_meanings import columns_read


def missing(demand: Demand, state: State) -> dict[Stored, DaySet]:
    """Wanted days that are not published, per column; columns that lack nothing are left out."""
    lacking = {
        stored: wanted.days - there if there else wanted.days
        for stored, wanted in demand.columns.items()
        if (there := state.computed.get(stored)) != wanted.days
    }
    return {stored: days for stored, days in lacking.items() if days}


def overtaken_by(lacking: Lacking) -> Outdated:
    """What is there and is made once more. It is recorded when the plan begins: an apply that is killed must not forget it."""
    computed, uploads = lacking.state.computed, lacking.state.uploads
    columns = {stored: days & computed.get(stored, DaySet()) for stored, days in lacking.days.items()}
    datasets = set()
    for identity in lacking.demand.uploads:
        dataset = lacking.digests.group_bys[identity].serving
        if dataset is not None and dataset in uploads:
            asked = DaySet.span(uploads[dataset] + 1, uploads[dataset] + 1)
            if lacking.upload_is_overtaken(lacking.catalog.group_bys[identity], asked):
                datasets.add(dataset)
    return Outdated(columns={stored: days for stored, days in columns.items() if days}, uploads=frozenset(datasets))


@dataclass(slots=True, kw_only=True)
class Lacking:
    """What is missing of what is wanted, while it grows by what is overtaken.

    deployed: the environment's snapshots, by whose digests a parent had its days if it has others now.
    """

    catalog: Catalog
    digests: Digests
    demand: Demand
    state: State
    deployed: Mapping[ObjectId, Snapshot]
    days: dict[Stored, DaySet]

    def overtake(self) -> None:
        """Adds every published day that looks back to a day which comes only now, along every chain."""
        for identity in self.digests.order:
            if join := self.catalog.joins.get(identity):
                for joined in joined_to(join, self.catalog.group_bys):
                    self._overtake_joined(join, joined)
                self._overtake_derived(join)

    def upload_is_overtaken(self, group_by: GroupBy, asked: DaySet) -> bool:
        """Whether batch values that are asked at 00:00 of a day look back to days that come only now."""
        return any(asked & self._looking(group_by, feature, Accuracy.SNAPSHOT) for feature in group_by.features)

    def _overtake_joined(self, join: Join, joined: Joined) -> None:
        group_by = joined.group_by
        if parent_of(group_by) is None:
            return
        found = self.digests.joins[join.id]
        for feature in group_by.features:
            if stored := found.features.get(joined.part.column(feature.name)):
                asked = self._looking(group_by, feature, joined.accuracy).shift(-joined.later)
                self._again((found.left, stored), asked)

    def _overtake_derived(self, join: Join) -> None:
        """What is made of other columns is made of their days; of left rows that are there already nothing is new."""
        found = self.digests.joins[join.id]
        for derived in found.derived:
            for read in derived.inputs.values():
                if read != found.left:
                    self._again((found.left, derived.digest), self._redone((found.left, read)))

    def _again(self, stored: Stored, days: DaySet) -> None:
        """Wants published days of a column once more."""
        wanted = self.demand.columns.get(stored)
        again = days & self.state.computed.get(stored, DaySet()) & wanted.days if wanted and days else DaySet()
        if again:
            self.days[stored] = self.days.get(stored, DaySet()) | again

    def _redone(self, stored: Stored) -> DaySet:
        """The days that are there and are computed once more."""
        return self.days.get(stored, DaySet()) & self.state.computed.get(stored, DaySet())

    def _looking(self, group_by: GroupBy, feature: Feature, accuracy: Accuracy) -> DaySet:
        """The days of questions that look back to days of the parent which come only now."""
        days = DaySet()
        for rows in group_by.rows:
            if rows.join is not None:
                names = ("ts", *columns_read(rows, select_names(group_by, [feature])))
                for name in names:
                    fresh = self._fresh(rows.join, name, bounds(rows))
                    days |= looking_back(feature.window, accuracy, fresh) if fresh else DaySet()
        return days

    def _fresh(self, parent: ObjectId, name: str, read: DaySet) -> DaySet:
        """The days of rows that a parent's column gets now: none was there, or another value.

        A partition may hold rows of the days beside its own. Behind the last one that was there, readers have answered
        without those of the day before, and go on so: they never wait for tomorrow's partition.
        """
        found = self.digests.joins[parent]
        stored: Stored = (found.left, found.outputs[name])
        missing = self.days.get(stored)
        if not missing:
            return DaySet()
        there = self.state.computed.get(stored) or self._there_before(parent, name)
        again = self._redone(stored)
        added = ((missing - there) | again) & read
        inner = added & DaySet.span(added.first, there.last) if added and there else DaySet()
        return inner.widen(before=SLACK_DAYS, after=SLACK_DAYS) | added.widen(before=0, after=SLACK_DAYS)

    def _there_before(self, parent: ObjectId, name: str) -> DaySet:
        """The days that the column had under the digests that are deployed."""
        snapshot = self.deployed.get(parent)
        if snapshot is None or snapshot.left is None:
            return DaySet()
        column: Digest = snapshot.left if name == "ts" else snapshot.columns.get(name, snapshot.left)
        return self.state.computed.get((snapshot.left, column), DaySet())


def lacking_of(
    meaning: tuple[Catalog, Digests], demand: Demand, state: State, deployed: Mapping[ObjectId, Snapshot]
) -> Lacking:
    """What is missing of what is wanted. meaning: what is planned; deployed: the environment's snapshots."""
    catalog, digests = meaning
    return Lacking(
        catalog=catalog, digests=digests, demand=demand, state=state, deployed=deployed, days=missing(demand, state)
    )
