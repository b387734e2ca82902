"""chronon.yaml: where the folders of a repository are and which targets compute it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chronon.loaders import codes
from chronon.loaders.nearest import suggestion
from chronon.loaders.quick import fits, quick_document
from chronon.loaders.shape import violations
from chronon.loaders.yaml import MAX_BYTES, Document, parse
from chronon.model.diagnostics import Diagnostic, Span
from chronon.model.errors import ChrononError
from chronon.model.specs import Level

FILE = "chronon.yaml"
RETENTION_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What computes, and where everything lies that it makes.

    home: absolute.  state: address of the state store.
    retention_days: how long what no environment points at any more can be rolled back to.
    """

    name: str
    engine: str
    home: Path
    state: str
    retention_days: int = RETENTION_DAYS

    @property
    def warehouse(self) -> Path:
        """The folder of computed tables."""
        return self.home / "warehouse"

    @property
    def kv(self) -> Path:
        """The folder of the KV store."""
        return self.home / "kv"

    @property
    def kv_address(self) -> str:
        """The address of the key-value store."""
        return f"lmdb:{self.kv}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The root file, with every path absolute.

    default: name of the target that is meant when none is named; None when there are several and none is chosen.
    checks: name of a check on request → what comes of it where a team does not say.
    """

    root: Path
    teams: Path
    tables: Path
    streams: Path
    targets: Mapping[str, Target]
    default: str | None = None
    checks: Mapping[str, Level] = field(default_factory=dict)

    def target(self, name: str | None = None) -> Target:
        """The target of that name, or the default one.

        Errors: CHR-S031 when there is no such target, or no default.
        """
        wanted = name or self.default
        if wanted is None:
            hint = f"name one: {', '.join(self.targets)}"
            raise ChrononError(codes.UNKNOWN_TARGET, f"{FILE} has several targets and no default", hint)
        if wanted not in self.targets:
            message = f"there is no target `{wanted}` in {FILE}"
            raise ChrononError(codes.UNKNOWN_TARGET, message, suggestion(wanted, self.targets))
        return self.targets[wanted]


def is_below(root: Path, folder: Path) -> bool:
    """Whether it is a folder inside the root, links followed."""
    return folder.is_dir() and folder.resolve().is_relative_to(root.resolve())


def find_config(start: Path) -> tuple[Config | None, tuple[Diagnostic, ...]]:
    """The configuration of the repository in which a folder lies: the nearest chronon.yaml, there or above."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).exists():
            return load_config(folder)
    message = f"there is no {FILE} in {start} or above it"
    return None, (_problem(codes.NO_CONFIG, message, "run `chronon init`, or change to a repository"),)


def load_config(root: Path) -> tuple[Config | None, tuple[Diagnostic, ...]]:
    """The configuration in a folder's chronon.yaml, or what is wrong with that file."""
    if (root / FILE).exists() and not (root / FILE).is_file():
        return None, (_problem(codes.NOT_A_FILE, f"{FILE} is no regular file", "replace it by a file"),)
    try:
        with (root / FILE).open("rb") as stream:
            document, found = _document(stream.read(MAX_BYTES + 1))
    except FileNotFoundError:
        return None, (_problem(codes.NO_CONFIG, f"there is no {FILE} in {root}", "run `chronon init`"),)
    except OSError as error:
        message = f"{FILE} cannot be read: {error.strerror}"
        return None, (_problem(codes.UNREADABLE, message, "look at its permissions"),)
    if document is None or found:
        return None, found
    config = _config(root.resolve(), document)
    return config, _folders(config, document)


def _document(content: bytes) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    document = quick_document(content, FILE)
    if document and fits(document.data, "chronon"):
        return document, ()
    document, found = parse(content, FILE)
    return document, found or (violations(document, "chronon") if document else ())


def _config(root: Path, document: Document) -> Config:
    data = document.data
    targets = {
        name: Target(
            name=name,
            engine=fields["engine"],
            home=root / fields["home"],
            state=fields.get("state", f"sqlite:{root / fields['home'] / 'state.db'}"),
            retention_days=int(fields.get("retention", f"{RETENTION_DAYS}d").removesuffix("d")),
        )
        for name, fields in data["targets"].items()
    }
    return Config(
        root=root,
        teams=root / data.get("teams", "teams"),
        tables=root / data.get("tables", "data"),
        streams=root / data.get("streams", "streams"),
        targets=targets,
        default=data.get("target", next(iter(targets)) if len(targets) == 1 else None),
        checks=levels(data.get("checks", {})),
    )


def levels(data: Mapping[str, str]) -> Mapping[str, Level]:
    """What `checks` of a file asks for, by name."""
    return {name: Level(level) for name, level in data.items()}


def _folders(config: Config, document: Document) -> tuple[Diagnostic, ...]:
    """Findings for what the file names and does not have."""
    found = []
    if config.default is not None and config.default not in config.targets:
        message = f"`target`: there is no target `{config.default}`"
        hint = suggestion(config.default, config.targets)
        found.append(Diagnostic(code=codes.UNKNOWN_TARGET, span=document.span("target"), message=message, hint=hint))
    if not is_below(config.root, config.teams):
        message = f"the folder of the teams `{document.data.get('teams', 'teams')}` is not a folder of this repository"
        hint = "name one below chronon.yaml, with a folder per team"
        found.append(Diagnostic(code=codes.NO_TEAMS, span=document.span("teams"), message=message, hint=hint))
    return tuple(found)


def _problem(code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code=code, span=Span(FILE), message=message, hint=hint)
