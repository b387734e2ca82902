"""What only PostgreSQL can get wrong: addresses, secrets, rights, versions, servers that are not there or end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from postgres_server import PASSWORD_VARIABLE, Server
from state_world import a_lease, begun

from chronon.model.errors import ChrononError
from chronon.stores.state import open_state
from chronon.stores.state.migrations import MIGRATIONS
from chronon.stores.state.postgres import PostgresSchema
from chronon.stores.state.postgres_address import parse_address
from chronon.stores.state.store import SqlState


def test_address_when_parsed_then_shows_everything_but_the_secret() -> None:
    address = parse_address("//ann@db.example:6432/features?schema=prod&password=env:SECRET&sslmode=verify-full")

    assert address.shown == "postgres://ann@db.example:6432/features?schema=prod"
    assert address.server == {
        "user": "ann", "host": "db.example", "port": "6432", "dbname": "features", "sslmode": "verify-full"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ("//ann:canary@db/features", "holds a password"),
        ("//db/features?password=canary", "written out"),
        ("//db/features?password=env:", "written out"),
        ("//db/features?shcema=x", "sets 'shcema', expected one of schema"),
        ("//db/features?schema=a;drop", "no name of a schema"),
        ("//db:port/features", "no address"),
        ("db/features", "begin with postgres://"),
    ],
)
def test_address_that_means_nothing_or_holds_a_secret_is_refused_without_telling_it(rest: str, why: str) -> None:
    with pytest.raises(ChrononError, match="CHR-K126") as refused:
        open_state(f"postgres:{rest}")

    assert why in str(refused.value)
    assert "canary" not in str(refused.value) + refused.value.hint


@pytest.mark.parametrize("reference", ["env:CHRONON_TEST_NOT_SET", "file:/no/such/file"])
def test_secret_that_is_not_there_is_told_by_its_name(reference: str) -> None:
    store = open_state(f"postgres://ann@127.0.0.1/features?password={reference}")

    with pytest.raises(ChrononError, match="CHR-K127") as refused:
        store.read()

    assert reference.partition(":")[2] in str(refused.value)


def test_address_with_a_password_is_not_shown_when_its_backend_is_unknown() -> None:
    with pytest.raises(ChrononError, match="CHR-K014") as refused:
        open_state("postgresql://ann:canary@db/features")

    assert "canary" not in str(refused.value)


def test_server_that_is_not_there_is_told() -> None:
    store = open_state("postgres://ann@127.0.0.1:1/features")

    with pytest.raises(ChrononError, match=r"CHR-K124.*postgres://ann@127.0.0.1:1/features"):
        store.read()


@pytest.mark.engine
def test_secret_when_read_from_a_file_then_opens_and_when_wrong_is_never_told(postgres: Server, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(os.environ[PASSWORD_VARIABLE] + "\n")
    address = postgres.address().replace(f"env:{PASSWORD_VARIABLE}", f"file:{file}")
    opened = open_state(address)
    assert opened.read().serial == 0
    opened.close()

    file.write_text("canary")
    with pytest.raises(ChrononError, match="CHR-K124") as refused:
        open_state(address).read()

    assert "canary" not in repr(refused.value) + repr(refused.value.__cause__)


@pytest.mark.engine
def test_reading_before_the_first_write_makes_no_schema(postgres: Server) -> None:
    store = open_state(postgres.address("never_written"))

    assert store.read().serial == 0
    store.close()

    assert schemas(postgres).isdisjoint({"never_written"})


@pytest.mark.engine
def test_schema_of_a_newer_version_is_refused(postgres: Server) -> None:
    store = open_state(postgres.address("newer"))
    store.release(a_lease(store))
    store.close()
    execute(postgres, f"INSERT INTO newer.schema_version VALUES ({len(MIGRATIONS) + 1})")

    with closing(open_state(postgres.address("newer"))) as again, pytest.raises(ChrononError, match=r"CHR-K015.*newer"):
        again.read()


@pytest.mark.engine
def test_schema_of_something_else_is_left_alone(postgres: Server) -> None:
    execute(postgres, "CREATE SCHEMA other; CREATE TABLE other.people (name TEXT)")

    with (
        closing(open_state(postgres.address("other"))) as store,
        pytest.raises(ChrononError, match=r"CHR-K016.*something else"),
    ):
        a_lease(store)


@pytest.mark.engine
def test_user_without_rights_is_told(postgres: Server) -> None:
    execute(postgres, f"CREATE ROLE guest LOGIN PASSWORD '{postgres.password}'")

    with (
        closing(open_state(postgres.address().replace("chronon@", "guest@"))) as store,
        pytest.raises(ChrononError, match=r"CHR-K019.*permission denied"),
    ):
        a_lease(store)


@pytest.mark.engine
def test_lock_that_is_never_given_back_is_told(postgres: Server) -> None:
    rest = postgres.address("busy").removeprefix("postgres:")
    store = SqlState(PostgresSchema(parse_address(rest), busy_s=0.05))
    store.release(a_lease(store))
    with psycopg.connect(postgres.conninfo) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('chronon.busy', 0))")

        with pytest.raises(ChrononError, match="CHR-K017"):
            a_lease(store)
        assert store.read().serial == 0

    store.close()


@pytest.mark.engine
def test_connection_that_the_server_ended_is_made_anew(postgres: Server) -> None:
    store = open_state(postgres.address())
    lease, plan = begun(store)
    execute(postgres, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chronon'")

    with pytest.raises(ChrononError, match="CHR-K124"):
        store.read()

    assert [record.id for record in store.history()] == [plan]
    store.release(lease)
    store.close()


@pytest.mark.engine
def test_log_can_only_grow(postgres: Server) -> None:
    store = open_state(postgres.address("grows"))
    begun(store)
    store.close()

    for change in ("UPDATE grows.audit SET who = 'eve'", "DELETE FROM grows.audit", "TRUNCATE grows.audit"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            execute(postgres, change)


def test_backends_are_listed_without_loading_psycopg() -> None:
    code = "import sys; from chronon.stores.state import state_backends as s; print(s(), 'psycopg' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said == "('postgres', 'sqlite') False\n"


@pytest.mark.engine
def test_repository_whose_state_is_in_postgres_is_planned_applied_and_moved_without_writing_the_password(
    postgres: Server, tmp_path: Path
) -> None:
    stories = Path(__file__).parents[1] / "stories"
    shop, canary = tmp_path / "shop", postgres.password
    shutil.copytree(stories / "shop", shop)
    subprocess.run(
        [sys.executable, "-c", "import shop_data, pathlib, sys; shop_data.write_tables(pathlib.Path(sys.argv[1]))", shop / "data"],
        cwd=stories, check=True,
    )  # fmt: skip
    address = postgres.address("shop")
    (shop / "chronon.yaml").write_text(
        "tables: data\ntarget: one\ntargets:\n"
        f"  one: {{engine: local, home: .chronon/one, state: '{address}'}}\n"
        "  two: {engine: local, home: .chronon/two}\n"
    )

    ended = [
        chronon(shop, *arguments.split())
        for arguments in (
            "plan --out plan.json",
            "plan --json",
            "plan --markdown",
            "apply plan.json --json --parallelism 2",
            "apply plan.json",
            "drift --json",
            "status --json",
            "history --log --json",
            "state export one.json",
            "state import one.json --target two",
            "state export two.json --target two",
            "doctor",
            "unlock",
        )
    ]
    wrong = chronon(shop, "status", **{PASSWORD_VARIABLE: "canary-of-a-wrong-password"})

    assert [(process.args[1:], process.returncode) for process in ended if process.returncode] == [
        (["apply", "plan.json"], 4)
    ]
    assert wrong.returncode == 1
    assert "CHR-K124" in wrong.stderr
    assert (shop / "one.json").read_bytes() == (shop / "two.json").read_bytes()
    assert not (shop / ".chronon/one/state.db").exists()
    said = "".join(process.stdout + process.stderr for process in (*ended, wrong)).encode()
    written = [said, *(file.read_bytes() for file in shop.rglob("*") if file.is_file())]
    assert [text for text in written if canary.encode() in text or b"canary-of-a-wrong-password" in text] == []


def chronon(shop: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("chronon")), *arguments],
        cwd=shop, env={**os.environ, **environment}, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def execute(server: Server, sql: str) -> None:
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(sql.encode())


def schemas(server: Server) -> set[str]:
    with psycopg.connect(server.conninfo) as connection:
        return {name for (name,) in connection.execute("SELECT schema_name FROM information_schema.schemata")}
