"""What a join makes of columns of its own rows: derivations, and columns that a bootstrap fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chronon.model.definitions import Filled, Join, Selected
from chronon.model.jobs import Digest
from chronon.planners.digests import digest, only_name
from chronon.planners.row_meanings import select_meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A column that is made of others of the same rows.

    inputs: what it reads → digest; left columns and `ts` have the digest of the left.
    """

    made: Selected | Filled
    digest: Digest
    inputs: Mapping[str, Digest]

    @property
    def name(self) -> str:
        """Its name in the join."""
        return self.made.name


@dataclass(frozen=True, slots=True)
class Made:
    """What is made of the columns of a join.

    lefts: those of the left rows.  columns: every name → digest, as it is in the result.
    rounds, aliases: as of `fingerprints.JoinDigests`.
    """

    lefts: Mapping[str, Digest]
    columns: Mapping[str, Digest]
    rounds: tuple[tuple[Derived, ...], ...]
    aliases: Mapping[str, str]


def made_of(join: Join, left: Digest, features: Mapping[str, Digest], filled: Sequence[Filled]) -> Made:
    """Features as they are filled, then derivations, then these as they are filled.

    features: what parts yield, and what is looked up.  filled: what is filled with that.
    """
    lefts = {select.name: left for select in join.left.selects} | {"ts": left}
    columns = {**lefts, **features}
    derivations = {derivation.name for derivation in join.derivations}
    first = tuple(_filled(left, one, columns) for one in filled if one.name not in derivations)
    columns |= {one.name: one.digest for one in first}
    base = {name: digest for name, digest in columns.items() if name not in lefts}
    aliases = {d.name: name for d in join.derivations if (name := only_name(d.expression)) in base}
    second = tuple(_derived(left, d, columns, lefts) for d in join.derivations if d.name not in aliases)
    columns |= {name: columns[feature] for name, feature in aliases.items()}
    columns |= {one.name: one.digest for one in second}
    third = tuple(_filled(left, one, columns) for one in filled if one.name in derivations)
    columns |= {one.name: one.digest for one in third}
    return Made(lefts, columns, (first, second, third), aliases)


def _filled(left: Digest, filled: Filled, columns: Mapping[str, Digest]) -> Derived:
    inputs = {name: columns[name] for name in filled.reads}
    return Derived(made=filled, digest=digest("filled", left, list(inputs.values())), inputs=inputs)


def _derived(left: Digest, derivation: Selected, columns: Mapping[str, Digest], lefts: Mapping[str, Digest]) -> Derived:
    inputs = {name: columns[name] for name in derivation.reads}
    tokens = {name: f"{found}.{name}" if name in lefts else found for name, found in sorted(inputs.items())}
    found = digest("derived", left, select_meaning(derivation, tokens))
    return Derived(made=derivation, digest=found, inputs=inputs)


def seen_made(join: Join, seen: Mapping[str, str]) -> Mapping[str, str]:
    """What is seen of everything that is made of other columns, beside what is seen of these."""
    found = dict(seen)
    derivations = {derivation.name for derivation in join.derivations}

    def filled(*, is_derived: bool) -> dict[str, str]:
        filling = (one for one in join.filled if (one.name in derivations) is is_derived)
        return {one.name: digest("seen filled", [found[name] for name in one.reads]) for one in filling}

    found |= filled(is_derived=False)
    found |= {derivation.name: _seen_derived(derivation, found) for derivation in join.derivations}
    return found | filled(is_derived=True)


def _seen_derived(derivation: Selected, seen: Mapping[str, str]) -> str:
    name = only_name(derivation.expression)
    if name is not None and name in seen:
        return seen[name]
    return digest("seen", select_meaning(derivation, {name: seen[name] for name in sorted(derivation.reads)}))
