"""Every finding that reading files can make: code and what it says, for the manual and for `explain`."""

from __future__ import annotations

from collections.abc import Mapping

SYNTAX = "CHR-S001"
ENCODING = "CHR-S002"
SIZE = "CHR-S003"
DUPLICATE_KEY = "CHR-S004"
TAG = "CHR-S005"
ALIAS = "CHR-S006"
SHAPE = "CHR-S007"
HIDDEN = "CHR-S008"
UNKNOWN_FIELD = "CHR-S010"
MISSING_FIELD = "CHR-S011"
WRONG_TYPE = "CHR-S012"
NOT_ALLOWED = "CHR-S013"
MALFORMED = "CHR-S014"
EMPTY = "CHR-S015"
EXCLUSIVE = "CHR-S016"
REPEATED = "CHR-S017"
MISPLACED = "CHR-S020"
MISNAMED = "CHR-S021"
NO_TEAM = "CHR-S022"
NOT_A_FILE = "CHR-S023"
UNREADABLE = "CHR-S024"
DUPLICATE_OBJECT = "CHR-S025"
NO_TEAMS = "CHR-S026"
NO_CONFIG = "CHR-S030"
UNKNOWN_TARGET = "CHR-S031"
NO_GIT = "CHR-S032"
NO_REVISION = "CHR-S033"

OF_PARTS = frozenset(
    {UNKNOWN_FIELD, MISSING_FIELD, WRONG_TYPE, NOT_ALLOWED, MALFORMED, EMPTY, EXCLUSIVE, REPEATED, MISNAMED}
)
"""Those that are about a part of a document: others of it can be read all the same."""

SUMMARIES: Mapping[str, str] = {
    SYNTAX: "the file is no YAML 1.2",
    ENCODING: "the file is no UTF-8 text",
    SIZE: "the file is larger, or nested deeper, than a definition can be",
    DUPLICATE_KEY: "a key stands twice in one mapping",
    TAG: "a YAML tag: nothing but plain values is read",
    ALIAS: "an alias has no anchor, or aliases unfold into too many values",
    SHAPE: "the file is not one mapping",
    HIDDEN: "a control character, or one that turns the direction in which a text is read",
    UNKNOWN_FIELD: "a field that this kind does not have",
    MISSING_FIELD: "a field that must be there is missing",
    WRONG_TYPE: "a value of another type than the field takes",
    NOT_ALLOWED: "a value that is not among those allowed",
    MALFORMED: "a text that does not have the form of its field",
    EMPTY: "a list, mapping, text or number is too small",
    EXCLUSIVE: "fields that exclude, or need, each other",
    REPEATED: "a value stands twice in one list",
    MISPLACED: "a file lies where none is read, or declares another kind than its folder",
    MISNAMED: "a name, version or team differs from the file's path",
    NO_TEAM: "a team's folder has no team.yaml",
    NOT_A_FILE: "a link that leads out of the repository, or something that is no regular file",
    UNREADABLE: "a file that cannot be read",
    DUPLICATE_OBJECT: "two files declare the same version of the same object",
    NO_TEAMS: "the folder of the teams does not exist, or lies outside the repository",
    NO_CONFIG: "there is no chronon.yaml here or above",
    UNKNOWN_TARGET: "chronon.yaml names a target that it does not have",
    NO_GIT: "`--against` names a revision, but the repository is not in git",
    NO_REVISION: "git knows no such revision, or the repository was not there then",
}
