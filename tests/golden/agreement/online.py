"""Steps that serve: an upload's values, and fetches of group_bys and joins over uploads and streams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agreement.answers import Answers, FeatureColumn, Pair, plain
from agreement.cases import Case, Definition, Row
from agreement.chronon_ir import finished
from agreement.naming import TEAM, Asked, kept_of, object_name, our_prefix, their_prefix
from agreement.offline import part_feature_columns
from agreement.streams import stream
from agreement.translation import Documents, Online, write_group_by, write_join
from agreement.world import Place, World, end_of, opened_world
from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId
from chronon.model.time import DAY, Millis
from chronon.serving import Fetcher, Request, Vector


def answer_upload(case: Case, step: Definition, place: Place) -> Answers:
    """Every uploaded entity, fetched at the batch end; Chronon's partial states are finished there too."""
    group_by = case.neutral[step["conf"]]
    asked = kept_of(group_by)
    at = end_of(step["end_ds"])
    documents = Documents()
    name = write_group_by(documents, case, group_by, Online())
    with opened_world(case, documents, place, last=step["end_ds"]) as world:
        plan = world.apply(step["end_ds"])
        fetcher = world.fetcher(at)
        theirs = case.expected(step["name"])
        pairs = [_uploaded(fetcher, name, row, asked, at) for row in theirs]
        dataset = next(one.serving for one in plan.snapshots if one.id.name.name == name)
        keys = world.deployment.state.uploads(dataset)[0].keys if dataset else 0
    known = {str(pair.row) for pair in pairs}
    pairs += [Pair(row={"entity": "more"}, at=at, theirs=None, ours={})] * max(0, keys - len(known))
    columns = _columns(group_by, asked)
    return Answers(case=case, step=step, pairs=pairs, columns=columns, batch_end=at)


def _uploaded(fetcher: Fetcher, name: str, row: Row, asked: list[Asked], at: Millis) -> Pair:
    theirs = row["value"] if "value" in row else finished(row["batch_ir"], asked, at)
    vector = fetcher.fetch(f"{TEAM}.{name}", [Request(keys=row["key"], at=at)], Kind.GROUP_BY)[0]
    return Pair(
        row=row["key"], at=at, theirs=theirs, ours={one.their_name: plain(vector.values[one.name]) for one in asked}
    )


def _columns(group_by: Definition, asked: list[Asked]) -> dict[str, FeatureColumn]:
    return {
        one.their_name: FeatureColumn(
            asked=one,
            group_by=group_by,
            keys={key: key for key in group_by["keys"]},
            accuracy=group_by["accuracy"],
        )
        for one in asked
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """An object that is fetched. name: ours.  columns: Chronon's column → ours.  parts: Chronon's prefix → our label."""

    name: str
    kind: Kind
    columns: Mapping[str, str]
    parts: Mapping[str, str]


def answer_fetch(case: Case, step: Definition, place: Place) -> Answers:
    """Answers to requests over uploads, and tiles of what came in since."""
    documents = Documents()
    online = Online(tile=_tile(step)) if _tile(step) else Online()
    served, columns = _served(case, step, documents, online)
    last = max(end for one in step["group_bys"] for end in _ends(one))
    with opened_world(case, documents, place, last=last) as world:
        _load(case, step, world)
        fetcher = world.fetcher(Millis(0))
        pairs = [_asked(fetcher, served, row) for row in case.expected(step["name"])]
    ends = {end_of(_ends(one)[-1]) for one in step["group_bys"]}
    return Answers(case=case, step=step, pairs=pairs, columns=columns, omitted=documents.omitted, batch_end=max(ends))


def _served(
    case: Case, step: Definition, documents: Documents, online: Online
) -> tuple[dict[str, _Served], dict[str, FeatureColumn]]:
    if step["fetch"] == "join":
        join = case.neutral[step["join"]]
        name = write_join(documents, case, join, online)
        parts = {their_prefix(part): our_prefix(part) for part in join["parts"]}
        one = _Served(name=name, kind=Kind.JOIN, columns=dict(documents.columns), parts=parts)
        return {join["name"].replace(".", "/", 1): one}, dict(part_feature_columns(case, join))
    served: dict[str, _Served] = {}
    columns: dict[str, FeatureColumn] = {}
    for listed in step["group_bys"]:
        group_by = case.neutral[listed["conf"]]
        asked = kept_of(group_by)
        name = write_group_by(documents, case, group_by, online)
        ours = {one.their_name: one.name for one in asked}
        served[group_by["name"]] = _Served(name=name, kind=Kind.GROUP_BY, columns=ours, parts={"": f"{TEAM}_{name}"})
        columns |= {f"{group_by['name']}.{theirs}": column for theirs, column in _columns(group_by, asked).items()}
        documents.omitted |= {one["name"]: "group_by derivations" for one in group_by.get("derivations") or ()}
    return served, columns


def _load(case: Case, step: Definition, world: World) -> None:
    """Upload every group_by that the step uploads, day after day, and fold the streams."""
    by_name = {object_name(case.neutral[one["conf"]]["name"]): one for one in step["group_bys"]}
    for day in sorted({end for one in step["group_bys"] for end in _ends(one)}):

        def is_uploaded(identity: ObjectId, day: str = day) -> bool:
            return identity.name.name in by_name and day in _ends(by_name[identity.name.name])

        plan = world.apply(day, is_uploaded)
    for identity in world.catalog.group_bys:
        listed = by_name.get(identity.name.name, {})
        if listed.get("stream_from"):
            stream(world, plan, identity, listed["stream_from"])


def _asked(fetcher: Fetcher, served: Mapping[str, _Served], row: Row) -> Pair:
    request = row["request"]
    theirs, failure = row.get("values"), row.get("failure", "no response" if "no_response" in row else "")
    one = served.get(request["name"])
    name = f"{TEAM}.{one.name}" if one else f"{TEAM}.{object_name(request['name'])}"
    asked = Request(keys=request["keys"], at=Millis(request["ts"]))
    identity = {"name": request["name"], **request["keys"]}
    try:
        (vector,) = fetcher.fetch(name, [asked], one.kind if one else None)
    except ChrononError as error:
        return Pair(row=identity, at=asked.at, theirs=theirs, ours=None, statuses={"": error.code}, failure=failure)
    if one is None:
        raise ValueError(f"{name} is served")
    scope = "" if one.kind is Kind.JOIN else f"{request['name']}."
    return Pair(
        row=identity,
        at=asked.at,
        theirs=None if theirs is None else {f"{scope}{column}": value for column, value in theirs.items()},
        ours={f"{scope}{column}": plain(vector.values[ours]) for column, ours in one.columns.items()},
        statuses=dict(_statuses(vector, one.parts)),
        failure=failure,
    )


def _statuses(vector: Vector, parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for theirs, ours in parts.items():
        for label, status in vector.statuses.items():
            if label == ours or not theirs:
                yield theirs, status.value


def _ends(listed: Definition) -> list[str]:
    end = listed["end_ds"]
    return end if isinstance(end, list) else [end]


def _tile(step: Definition) -> str:
    millis: Any = step.get("tile_millis")
    return f"{millis}ms" if millis and millis < DAY else ""
