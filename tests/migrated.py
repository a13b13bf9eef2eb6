"""A SQLite file on which every migration has run, made once a process: each time it would be the same."""

import tempfile
from functools import cache
from pathlib import Path

from bot.store.engine import open_engine
from bot.store.migrate import upgrade


@cache
def migrated() -> bytes:
    """The bytes of the file, which holds nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/hotline.db")
        upgrade(engine)
        engine.dispose()
        return Path(folder, "hotline.db").read_bytes()
