"""The features of a group_by before it is certain that they have a type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from chronon.aggregations import check_window, output_type
from chronon.model.definitions import feature_name
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy, Deprecation, GroupBySpec, OperationCall, Path
from chronon.model.time import Millis
from chronon.model.types import DataType
from chronon.validators.columns import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One output column as it is written.

    input_type, type: None when a mistake hides them.  path: what its author wrote it with.
    aliases: former name → where it is written.  origin: the first name of the input, as far as it is known.
    deprecated: when it shall go.
    """

    name: str
    input: str
    input_type: DataType | None
    operation: OperationCall | None
    window: Millis | None = None
    buckets: tuple[str, ...] = ()
    elementwise: bool = False
    type: DataType | None
    path: Path
    aliases: Mapping[str, Path] = field(default_factory=dict)
    origin: str = ""
    deprecated: Deprecation | None = None

    @property
    def rank(self) -> tuple[object, ...]:
        """Where it stands among its siblings: no order of writing is meaning, and an input that was renamed stays there."""
        operation = self.operation or OperationCall("")
        is_unbounded = self.window is None
        return (
            self.origin or self.input,
            operation.name,
            operation.arguments,
            self.buckets,
            is_unbounded,
            self.window or 0,
            self.name,
        )


OutputKey = tuple[str, tuple[int | float, ...], tuple[type, ...], DataType, tuple[str, ...], bool]
"""What the type of a feature depends on; 1 and 1.0 are equal, and not the same argument."""


def drafts_of(
    spec: GroupBySpec, columns: Columns, outputs: dict[OutputKey, DataType | None] | None = None
) -> tuple[Draft, ...]:
    """Every output column, in the order of `Draft.rank`. columns: what the group_by's queries yield.

    outputs: types of features that are known already; new ones are added.
    """
    made = (
        _aggregated(spec, columns, {} if outputs is None else outputs)
        if spec.aggregations
        else _passed_through(spec, columns)
    )
    named = (_with_names(draft, spec) for draft in made) if spec.aliases else made
    return tuple(sorted(named, key=lambda draft: draft.rank))


def named(drafts: tuple[Draft, ...], accuracy: Accuracy | None, *, is_open: bool) -> Columns:
    """The columns by name that drafts are. accuracy: for which a window may be refused; then its name is not certain."""
    windows = {draft.window for draft in drafts if draft.operation}
    refused = {window for window in windows if accuracy and check_window(window, accuracy)}
    types = {draft.name: None if draft.window in refused else draft.type for draft in drafts}
    former = {old: draft.name for draft in drafts for old in draft.aliases if old not in types}
    goes = {draft.name: draft.deprecated for draft in drafts if draft.deprecated}
    return Columns(types=types, is_open=is_open, aliases=former, deprecated=goes)


def _with_names(draft: Draft, spec: GroupBySpec) -> Draft:
    """The draft with the former names that the group_by lists for it."""
    listed: dict[str, Path] = {old: ("aliases", f"key:{old}") for old, new in spec.aliases.items() if new == draft.name}
    if not listed:
        return draft
    is_passed = draft.operation is None
    return replace(draft, aliases={**listed, **draft.aliases}, origin=list(listed)[-1] if is_passed else draft.origin)


def _passed_through(spec: GroupBySpec, columns: Columns) -> Iterator[Draft]:
    for name, type_ in columns.types.items():
        if name not in spec.keys:
            yield Draft(
                name=name, input=name, input_type=type_, operation=None, type=type_, path=("select", f"key:{name}")
            )


def _aggregated(spec: GroupBySpec, columns: Columns, outputs: dict[OutputKey, DataType | None]) -> Iterator[Draft]:
    for index, aggregation in enumerate(spec.aggregations):
        input_type = columns.type(aggregation.input)
        shown = aggregation.name or aggregation.input
        for number, operation in enumerate(aggregation.operations):
            nameable, path = _nameable(operation), ("aggregations", index, "operations", number)
            for window in aggregation.windows:
                for buckets in aggregation.buckets or ((),):
                    yield Draft(
                        name=feature_name(shown, nameable, window, buckets),
                        input=aggregation.input,
                        input_type=input_type,
                        operation=operation,
                        window=window,
                        buckets=buckets,
                        elementwise=aggregation.elementwise,
                        type=_output(operation, input_type, buckets, outputs, elementwise=aggregation.elementwise),
                        path=path,
                        aliases={
                            feature_name(former, nameable, window, buckets): (
                                "aggregations",
                                index,
                                "alias",
                            )
                            for former in aggregation.aliases
                        },
                        origin="" if aggregation.name else next(reversed(aggregation.aliases), ""),
                        deprecated=aggregation.deprecated,
                    )


def _nameable(operation: OperationCall) -> OperationCall:
    """The call; with an argument where its name shows one and the author forgot it, which `checks.operation` tells."""
    is_short = operation.name.endswith("_k") and not operation.arguments
    return OperationCall(operation.name, (1,)) if is_short else operation


def _output(
    operation: OperationCall,
    input_type: DataType | None,
    buckets: tuple[str, ...],
    outputs: dict[OutputKey, DataType | None],
    *,
    elementwise: bool,
) -> DataType | None:
    """The type of a feature; None when there is none, which `checks.operation` tells."""
    if input_type is None:
        return None
    arguments = operation.arguments
    key = (operation.name, arguments, tuple(map(type, arguments)), input_type, buckets, elementwise)
    if key not in outputs:
        try:
            outputs[key] = output_type(operation, input_type, buckets, elementwise=elementwise)
        except ChrononError:
            outputs[key] = None
    return outputs[key]
