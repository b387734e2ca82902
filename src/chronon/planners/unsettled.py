"""Which documents a plan has to look at again, when it knows which objects were settled under which keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chronon.model.names import Kind, ObjectId
from chronon.validators.closures import Closures


def unsettled(closures: Closures, keys: Mapping[str, bytes], settled: Collection[str]) -> set[str]:
    """The documents of objects that are not settled, and of those that a plan compares them with.

    keys: path → key of every document when the objects in the documents `settled` were.
    A source that has changed concerns whoever reads a table of its, also by way of another source. An object that differs is
    told together with its readers, and with its other versions.
    """
    changed = {path for path, key in closures.keys.items() if keys.get(path) != key}
    summaries = closures.survey.summaries
    places = {place for path in changed for place in summaries[path].places}
    sources = {path for place in places for path in closures.places[place]}
    found = closures.readers_of(sources)
    found |= {
        path for path in closures.keys if summaries[path].kind in _PLANNED and (path in changed or path not in settled)
    }
    return found | closures.readers_of(found) | _versions(closures, found) | sources


def with_sources(closures: Closures, paths: Collection[str]) -> set[str]:
    """The documents, and the sources that their objects read: what is told of a table looks at every source that has it."""
    read = {one for path in paths for one in closures.reads[path]}
    return {*paths, *(path for path in read if closures.survey.summaries[path].kind == Kind.SOURCE)}


def further(closures: Closures, concerned: Collection[str], read: Collection[ObjectId]) -> set[str]:
    """What a plan has to look at besides, after it was made once.

    concerned: share what is made: their readers look back to it, whoever makes it.  read: named by what is deployed of an object
    that differs, which is told beside it.
    """
    more = {path for identity in read if (path := closures.survey.paths.get(identity))}
    return closures.with_readers(concerned) | more


_PLANNED = (Kind.GROUP_BY, Kind.JOIN)


def _versions(closures: Closures, paths: Collection[str]) -> set[str]:
    """The documents of other versions of these objects."""
    summaries = closures.survey.summaries
    names = {identity[:3] for path in paths if (identity := summaries[path].id)}
    return {path for path in closures.keys if (identity := summaries[path].id) and identity[:3] in names}
