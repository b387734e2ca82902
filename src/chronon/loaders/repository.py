"""A folder as a Repository: every document read on its own, every finding collected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from chronon.loaders import codes
from chronon.loaders.config import is_below, load_config
from chronon.loaders.files import Place, content_of, documents, place_of
from chronon.loaders.header import misnamed, misplaced
from chronon.loaders.quick import fits, quick_document
from chronon.loaders.remainder import remainder, respelt
from chronon.loaders.revision import revision_of
from chronon.loaders.shape import violations
from chronon.loaders.shared import Shared
from chronon.loaders.specs import spec_of
from chronon.loaders.yaml import parse
from chronon.model.diagnostics import Diagnostic, in_order
from chronon.model.names import ObjectId
from chronon.model.specs import GroupBySpec, JoinSpec, Level, Repository, SourceSpec, Spec, TeamSpec


def load(root: Path) -> tuple[Repository, tuple[Diagnostic, ...]]:
    """The specs under a folder that has a chronon.yaml, and everything that is wrong with the files.

    A file with an error has no spec in the repository (`files.broken_objects` names them); the others have. With a
    broken chronon.yaml the teams are looked for in `teams`.
    """
    config, found = load_config(root)
    teams = config.teams if config else root.resolve() / "teams"
    if not is_below(root, teams):
        return repository_of((), ""), in_order(found)
    data = (config.tables, config.streams) if config else ()
    specs, problems = load_specs(root.resolve(), teams, data)
    checks = config.checks if config else {}
    return repository_of(specs, revision_of(root), checks), in_order((*found, *problems))


def load_specs(root: Path, teams: Path, data: Collection[Path] = ()) -> tuple[tuple[Spec, ...], tuple[Diagnostic, ...]]:
    """Every spec under the folder of the teams in the order of paths, no id twice, and the findings.

    data: folders that hold no documents.
    """
    specs: dict[ObjectId, Spec] = {}
    found: list[Diagnostic] = []
    shared = Shared()
    for place in documents(root, teams, data):
        if isinstance(place, Diagnostic):
            found.append(place)
            continue
        spec, problems = load_document(root, place, shared)
        found += problems
        if spec and (first := specs.setdefault(spec.header.id, spec)) is not spec:
            found.append(duplicate(first, spec))
    return tuple(specs.values()), tuple(found)


def load_document(root: Path, place: Place, shared: Shared | None = None) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """The spec in one file, or its findings. It depends on nothing but that file's path and bytes.

    shared: with documents that were read before.
    """
    content = content_of(root, place)
    if isinstance(content, Diagnostic):
        return None, (content,)
    return document_of(content, place, shared)


def document_of(
    content: bytes, place: Place, shared: Shared | None = None
) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """The spec that the bytes of a file declare at its place, or its findings. shared: with documents read before."""
    if spec := _quick_spec(content, place, shared or Shared()):
        return spec, ()
    return read_exactly(content, place)


def read_exactly(content: bytes, place: Place) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    """The spec in a file's bytes, or its findings, by the parser that knows places."""
    document, found = parse(content, place.path)
    if document is None:
        return None, found
    if found := misplaced(document, place):
        return None, found
    if found := violations(document, place.kind):
        meant = respelt(document, place.kind)
        left = remainder(meant, place.kind, place.name)
        inside = violations(meant, place.kind)
        return None, in_order({*found, *inside, *(misnamed(left, place) if left else ())})
    if found := misnamed(document, place):
        return None, found
    return spec_of(document, place), ()


def remains(root: Path, found: Iterable[Diagnostic]) -> Iterator[Spec]:
    """What each document of which only parts fit declares as far as it can be read.

    root: without links.  found: what is wrong with its files by themselves.
    """
    codes_of: dict[str, set[str]] = {}
    for one in found:
        codes_of.setdefault(one.span.path, set()).add(one.code)
    for path in sorted(path for path, its in codes_of.items() if its <= codes.OF_PARTS):
        place = place_of(path)
        content = content_of(root, place) if place else None
        if place and isinstance(content, bytes) and (spec := _remains_of(content, place)):
            yield spec


def _remains_of(content: bytes, place: Place) -> Spec | None:
    document, _found = parse(content, place.path)
    if document is None or misplaced(document, place):
        return None
    left = remainder(respelt(document, place.kind), place.kind, place.name)
    return spec_of(left, place) if left else None


def _quick_spec(content: bytes, place: Place, shared: Shared) -> Spec | None:
    """The spec in a file that is surely in order; None when it must be read with places."""
    document = quick_document(content, place.path, shared)
    if document is None or misplaced(document, place) or not fits(document.data, place.kind):
        return None
    return None if misnamed(document, place) else spec_of(document, place, shared)


def repository_of(specs: Iterable[Spec], revision: str, checks: Mapping[str, Level] | None = None) -> Repository:
    """The specs by kind and id."""
    specs = tuple(specs)
    return Repository(
        teams={spec.header.id.name.team: spec for spec in specs if isinstance(spec, TeamSpec)},
        sources={spec.header.id.name: spec for spec in specs if isinstance(spec, SourceSpec)},
        group_bys={spec.header.id: spec for spec in specs if isinstance(spec, GroupBySpec)},
        joins={spec.header.id: spec for spec in specs if isinstance(spec, JoinSpec)},
        revision=revision,
        checks=checks or {},
    )


def duplicate(first: Spec, second: Spec) -> Diagnostic:
    """The finding for a document whose object an earlier one declares."""
    identity = second.header.id
    message = f"version {identity.version} of {identity.kind} {identity.name} is declared in {first.header.path} too"
    hint = "give one of them another version"
    return Diagnostic(code=codes.DUPLICATE_OBJECT, span=second.header.span("version"), message=message, hint=hint)
