"""A database error tells what went wrong and never what was being written (PR6)."""

import io
import logging
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from bot.observability.log import configure
from bot.store import tables as t
from bot.store.engine import open_engine
from bot.store.migrate import upgrade
from bot.store.store import Store

MARK = "Kaffeekränzchen-9132"
ROW = {"id": MARK, "created_at": 0}


async def provoke(folder: Path) -> list[Exception]:
    """Errors of every kind a statement with her words in it can end in."""
    failures: list[Exception] = []
    engine = open_engine(f"sqlite:///{folder}/hotline.db")
    upgrade(engine)
    bad = [
        lambda c: c.execute(insert(t.desk), [ROW, ROW]),
        lambda c: c.execute(insert(t.desk).values(id=MARK, created_at=None)),
        lambda c: c.execute(insert(t.conversation).values(id=MARK, desk=MARK)),
        lambda c: c.execute(text("SELECT * FROM nowhere WHERE word = :word"), {"word": MARK}),
        lambda c: c.execute(insert(t.desk), {"id": {"a": MARK}, "created_at": 0}),
    ]
    with Store(engine) as store:
        for work in bad:
            with pytest.raises(Exception) as raised:  # noqa: PT011 - any kind: that is the point
                await store.write(work)
            failures.append(raised.value)
    return failures


async def test_no_parameter_reaches_an_error_or_the_log(tmp_path: Path) -> None:
    log = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure(log, logging.DEBUG)
        for failure in await provoke(tmp_path):
            logging.getLogger("bot").error("turns failed", exc_info=failure)
            logging.getLogger("bot").warning("it was %s", failure)
            chain: BaseException | None = failure
            while chain is not None:
                assert MARK not in str(chain)
                chain = chain.__cause__
    finally:
        logging.getLogger().handlers[:], logging.getLogger().level = before
    assert log.getvalue(), "something was logged, else the test proves nothing"
    assert MARK not in log.getvalue()
