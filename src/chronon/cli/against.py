"""The definitions of a repository held against an earlier revision of them, or against what is deployed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chronon.cli.context import Checked, config_of
from chronon.cli.terminal import say
from chronon.model.diagnostics import in_order
from chronon.model.errors import ChrononError

if TYPE_CHECKING:
    from chronon.loaders import Config, PastRevision
    from chronon.model.definitions import Catalog
    from chronon.model.diagnostics import Diagnostic
    from chronon.model.specs import Compatibility, Repository
    from chronon.validators import Past

DEPLOYED = "deployed"
_BROKEN_PAST = "CHR-V092"


def compared(checked: Checked, against: str, repo: Path, target: str | None, environment: str) -> Checked:
    """The checked repository with the findings of the comparison; unchanged while it has errors of its own.

    Errors: CHR-S032, CHR-S033 of the revision; CHR-V092 when it had errors itself; CHR-K… and CHR-S… of the state.
    """
    from chronon.validators import evolution

    repository, catalog = checked.repository, checked.catalog
    if repository is None or catalog is None:
        return checked
    config = config_of(repo)
    is_transitive = any(mode.is_transitive for mode in _modes(repository))
    if against == DEPLOYED:
        history = _deployed(config, target, environment, repository, is_transitive=is_transitive)
    else:
        history = _revisions(config, against, is_transitive=is_transitive)
    return replace(checked, found=in_order((*checked.found, *evolution(tuple(history), repository, catalog))))


def resolved(past: PastRevision) -> tuple[Catalog | None, Sequence[Diagnostic]]:
    """What an earlier revision means, or its errors."""
    from chronon.loaders import broken_objects
    from chronon.model.diagnostics import Severity
    from chronon.validators import resolve

    catalog, found = resolve(past.repository, broken_objects(past.found))
    errors = [one for one in (*past.found, *found) if one.severity is Severity.ERROR]
    return (None if errors else catalog), errors


def declared_at(root: Path, revision: str) -> tuple[Repository, Catalog]:
    """What a revision declares. Errors: CHR-S032, CHR-S033 of the revision; CHR-V092 when it has errors."""
    from chronon.loaders import past_revisions

    with closing(past_revisions(root, revision)) as pasts:
        past = next(pasts)
    catalog, errors = resolved(past)
    if catalog is None:
        raise broken_past(revision, errors)
    return past.repository, catalog


def broken_past(label: str, errors: Collection[Diagnostic]) -> ChrononError:
    """CHR-V092: a revision that means nothing. errors: what is wrong with its definitions; one at least."""
    first = in_order(errors)[0]
    message = f"the definitions of {label} have errors: {first.span}: {first.code} {first.message}"
    return ChrononError(_BROKEN_PAST, message, "name a revision that validates")


def _modes(repository: Repository) -> Iterator[Compatibility]:
    """Every mode that is written down."""
    for specs in (repository.teams, repository.sources, repository.group_bys, repository.joins):
        yield from (spec.header.compatibility for spec in specs.values() if spec.header.compatibility)


def _revisions(config: Config, against: str, *, is_transitive: bool) -> Iterator[Past]:
    """The revision, and when some object looks further back every earlier one that had no errors."""
    from chronon.loaders import past_revisions
    from chronon.validators import past_of

    n_broken = 0
    with closing(past_revisions(config.root, against)) as pasts:
        for number, past in enumerate(pasts):
            if number and not is_transitive:
                break
            catalog, errors = resolved(past)
            label = past.repository.revision if number else against
            if catalog is not None:
                yield past_of(label, past.repository, catalog)
            elif number:
                n_broken += 1
            else:
                raise broken_past(label, errors)
    if n_broken:
        say(f"{n_broken} earlier revisions have errors and were not compared")


def _deployed(
    config: Config, target: str | None, environment: str, repository: Repository, *, is_transitive: bool
) -> Iterable[Past]:
    """What the environment points at, and when some object looks further back everything that was ever recorded."""
    from chronon.stores.state import open_state
    from chronon.validators import deployed_past

    with closing(open_state(config.target(target).state)) as store:
        live = store.read().environment(environment).snapshots.values()
        earlier = store.snapshots() if is_transitive else ()
    if not live:
        say(f"nothing is deployed to {environment} yet")
    yield deployed_past(environment, tuple(live), repository)
    for snapshot in earlier:
        if snapshot not in live:
            yield deployed_past(f"snapshot {snapshot.fingerprint[:8]}", [snapshot], repository)
