"""A repository, checked, as a Catalog of definitions."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from chronon.loaders import broken_objects, load
from chronon.model.definitions import Catalog
from chronon.model.diagnostics import Diagnostic, Severity, in_order
from chronon.model.names import Kind, ObjectName
from chronon.model.specs import Repository
from chronon.model.time import Day
from chronon.validators.build import catalog_of
from chronon.validators.context import Context, context_of
from chronon.validators.registry import all_checks
from chronon.validators.remains import found_in_remains


def resolve(
    repository: Repository, broken: Collection[tuple[Kind, ObjectName]] = (), today: Day | None = None
) -> tuple[Catalog | None, tuple[Diagnostic, ...]]:
    """The catalog, or None when a check finds an error; and every finding, warnings too, in the order of places.

    broken: objects whose files could not be loaded (`loaders.broken_objects`): references to them are no mistakes,
    but there is no catalog without them.
    today: on which what is deprecated may be read or not; None where it does not matter: then no day has passed.
    """
    context = context_of(repository, broken, today)
    found = _checked(context)
    if broken or any(one.severity is Severity.ERROR for one in found):
        return None, found
    return catalog_of(context), found


def validate(root: Path, today: Day | None = None) -> tuple[Repository, Catalog | None, tuple[Diagnostic, ...]]:
    """Load and resolve the repository in a folder: everything that is wrong with it, in one go. today: as in `resolve`."""
    repository, loading = load(root)
    if any(one.severity is Severity.ERROR for one in loading):
        return repository, None, findings(root, repository, loading, today)
    catalog, found = resolve(repository, today=today)
    return repository, catalog, in_order((*loading, *found))


def findings(
    root: Path, repository: Repository, loading: Collection[Diagnostic], today: Day | None = None
) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a repository of which files are broken.

    repository: what could be loaded of it.  loading: what is wrong with its files by themselves.  today: as in `resolve`.
    """
    context = context_of(repository, broken_objects(loading), today)
    return in_order((*loading, *_checked(context), *found_in_remains(root.resolve(), loading, context.whole)))


def _checked(context: Context) -> tuple[Diagnostic, ...]:
    return in_order(diagnostic for check in all_checks() for diagnostic in check.run(context))
