"""The features of a group_by before it is certain that they have a type."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from chronon.aggregations import check_window, output_type
from chronon.model.definitions import feature_name
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy, AggregationSpec, Deprecation, GroupBySpec, OperationCall, Path
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
        return self.origin or self.input, _rank(operation, self.window, self.buckets), self.name


@dataclass(frozen=True, slots=True)
class Ending:
    """What a feature has that does not depend on its input: the name behind it, and its place among those of one input.

    number: of the operation in its aggregation.  type: None when a mistake hides it.
    """

    text: str
    number: int
    operation: OperationCall
    window: Millis | None
    buckets: tuple[str, ...]
    type: DataType | None
    rank: tuple[object, ...]


@dataclass(slots=True)
class Endings:
    """Those of all aggregations, each made once; what is equal by identity is kept with them."""

    _known: dict[tuple[object, ...], tuple[AggregationSpec, tuple[Ending, ...]]] = field(default_factory=dict)

    def of(self, aggregation: AggregationSpec, input_type: DataType | None) -> tuple[Ending, ...]:
        """The endings of an aggregation, in the order of writing."""
        one = aggregation
        key = (id(one.operations), id(one.windows), one.buckets, one.elementwise, input_type)
        if key not in self._known:
            self._known[key] = (one, tuple(_endings(one, input_type)))
        return self._known[key][1]


def drafts_of(spec: GroupBySpec, columns: Columns, endings: Endings) -> tuple[Draft, ...]:
    """Every output column, in the order of `Draft.rank`. columns: what the group_by's queries yield."""
    made = _aggregated(spec, columns, endings) if spec.aggregations else _passed_through(spec, columns)
    named = (_with_names(draft, spec) for draft in made) if spec.aliases else made
    return tuple(sorted(named, key=lambda draft: draft.rank))


def features_of(
    spec: GroupBySpec, columns: Columns, endings: Endings, accuracy: Accuracy | None, *, is_open: bool
) -> Columns:
    """The output columns by name. accuracy: for which a window may be refused; then its name is not certain."""
    if not spec.aggregations or spec.aliases or any(one.aliases or one.deprecated for one in spec.aggregations):
        return _named(drafts_of(spec, columns, endings), accuracy, is_open=is_open)
    # Thousands of features of which nobody asks for more than name and type: no draft is made of each.
    made = [
        (one.input, ending.rank, f"{one.name or one.input}{ending.text}", ending)
        for one in spec.aggregations
        for ending in endings.of(one, columns.type(one.input))
    ]
    made.sort(key=lambda feature: feature[:3])
    windows = {window for one in spec.aggregations for window in one.windows}
    refused = _refused(windows, accuracy)
    types = {name: None if ending.window in refused else ending.type for _input, _rank, name, ending in made}
    return Columns(types=types, is_open=is_open)


def _named(drafts: tuple[Draft, ...], accuracy: Accuracy | None, *, is_open: bool) -> Columns:
    refused = _refused({draft.window for draft in drafts if draft.operation}, accuracy)
    types = {draft.name: None if draft.window in refused else draft.type for draft in drafts}
    former = {old: draft.name for draft in drafts for old in draft.aliases if old not in types}
    goes = {draft.name: draft.deprecated for draft in drafts if draft.deprecated}
    return Columns(types=types, is_open=is_open, aliases=former, deprecated=goes)


def _refused(windows: Collection[Millis | None], accuracy: Accuracy | None) -> Collection[Millis | None]:
    return {window for window in windows if accuracy and check_window(window, accuracy)}


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


def _aggregated(spec: GroupBySpec, columns: Columns, endings: Endings) -> Iterator[Draft]:
    for index, one in enumerate(spec.aggregations):
        input_type = columns.type(one.input)
        for ending in endings.of(one, input_type):
            yield Draft(
                name=f"{one.name or one.input}{ending.text}",
                input=one.input,
                input_type=input_type,
                operation=ending.operation,
                window=ending.window,
                buckets=ending.buckets,
                elementwise=one.elementwise,
                type=ending.type,
                path=("aggregations", index, "operations", ending.number),
                aliases={f"{former}{ending.text}": ("aggregations", index, "alias") for former in one.aliases},
                origin="" if one.name else next(reversed(one.aliases), ""),
                deprecated=one.deprecated,
            )


def _endings(aggregation: AggregationSpec, input_type: DataType | None) -> Iterator[Ending]:
    for number, operation in enumerate(aggregation.operations):
        for window in aggregation.windows:
            for buckets in aggregation.buckets or ((),):
                yield Ending(
                    text=feature_name("", _nameable(operation), window, buckets),
                    number=number,
                    operation=operation,
                    window=window,
                    buckets=buckets,
                    type=_output(operation, input_type, buckets, elementwise=aggregation.elementwise),
                    rank=_rank(operation, window, buckets),
                )


def _rank(operation: OperationCall, window: Millis | None, buckets: tuple[str, ...]) -> tuple[object, ...]:
    return operation.name, operation.arguments, buckets, window is None, window or 0


def _nameable(operation: OperationCall) -> OperationCall:
    """The call; with an argument where its name shows one and the author forgot it, which `checks.operation` tells."""
    is_short = operation.name.endswith("_k") and not operation.arguments
    return OperationCall(operation.name, (1,)) if is_short else operation


def _output(
    operation: OperationCall, input_type: DataType | None, buckets: tuple[str, ...], *, elementwise: bool
) -> DataType | None:
    """The type of a feature; None when there is none, which `checks.operation` tells."""
    if input_type is None:
        return None
    try:
        return output_type(operation, input_type, buckets, elementwise=elementwise)
    except ChrononError:
        return None
