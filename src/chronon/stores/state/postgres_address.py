"""Addresses of states in PostgreSQL. A password is never part of one: it is named by `password=env:NAME` or `file:`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from chronon.model.errors import ChrononError
from chronon.stores.secrets import is_reference, secret

_FORM = "postgres://user@host:port/database?schema=chronon&password=env:NAME"
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_CONNECTION = {"application_name": "chronon", "connect_timeout": "10", "require_auth": "!password,!md5"}
"""A server that wants to see the password is refused: whoever wrote the address may not be who owns the secret."""
_PASSED_ON = ("host", "sslmode", "sslrootcert")
"""What of libpq an address may set; `host` is a folder of sockets."""
_OPTIONS = ("schema", "password", *_PASSED_ON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a state lies. server: parameters of libpq without the password. password: the reference to it, if there is one."""

    server: Mapping[str, str]
    schema: str = "chronon"
    password: str | None = None

    @property
    def shown(self) -> str:
        """The address for people."""
        where = self.server
        port = f":{where['port']}" if "port" in where else ""
        user = f"{where['user']}@" if "user" in where else ""
        return f"postgres://{user}{where.get('host', '')}{port}/{where.get('dbname', '')}?schema={self.schema}"

    def conninfo(self) -> str:
        """What libpq is given, the password among it. Errors: CHR-K127."""
        from psycopg.conninfo import make_conninfo

        password = {"password": secret(self.password)} if self.password else {}
        return make_conninfo("", **_CONNECTION, **self.server, **password)


def parse_address(rest: str) -> Address:
    """The address of which this follows `postgres:`. Errors: CHR-K126, without what could be a password."""
    try:
        parts = urlsplit(f"postgres:{rest}")
        port = parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise _meaningless("it is no address") from None
    if not rest.startswith("//"):
        raise _meaningless("it does not begin with postgres://")
    if parts.password is not None:
        raise _meaningless("it holds a password")
    password = options.get("password")
    if password is not None and not is_reference(password):
        raise _meaningless("its password is written out, expected env:NAME or file:<path>")
    if unknown := sorted(set(options) - set(_OPTIONS)):
        raise _meaningless(f"it sets {unknown[0]!r}, expected one of {', '.join(_OPTIONS)}")
    schema = options.get("schema", "chronon")
    if not _SCHEMA.fullmatch(schema):
        raise _meaningless(f"{schema!r} is no name of a schema: expected small letters, digits and `_`")
    given = {
        "user": unquote(parts.username or ""),
        "host": parts.hostname or "",
        "port": str(port or ""),
        "dbname": unquote(parts.path.lstrip("/")),
        **{name: options[name] for name in _PASSED_ON if name in options},
    }
    return Address(server={name: value for name, value in given.items() if value}, schema=schema, password=password)


def _meaningless(why: str) -> ChrononError:
    return ChrononError("CHR-K126", f"the address of the state in PostgreSQL cannot be used: {why}", f"write {_FORM}")
