"""What a document says of itself, against what its path says."""

from __future__ import annotations

from chronon.loaders import codes
from chronon.loaders.files import Place
from chronon.loaders.yaml import Document
from chronon.model.diagnostics import Diagnostic
from chronon.model.names import Kind


def declared_kind(document: Document) -> Kind | None:
    """The kind that the first key names; None when it names none, or is the `source` that a group_by reads."""
    first = next(iter(document.data), "")
    if first == Kind.SOURCE and "keys" in document.data:
        return None
    return _KINDS.get(first)


_KINDS = {kind.value: kind for kind in Kind}


def misplaced(document: Document, place: Place) -> tuple[Diagnostic, ...]:
    """The finding for a document of another kind than its folder; then nothing else in it is worth a check."""
    kind = declared_kind(document)
    if kind in (None, place.kind) or place.kind in document.data:
        return ()
    message = f"this file declares a {kind}, but lies where a {place.kind} is read"
    hint = f"move it to {kind}s/" if kind is not Kind.TEAM else "a team.yaml lies in the team's folder"
    return (Diagnostic(code=codes.MISPLACED, span=document.span(f"key:{kind}"), message=message, hint=hint),)


def misnamed(document: Document, place: Place) -> tuple[Diagnostic, ...]:
    """Findings for a name or version that differs from the file's."""
    found = []
    written = document.data[place.kind]
    if written != place.name:
        message = f"`{written}` stands in the file of `{place.name}`"
        hint = "a team is named as its folder" if place.kind is Kind.TEAM else f"rename the file to {written}.yaml"
        found.append(Diagnostic(code=codes.MISNAMED, span=document.span(place.kind), message=message, hint=hint))
    version = document.data.get("version", 1)
    if place.version not in (None, version):
        message = f"version {version} stands in a file for version {place.version}"
        hint = f"write `version: {place.version}`, or rename the file"
        found.append(Diagnostic(code=codes.MISNAMED, span=document.span("version"), message=message, hint=hint))
    return tuple(found)
