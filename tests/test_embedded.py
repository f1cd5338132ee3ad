"""The bundled Postgres and Valkey: who runs them, who may enter, and what a crash costs."""

import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from aicc_console.embedded import account as accounts
from aicc_console.embedded.account import Account, home_of_servers, short_folder
from aicc_console.embedded.postgres import OWNER, SUPERUSER, Postgres
from aicc_console.processes import Child
from aicc_console.run_folder import PASSWORDS

from .stack import Stack, running_stack

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")


@pytest.fixture(scope="module")
def stack():
    with running_stack() as stack:
        yield stack


@pytest.fixture
def open_folder():
    """A folder that every account may pass through; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="aicc-test-")).resolve()
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def connect(stack: Stack, role: str, password: str | None = None) -> psycopg.Connection:
    url = stack.servers.postgres.url(role)
    if password is not None:
        url = url.replace(stack.servers.postgres.passwords[role], password)
    return psycopg.connect(url, autocommit=True)


def test_the_application_can_neither_pass_by_policies_nor_make_anything(stack):
    rights = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"

    with connect(stack, "aicc_app") as application:
        assert application.execute(rights).fetchone() == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("CREATE TABLE public.mine ()")


def test_the_owner_may_make_test_databases_and_is_no_superuser(stack):
    with connect(stack, OWNER) as owner:
        rights = owner.execute("SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert rights.fetchone() == (False, False, True)


@pytest.mark.parametrize("role", ["aicc_app", OWNER, SUPERUSER])
def test_a_wrong_password_is_refused(stack, role):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(stack, role, password="guessed")


def test_valkey_wants_its_password(stack):
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis(unix_socket_path=str(stack.servers.valkey.socket), retry=Retry(NoBackoff(), 0)).ping()


def test_the_servers_listen_on_no_port(stack):
    for child in stack.children.values():
        assert psutil.Process(child.pid).net_connections("inet") == []


def test_sockets_data_and_configuration_are_closed_to_others(stack):
    private = [
        stack.servers.sockets,
        stack.folder / "postgres",
        stack.folder / "postgres/data",
        stack.folder / "valkey",
    ]

    assert [path.stat().st_mode & 0o077 for path in private] == [0, 0, 0, 0]
    assert (stack.folder / "valkey/valkey.conf").stat().st_mode & 0o077 == 0


def test_the_sort_order_is_the_same_on_every_machine(stack):
    with connect(stack, "aicc_app") as application:
        words = application.execute("SELECT word FROM unnest(ARRAY['b', 'a', 'B', 'ä', '中']) word ORDER BY word")
        assert [word for (word,) in words] == ["B", "a", "b", "ä", "中"]


@AS_ROOT
def test_root_lends_its_rights_to_neither_server(stack):
    owners = {psutil.Process(child.pid).uids().effective for child in stack.children.values()}

    assert owners == {Account().user}
    assert owners != {0}


def test_rows_survive_the_kill_of_postgres(stack):
    with connect(stack, OWNER) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS number")

    stack.kill("postgres")
    stack.revive("postgres")

    with connect(stack, OWNER) as owner:
        assert owner.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_busy_backend_does_not_block_the_next_start(stack):
    with connect(stack, SUPERUSER) as busy:
        busy.execute("CREATE FUNCTION spin() RETURNS void LANGUAGE plpgsql AS 'BEGIN LOOP END LOOP; END'")
    line = connect(stack, SUPERUSER)
    line.pgconn.send_query(b"SELECT spin()")
    time.sleep(0.2)

    stack.kill("postgres")
    began = time.monotonic()
    stack.revive("postgres")

    assert time.monotonic() - began < 15
    line.close()


def test_the_queue_survives_the_kill_of_valkey(stack):
    queue = redis.Redis.from_url(stack.servers.valkey.cache_url)
    queue.rpush("queue", "job")

    stack.kill("valkey")
    stack.revive("valkey")

    assert queue.lrange("queue", 0, -1) == [b"job"]


def test_a_lock_file_that_names_another_program_does_not_stop_postgres(stack):
    stack.children["postgres"].stop()
    lock = stack.servers.postgres.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{lock.parent}\n0\n\n\n\n")

    stack.revive("postgres")

    assert int(lock.read_text().split()[0]) == stack.children["postgres"].pid


def test_a_stack_leaves_nothing_behind():
    with running_stack() as stack:
        folders = [stack.folder, stack.servers.sockets]
        processes = [psutil.Process(child.pid) for child in stack.children.values()]

    assert [folder.exists() for folder in folders] == [False, False]
    assert [process.is_running() for process in processes] == [False, False]


@pytest.mark.parametrize("version", sorted(path.parent.name for path in Path("/usr/lib/postgresql").glob("*/bin")))
def test_debians_postgres_does_as_well(open_folder, monkeypatch, version):
    monkeypatch.setenv("PG_BIN", f"/usr/lib/postgresql/{version}/bin")
    account = Account()
    passwords = {role: secrets.token_hex(8) for role in PASSWORDS}
    sockets = short_folder(account)
    postgres = Postgres(open_folder, sockets, account, passwords=passwords, durable=False)
    assert postgres.make()
    child = Child(postgres.program(open_folder / "log"))
    child.start()

    postgres.provide_database(child)

    with psycopg.connect(postgres.url()) as application:
        assert application.info.server_version // 10000 == int(version)
    child.stop()
    shutil.rmtree(sockets)


def test_a_database_of_another_version_is_refused_with_both_versions(stack):
    version = stack.servers.postgres.data / "PG_VERSION"
    was = version.read_text()
    version.write_text("9.6\n")

    with pytest.raises(SystemExit, match=r"is of PostgreSQL 9\.6, the programs .* are of 1\d"):
        stack.servers.postgres.make()

    version.write_text(was)


def test_a_server_that_ends_at_once_is_not_waited_for(stack):
    stack.children["postgres"].stop()
    version = stack.servers.postgres.data / "PG_VERSION"
    was = version.read_text()
    version.write_text("9.6\n")

    with pytest.raises(SystemExit, match=r"Postgres did not start; .*postgres\.log tells why"):
        stack.revive("postgres")

    version.write_text(was)
    stack.revive("postgres")


@AS_ROOT
@pytest.mark.parametrize(("temporary", "place"), [(".", "."), ("elsewhere", "lasting")])
def test_data_goes_elsewhere_where_its_account_cannot_follow(open_folder, monkeypatch, temporary, place):
    monkeypatch.setattr(tempfile, "tempdir", str(open_folder / temporary))
    monkeypatch.setattr(accounts, "ELSEWHERE", open_folder / "lasting")
    var_dir = open_folder / "closed" / "var"
    var_dir.mkdir(parents=True)
    var_dir.parent.chmod(0o700)

    home = home_of_servers(var_dir, Account())

    assert home.parent == (open_folder / place).resolve()
    assert home_of_servers(var_dir, Account()) == home  # also at the next start
    assert var_dir.parent.stat().st_mode & 0o777 == 0o700


def test_data_stays_in_var_where_its_account_can_follow(open_folder):
    assert home_of_servers(open_folder, Account()) == open_folder / "servers"


@AS_ROOT
def test_nowhere_to_go_is_said(open_folder, monkeypatch):
    closed = open_folder / "closed"
    closed.mkdir()
    closed.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(closed))

    with pytest.raises(SystemExit, match="Set VAR_DIR to a folder that every user may enter"):
        home_of_servers(closed, Account())


def test_sockets_have_a_short_path_wherever_the_temporary_folder_is(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)

    folder = short_folder(Account())

    assert len(str(folder / ".s.PGSQL.5432.lock")) < 107  # bytes
    folder.rmdir()
