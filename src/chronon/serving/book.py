"""The recipes of an environment, made from its metadata records and remembered until the records change."""

from __future__ import annotations

from difflib import get_close_matches

from chronon.model.errors import ChrononError
from chronon.model.names import Kind, ObjectId, parse_reference
from chronon.model.serving import ServedGroupBy, ServedJoin
from chronon.serving.contract import Status
from chronon.serving.parts import Outcome
from chronon.serving.recipe import Recipe, group_by_recipe, join_recipe
from chronon.serving.records import Record, decode_record, record_key, served_names, served_versions
from chronon.stores.kv.contract import KvStore


class RecipeBook:
    """Name → recipe. What it remembers may be outdated: whoever uses a recipe reads its records again and compares."""

    def __init__(self, kv: KvStore, environment: str) -> None:
        self._kv = kv
        self._environment = environment
        self._recipes: dict[tuple[str, Kind | None], Recipe] = {}
        self._decoded: dict[bytes, tuple[bytes, Record]] = {}

    def recipe(self, name: str, kind: Kind | None) -> Recipe:
        """The recipe as last seen. Errors: as `renew`."""
        return self._recipes.get((name, kind)) or self.renew(name, kind)

    def renew(self, name: str, kind: Kind | None) -> Recipe:
        """The recipe of the records as they are now.

        Errors: CHR-F001 not served; CHR-F002 several versions; CHR-F003 another format; CHR-K… unreadable store.
        """
        self._recipes.pop((name, kind), None)
        key = record_key(self._environment, self._resolve(name))
        stored = self._kv.multi_get([key])[0]
        if stored is None:
            raise self._unknown(name)
        record = self._decode(key, stored)
        _check_kind(record, name, kind)
        recipe = (
            self._join(record, key, stored)
            if isinstance(record, ServedJoin)
            else group_by_recipe(record, {key: stored})
        )
        self._recipes[name, kind] = recipe
        return recipe

    def _join(self, record: ServedJoin, key: bytes, stored: bytes) -> Recipe:
        needed = {part.group_by: record_key(self._environment, part.group_by) for part in record.join.parts}
        found = dict(zip(needed.values(), self._kv.multi_get(list(needed.values())), strict=True))
        group_bys = {identity: self._group_by(identity, at, found[at]) for identity, at in needed.items()}
        return join_recipe(record.join, group_bys, {key: stored, **found})

    def _group_by(self, identity: ObjectId, key: bytes, stored: bytes | None) -> ServedGroupBy | Outcome:
        if stored is None:
            return Outcome(status=Status.NO_BATCH, detail=f"group_by {identity} is not served here")
        try:
            record = self._decode(key, stored)
        except ChrononError as damaged:
            return Outcome(status=Status.READ_FAILED, detail=damaged.message)
        if isinstance(record, ServedGroupBy):
            return record
        return Outcome(status=Status.NO_BATCH, detail=f"{identity} is served as a join, not as a group_by")

    def _decode(self, key: bytes, stored: bytes) -> Record:
        known = self._decoded.get(key)
        if known is None or known[0] != stored:
            known = (stored, decode_record(stored))
            self._decoded[key] = known
        return known[1]

    def _resolve(self, name: str) -> ObjectId:
        """The one served version that a name means; the kind is told by the record."""
        reference = parse_reference(name)
        if reference is None:
            raise ChrononError("CHR-F001", f"{name!r} is no name", "write `team.name` or `team.name@version`")
        versions = (reference[1],) if reference[1] else served_versions(self._kv, self._environment, reference[0])
        if not versions:
            raise self._unknown(name)
        if len(versions) > 1:
            listed = ", ".join(f"{reference[0]}@{version}" for version in versions)
            raise ChrononError("CHR-F002", f"{name} is served in several versions", f"say which: {listed}")
        return ObjectId(Kind.JOIN, reference[0], versions[0])

    def _unknown(self, name: str) -> ChrononError:
        served = list(served_names(self._kv, self._environment))
        nearest = get_close_matches(name, served, n=3) or served[:5]
        hint = f"served are for example {', '.join(nearest)}" if nearest else "nothing is: `chronon apply` a plan first"
        return ChrononError("CHR-F001", f"{name} is not served in environment {self._environment}", hint)


def _check_kind(record: Record, name: str, kind: Kind | None) -> None:
    actual = Kind.JOIN if isinstance(record, ServedJoin) else Kind.GROUP_BY
    if kind is not None and kind is not actual:
        raise ChrononError("CHR-F001", f"no {kind} {name} is served", f"{name} is a {actual}")
