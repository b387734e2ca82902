"""Where in today's file a column of a schema is written; of one that is gone, where it would stand."""

from __future__ import annotations

from collections.abc import Iterator

from chronon.model.definitions import feature_name
from chronon.model.diagnostics import Span
from chronon.model.names import Kind, ObjectId, parse_reference
from chronon.model.specs import GroupBySpec, JoinSpec, PartSpec, Path, Repository, SourceSpec
from chronon.validators.columns import column_prefix
from chronon.validators.compatibility import Reason, Violation


def place_of(violation: Violation, identity: ObjectId, repository: Repository) -> Span:
    """The place of a violation in the document of its object, or the nearest enclosing place."""
    name = violation.new.name if violation.new else None
    gone = violation.old.name if violation.old else ""
    match identity.kind:
        case Kind.SOURCE:
            source = repository.sources[identity.name]
            return source.header.span(*_in_source(source, name, violation.reason))
        case Kind.JOIN:
            join = repository.joins[identity]
            return _first(join, _in_join(join, name, gone))
        case _:
            group_by = repository.group_bys[identity]
            keys: list[Path] = [("keys",)] if violation.reason is Reason.KEYS else []
            return _first(group_by, [*keys, *_in_group_by(group_by, name)])


def _in_source(source: SourceSpec, name: str | None, reason: Reason) -> Path:
    columns = (source.kind.value, "columns")
    if name is None:
        return columns
    is_type = reason is Reason.RETYPED
    inside = (
        (*columns, name, "type") if is_type and (*columns, name, "type") in source.header.spans else (*columns, name)
    )
    return inside if is_type else (*columns, f"key:{name}")


def _in_group_by(spec: GroupBySpec, name: str | None) -> Iterator[Path]:
    """The operation that makes a feature, or the select that is passed through."""
    for index, aggregation in enumerate(spec.aggregations):
        shown = aggregation.name or aggregation.input
        for number, operation in enumerate(aggregation.operations):
            names = {
                feature_name(shown, operation, window, buckets)
                for window in aggregation.windows
                for buckets in aggregation.buckets or ((),)
            }
            if name in names:
                yield ("aggregations", index, "operations", number)
                yield ("aggregations", index)
    if name is not None:
        yield ("select", f"key:{name}")
        yield ("sources", 0, "select", f"key:{name}")
    yield ("aggregations",)
    yield ("select",)
    yield ("sources",)


def _in_join(spec: JoinSpec, name: str | None, gone: str) -> Iterator[Path]:
    """The derivation, the part or the left column that makes an output; of one that is gone, the part that made it."""
    sought = name or gone
    yield ("derivations", f"key:{sought}")
    yield ("left", "select", f"key:{sought}")
    for path, part in spec.asked:
        if sought.startswith(f"{_prefix(part, spec)}_"):
            yield (*path, "group_by")
            yield path
    yield ("parts",)


def _prefix(part: PartSpec, spec: JoinSpec) -> str:
    """What stands before the columns of a part, as far as its reference says it."""
    reference = part.group_by
    parsed = parse_reference(reference if "." in reference else f"{spec.header.id.name.team}.{reference}")
    return column_prefix(part, parsed[0].prefix if parsed else reference)


def _first(spec: GroupBySpec | JoinSpec, paths: Iterator[Path] | list[Path]) -> Span:
    """The first path that is written down."""
    return next((spec.header.spans[path] for path in paths if path in spec.header.spans), spec.header.span())
