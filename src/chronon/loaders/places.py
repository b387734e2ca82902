"""The places in a document, looked for only when somebody asks: most documents have nothing to point at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chronon.loaders.yaml import parse
from chronon.model.diagnostics import Span
from chronon.model.errors import InvariantError
from chronon.model.specs import Path


class Places(Mapping[Path, Span]):
    """The `spans` of `yaml.Document`, of bytes that are known to be a document. Reading them takes milliseconds."""

    __slots__ = ("_content", "_found", "_path")

    def __init__(self, path: str, content: bytes) -> None:
        self._path = path
        self._content = content
        self._found: Mapping[Path, Span] | None = None

    def _all(self) -> Mapping[Path, Span]:
        if self._found is None:
            document, _ = parse(self._content, self._path)
            if document is None:
                raise InvariantError("quick-is-exact", f"{self._path} was read, and is no document")
            self._found = document.spans
        return self._found

    def __getitem__(self, path: Path) -> Span:
        return self._all()[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
