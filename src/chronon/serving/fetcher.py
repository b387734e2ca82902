"""The fetcher: feature vectors from a KV store. A plain object; the clock and the store come from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from chronon.model.errors import ChrononError
from chronon.model.names import Kind
from chronon.model.time import Millis
from chronon.serving.book import RecipeBook
from chronon.serving.contract import Request, ServedSchema, Vector
from chronon.serving.metrics import Metrics
from chronon.serving.recipe import Recipe
from chronon.serving.sheet import Answered, sheet_of
from chronon.stores.kv.contract import KvStore
from chronon.stores.kv.layout import metadata_prefix

_ATTEMPTS = 8
"""How often a fetch starts again because something was published while it read."""

_LATEST = Millis(253_402_300_800_000)
"""The end of the year 9999: moments after it are mistakes, such as microseconds."""


def wall_clock() -> Millis:
    """The current moment."""
    return Millis(time.time_ns() // 1_000_000)


class Fetcher:
    """Answers for joins and group_bys of one environment.

    A fetch is one multi-get: the values of all parts and requests, and the metadata records that say where they are.
    The store answers it from one snapshot, so either the records are those that the keys were made from, or the fetch
    starts again with the new ones: a reply never mixes generations and never misses a new one.
    Safe to share between threads when the store is.
    """

    def __init__(
        self,
        kv: KvStore,
        environment: str = "prod",
        *,
        clock: Callable[[], Millis] = wall_clock,
        metrics: Metrics | None = None,
    ) -> None:
        self.environment = environment
        self.metrics = metrics or Metrics()
        self._kv = kv
        self._clock = clock
        self._book = RecipeBook(kv, environment)

    def fetch(self, name: str, requests: Sequence[Request], kind: Kind | None = None) -> tuple[Vector, ...]:
        """One vector per request, in their order.

        name: `team.name` or `team.name@version` of a served join or group_by; kind: refuses the other one.
        Errors: CHR-F001 not served; CHR-F002 several versions; CHR-F003 metadata of another format; CHR-F004 metadata
        that never stands still; CHR-F010 a moment that is none; CHR-K… when not even the metadata can be read.
        """
        started = time.perf_counter()
        _check_moments(requests)
        recipe, vectors = self._attempts(name, kind, requests, self._clock())
        statuses = [status for vector in vectors for status in vector.statuses.values()]
        self.metrics.fetched(str(recipe.id), len(requests), time.perf_counter() - started, statuses)
        return vectors

    def schema(self, name: str, kind: Kind | None = None) -> ServedSchema:
        """Names and types of an object. Errors: as `fetch`."""
        return self._book.renew(name, kind).schema()

    def parts(self, name: str, kind: Kind | None = None) -> tuple[str, ...]:
        """The labels under which the parts of an object have their statuses. Errors: as `fetch`."""
        return tuple(part.label for part in self._book.recipe(name, kind).parts)

    def check(self) -> None:
        """Ask the store for something. Errors: CHR-K… when it cannot be read."""
        self._kv.multi_get([metadata_prefix(self.environment)])

    def _attempts(
        self, name: str, kind: Kind | None, requests: Sequence[Request], now: Millis
    ) -> tuple[Recipe, tuple[Vector, ...]]:
        recipe = self._book.recipe(name, kind)
        for _attempt in range(_ATTEMPTS):
            sheet = sheet_of(recipe, requests, now)
            try:
                found = dict(zip(sheet.keys, self._kv.multi_get(sheet.keys), strict=True))
            except ChrononError as failed:
                return recipe, _vectors(recipe, requests, sheet.unread(failed))
            if not sheet.is_outdated(found):
                return recipe, _vectors(recipe, requests, sheet.read(found))
            recipe = self._book.renew(name, kind)
        raise ChrononError(
            "CHR-F004",
            f"the metadata of {name} changed {_ATTEMPTS} times during one fetch",
            "look for a job that publishes in a loop",
        )


def _vectors(recipe: Recipe, requests: Sequence[Request], answers: Iterable[Answered]) -> tuple[Vector, ...]:
    return tuple(
        recipe.vector(request, at, outcomes) for request, (at, outcomes) in zip(requests, answers, strict=True)
    )


def _check_moments(requests: Sequence[Request]) -> None:
    for request in requests:
        if request.at is not None and not 0 <= request.at < _LATEST:
            raise ChrononError(
                "CHR-F010", f"{request.at} is no moment to answer for", "give epoch milliseconds between 1970 and 9999"
            )
