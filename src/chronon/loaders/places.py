"""The places in a document, looked for only when somebody asks: most documents have nothing to point at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from chronon.loaders.yaml import parse
from chronon.model.diagnostics import Span
from chronon.model.errors import InvariantError
from chronon.model.specs import Path


class Places(Mapping[Path, Span]):
    """The `spans` of `yaml.Document`, of bytes that are known to be a document. Reading them takes milliseconds.

    The bytes are such as `quick` reads: a key stands in them as it is, with a colon behind it, or in braces with nothing.
    """

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

    def __contains__(self, path: object) -> bool:
        return (not isinstance(path, tuple) or self.may_have(path)) and path in self._all()

    def may_have(self, path: Path) -> bool:
        """False where one of the names on the way to a value is surely no key in the document: that needs no reading."""
        names = (step for step in path if isinstance(step, str) and _NAME.fullmatch(step))
        return all(re.search(rb"\b%s['\"]?\s*[:,}#]" % name.encode(), self._content) for name in names)

    def __getitem__(self, path: Path) -> Span:
        return self._all()[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


_NAME = re.compile(r"[a-z_]+")
"""What is surely no key with quotes in it, and none of the marks of `yaml.Document`."""
