"""Coverage-guided fuzzing of a definition's whole way: bytes, YAML, schema, spec, checks. Run by test_fuzz and `make soak`.

Usage: loader_target.py CORPUS SECONDS. An exception, or an input that takes longer than its limit, ends it with an error.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chronon", "ruamel.yaml"]):
    from chronon.loaders.files import place_of
    from chronon.loaders.header import misnamed, misplaced
    from chronon.loaders.shape import violations
    from chronon.loaders.specs import spec_of
    from chronon.loaders.yaml import parse
    from chronon.validators import validate

PATHS = (
    "teams/flights/sources/x.yaml",
    "teams/flights/group_bys/x.yaml",
    "teams/flights/joins/x.yaml",
    "teams/flights/team.yaml",
)
OTHERS = {
    "chronon.yaml": "targets: {local: {engine: local, home: .chronon/local}}\n",
    "teams/flights/team.yaml": "team: flights\n",
    "teams/flights/sources/y.yaml": "source: y\nevents: {table: a.b, time: a, columns: {a: long, s: string}}\n",
}


def read(content: bytes) -> None:
    """The bytes as each kind of document; those that fit their schema in a repository, with every check."""
    for path in PATHS:
        place = place_of(path)
        assert place is not None
        document, found = parse(content, path)
        assert (document is None) == bool(found)
        assert all(one.span.line >= 1 and one.span.column >= 1 and one.message for one in found)
        if document is None:
            return
        found = misplaced(document, place) or violations(document, place.kind)
        if not found:
            misnamed(document, place)
            spec_of(document, place)
            checked(path, content)


def checked(path: str, content: bytes) -> None:
    """Every check, on a repository in which the document lies."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for other, text in OTHERS.items():
            (folder / other).parent.mkdir(parents=True, exist_ok=True)
            (folder / other).write_text(text)
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
        validate(folder)


def main(corpus: Path, seconds: int) -> None:
    """Fuzz for that time from the files of a folder; new inputs are added to it."""
    options = [f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=1024", "-max_len=4096", "-seed=7"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus.parent}/", str(corpus)], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
