"""Writes into the contract of a source what its tables have, in place.

Only what is missing or has another type is written; nothing is taken out. A file is replaced as a whole or not at all,
and two that pull at once wait for each other.
"""

from __future__ import annotations

import fcntl
import os
import stat
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from chronon.loaders.columns_text import with_columns
from chronon.loaders.contracts import Contract, Difference, differences
from chronon.loaders.files import content_of, place_of
from chronon.loaders.repository import document_of
from chronon.model.diagnostics import Diagnostic
from chronon.model.errors import ChrononError
from chronon.model.live import LiveTable
from chronon.model.specs import ColumnSpec, SourceSpec
from chronon.model.types import DataType

_NOT_EDITED = "CHR-K100"
_NOT_WRITTEN = "CHR-K101"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What is written into one contract. Both maps are name → type."""

    contract: Contract
    added: Mapping[str, DataType]
    retyped: Mapping[str, DataType]

    def __bool__(self) -> bool:
        return bool(self.added or self.retyped)


def edits_of(contract: Contract, difference: Difference) -> Edits:
    """What can be written: new columns that are no renamed ones, and types of columns that are declared there."""
    retyped = {
        name: each.type for name, each in difference.retyped.items() if name in contract.own and each.type is not None
    }
    return Edits(contract=contract, added=difference.appended, retyped=retyped)


def pull(root: Path, source: SourceSpec, live: Mapping[str, LiveTable]) -> tuple[SourceSpec, tuple[Edits, ...]]:
    """Write into the file of a source what its tables have: the source as it is then, and what was written.

    root: the folder of chronon.yaml, which nothing that is written leaves.
    Errors: CHR-S… when the file is not there or not in order any more; CHR-K100 when it cannot be edited in place; CHR-K101
    when it cannot be written.
    """
    path = source.header.path
    target = _inside(root, path)
    with _told(path), _alone(target.parent):
        content, now = _read(root, path)
        edits = _edits(now, live)
        if not edits:
            return now, ()
        new, edited = _edited(content, now, edits)
        _replace(target, content, new)
        return edited, edits


def _edits(source: SourceSpec, live: Mapping[str, LiveTable]) -> tuple[Edits, ...]:
    edits = [edits_of(contract, found) for contract, found in differences(source, live) if found is not None]
    return tuple(each for each in edits if each)


def _edited(content: bytes, source: SourceSpec, edits: Sequence[Edits]) -> tuple[bytes, SourceSpec]:
    """The new bytes, and what they declare, which is exactly what they should. Errors: CHR-K100."""
    text = content.decode("utf-8-sig")
    for each in edits:
        path = [str(step) for step in each.contract.path]
        edited = with_columns(text, path, each.added, each.retyped)
        if edited is None:
            raise _unedited(source, ".".join(path))
        text = edited
    place = place_of(source.header.path)
    new = (BOM_UTF8 if content.startswith(BOM_UTF8) else b"") + text.encode()
    spec = document_of(new, place)[0] if place else None
    if not isinstance(spec, SourceSpec) or _bare(spec) != _bare(_expected(source, edits)):
        raise _unedited(source, "columns")
    return new, spec


def _expected(source: SourceSpec, edits: Sequence[Edits]) -> SourceSpec:
    for each in edits:
        images = source.mutations
        if "mutations" in each.contract.path and images is not None:
            source = replace(source, mutations=replace(images, columns=_with(images.columns, each)))
        else:
            source = replace(source, columns=_with(source.columns, each))
    return source


def _with(columns: Sequence[ColumnSpec], edits: Edits) -> tuple[ColumnSpec, ...]:
    kept = (replace(column, type=edits.retyped.get(column.name, column.type)) for column in columns)
    return (*kept, *(ColumnSpec(name=name, type=kind) for name, kind in edits.added.items()))


def _bare(source: SourceSpec) -> SourceSpec:
    """Without places, which the edits move."""
    return replace(source, header=replace(source.header, spans={}))


def _read(root: Path, path: str) -> tuple[bytes, SourceSpec]:
    """The file as it is now. Errors: the first finding in it."""
    place = place_of(path)
    content = content_of(root, place) if place else None
    if isinstance(content, bytes) and place:
        spec, found = document_of(content, place)
        if isinstance(spec, SourceSpec):
            return content, spec
        raise _first(found)
    raise _first((content,) if isinstance(content, Diagnostic) else ())


def _first(found: Sequence[Diagnostic]) -> ChrononError:
    if not found:
        return ChrononError(_NOT_WRITTEN, "the file declares no source any more", "run the command again")
    return ChrononError(found[0].code, f"{found[0].span}: {found[0].message}", found[0].hint)


def _inside(root: Path, path: str) -> Path:
    """The file itself, links followed. Errors: CHR-K101 when these lead out of the repository."""
    target = (root / path).resolve()
    if not target.is_relative_to(root.resolve()):
        raise ChrononError(
            _NOT_WRITTEN, f"{path} is a link that leads out of the repository", "put the file itself there"
        )
    return target


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While no other pull writes into the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(target: Path, old: bytes, new: bytes) -> None:
    """Put a whole new file in the place of the old one, unless somebody else has edited that meanwhile."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    mode = stat.S_IMODE(target.stat().st_mode)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(new)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        if target.read_bytes() != old:
            raise ChrononError(_NOT_WRITTEN, f"{target.name} was edited meanwhile", "run the command again")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Errors of the system in our words."""
    try:
        yield
    except OSError as cause:
        message = f"{path} cannot be written: {cause.strerror or cause}"
        raise ChrononError(_NOT_WRITTEN, message, "look at its permissions and those of its folder") from cause


def _unedited(source: SourceSpec, where: str) -> ChrononError:
    message = f"{source.header.path}: `{where}` cannot be edited in place, as it is shared, anchored or not there"
    return ChrononError(_NOT_EDITED, message, "write the columns that `chronon schema pull` shows into it by hand")
