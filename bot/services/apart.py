"""Work for many in one transaction, so that one that fails holds up nobody else (PR3, PR9)."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from bot.services.library import NothingPublished
from bot.vault.errors import RingError

log = logging.getLogger(__name__)

HOUSE_FAULTS = (DBAPIError, PendingRollbackError, RingError, NothingPublished, OSError, MemoryError)

One = TypeVar("One")
Result = TypeVar("Result")


def together_or_apart(
    connection: Connection,
    everyone: Iterable[One],
    work: Callable[[list[One]], Result],
    failed: Callable[[One], None],
) -> list[Result]:
    """Do `work` for all at once; if that fails, for each alone, and `failed` for whoever fails alone too.

    Whatever a failing attempt wrote is rolled back. A fault of the house (database, key ring, disk, nothing
    published) is nobody's own: it is raised. The log tells what failed, with no word of hers.
    """
    all_of_them = list(everyone)
    try:
        with connection.begin_nested():
            return [work(all_of_them)]
    except HOUSE_FAULTS:
        raise
    except Exception as failure:  # one of them, and nobody knows yet which
        if len(all_of_them) == 1:
            log.error("set apart", exc_info=failure)  # noqa: TRY400  the formatter prints no message text
            failed(all_of_them[0])
            return []
    results: list[Result] = []
    for one in all_of_them:
        results += together_or_apart(connection, [one], work, failed)
    return results
