"""A group_by's features compiled for the core: which base columns are kept, and which windows read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from chronon.aggregations.fold import Fold
from chronon.aggregations.folds.counts import Count
from chronon.aggregations.folds.ends import Timed
from chronon.aggregations.operation import Operation
from chronon.aggregations.partials import ImagesOf, Partial, TimedOf, ValuesOf
from chronon.aggregations.reading import Reading, Unfold, reading_of, result_type
from chronon.aggregations.registry import operation_of
from chronon.aggregations.values import REAL, has_texts
from chronon.aggregations.windows import check_window, hop_of
from chronon.model.definitions import Feature
from chronon.model.errors import InvariantError
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis
from chronon.model.types import DataType, Scalar

SQL = (Scalar.BOOLEAN, Scalar.INT, Scalar.LONG, *REAL, Scalar.STRING)
"""Types whose sums and extremes the engines compute as we do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """How a column takes images of changes.

    takes_back: an image of what was before counts less than nothing; else it is left out.
    hop: in a tile of changes, the step in which the values' own times are kept: the smallest in which the tail of one
        of the column's windows moves. None: they are not kept, as no window asks for them.
    """

    takes_back: bool
    hop: Millis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseColumn:
    """States that are stored once for every operation and window that reads them. images: None of events."""

    reading: Reading
    fold: Fold
    images: Images | None = None

    @property
    def is_dated(self) -> bool:
        """Whether the outermost level is the values' own time: a number, not a text."""
        return self.images is not None and self.images.hop is not None

    @property
    def prefix(self) -> int:
        """Leading columns of an item: one per level that splits the values."""
        return self.is_dated + self.reading.levels

    @property
    def width(self) -> int:
        """Columns of an item."""
        return self.fold.width + self.prefix

    @property
    def text_columns(self) -> tuple[int, ...]:
        """Columns of an item that hold codes of texts."""
        value = self.fold.value_column
        of_value = () if value is None or not has_texts(self.reading.type) else (value + self.prefix,)
        return (*range(self.is_dated, self.prefix - self.reading.is_positional), *of_value)

    @property
    def built_in(self) -> tuple[Partial, ...]:
        """What a SQL engine computes for it with aggregates of its own; empty when it must list the values."""
        reading, kind = self.reading, self.reading.type
        if (
            self.images
            or reading.levels
            or reading.unfold is not Unfold.CELLS
            or not (isinstance(self.fold, Count) or kind in SQL)
        ):
            return ()
        return self.fold.partials(reading.input, kind)

    @property
    def partials(self) -> tuple[Partial, ...]:
        """What a SQL engine computes for it."""
        if self.images:
            return (ImagesOf(self.reading.input, self.reading.buckets),)
        listed = TimedOf if isinstance(self.fold, Timed) else ValuesOf
        return self.built_in or (listed(self.reading.input, self.reading.buckets),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One feature. columns: places of its base columns in the program, in the order of the operation's folds."""

    name: str
    call: OperationCall
    operation: Operation
    reading: Reading
    window: Millis | None
    type: DataType
    columns: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Program:
    """Everything that the core needs to know about a group_by.

    windows: the different lengths, shortest first, the unwindowed last.
    changes: its rows are entities that change: batch values hold a snapshot, tiles the images of what changed since.
    is_exact: windows begin at the millisecond, not at a hop: of a label, at the very row.
    """

    accuracy: Accuracy
    outputs: tuple[Output, ...]
    columns: tuple[BaseColumn, ...]
    windows: tuple[Millis | None, ...]
    changes: bool = False
    is_exact: bool = False

    @classmethod
    def compile(
        cls, features: tuple[Feature, ...], accuracy: Accuracy, *, changes: bool = False, is_exact: bool = False
    ) -> Program:
        """The program of some features.

        Errors: those of `output_type`.
        """
        columns: dict[BaseColumn, int] = {}
        outputs = tuple(_output(feature, accuracy, columns, changes=changes) for feature in features)
        lengths = {output.window for output in outputs}
        windows = (*sorted(w for w in lengths if w is not None), *([None] if None in lengths else []))
        return cls(
            accuracy=accuracy,
            outputs=outputs,
            columns=tuple(columns),
            windows=windows,
            changes=changes,
            is_exact=is_exact,
        )

    def step(self, window: Millis) -> Millis:
        """The step in which the tail of a window moves when it is asked in the past."""
        return Millis(1) if self.is_exact else hop_of(window, self.accuracy)

    @cached_property
    def of_tiles(self) -> Program:
        """The program with its columns as tiles and pages hold them: those of changes keep the values' own times."""
        if not self.changes:
            return self
        columns = zip(self.columns, self.windows_of, strict=True)
        return replace(self, columns=tuple(_dated(column, windows, self.accuracy) for column, windows in columns))

    @cached_property
    def windows_of(self) -> tuple[tuple[Millis | None, ...], ...]:
        """Per base column the windows that read it."""
        read: list[set[Millis | None]] = [set() for _ in self.columns]
        for output in self.outputs:
            for place in output.columns:
                read[place].add(output.window)
        return tuple(tuple(w for w in self.windows if w in mine) for mine in read)

    @cached_property
    def widths(self) -> list[int]:
        """Columns of an item, per base column."""
        return [column.width for column in self.columns]

    @cached_property
    def texts(self) -> list[tuple[int, ...]]:
        """Columns of an item that hold codes of texts, per base column."""
        return [column.text_columns for column in self.columns]

    @cached_property
    def places(self) -> dict[Millis | None, tuple[int, int | None]]:
        """Per window its place among the windows, and that of its hop size (None when unwindowed)."""
        hop = {w: None if w is None else self.hops.index(hop_of(w, self.accuracy)) for w in self.windows}
        return {window: (place, hop[window]) for place, window in enumerate(self.windows)}

    @cached_property
    def hops(self) -> tuple[Millis, ...]:
        """The sizes of tail hops that its windows need, smallest first."""
        return tuple(sorted({hop_of(w, self.accuracy) for w in self.windows if w is not None}))


def _dated(column: BaseColumn, windows: tuple[Millis | None, ...], accuracy: Accuracy) -> BaseColumn:
    """A column with the own times that the tails of its windows can tell apart."""
    hop = min((hop_of(window, accuracy) for window in windows if window is not None), default=None)
    return replace(column, images=replace(column.images, hop=hop)) if column.images else column


def _output(feature: Feature, accuracy: Accuracy, columns: dict[BaseColumn, int], *, changes: bool) -> Output:
    if feature.operation is None:
        raise InvariantError("aggregating-feature", f"{feature.name} is read from the snapshot as it is")
    if complaint := check_window(feature.window, accuracy):
        raise InvariantError("window-of-hops", f"{feature.name}: {complaint}")
    operation = operation_of(feature.operation.name)
    reading = reading_of(
        operation.signature, feature.input, feature.input_type, feature.buckets, elementwise=feature.elementwise
    )
    kind = result_type(operation.signature, feature.operation, reading)
    images = Images(takes_back=operation.is_invertible(feature.operation, reading.type)) if changes else None
    folds = operation.folds(feature.operation, reading.type)
    bases = [BaseColumn(reading=reading, fold=fold, images=images) for fold in folds]
    return Output(
        name=feature.name,
        call=feature.operation,
        operation=operation,
        reading=reading,
        window=feature.window,
        type=kind,
        columns=tuple(columns.setdefault(base, len(columns)) for base in bases),
    )


def stream_partials(program: Program) -> tuple[Partial, ...]:
    """What a SQL engine computes per (entity, tile), each once; `LAST_TS` comes on top."""
    return tuple(dict.fromkeys(partial for column in program.of_tiles.columns for partial in column.partials))
