"""Which failures of PostgreSQL are nobody's fault, so that the same work may be done again."""

from sqlalchemy.exc import DBAPIError, PendingRollbackError

_LOST_A_RACE = frozenset(
    {
        "40001",  # serialization_failure
        "40P01",  # deadlock_detected
        "55P03",  # lock_not_available: the one who had it stood still, and has been ended meanwhile
    }
)


def is_chance(failure: BaseException) -> bool:
    """Whether another process was in the way: the server has rolled everything back."""
    code = getattr(getattr(failure, "orig", None), "sqlstate", None)
    return code in _LOST_A_RACE


def is_lost(failure: BaseException) -> bool:
    """Whether the connection to the server is gone."""
    gone = isinstance(failure, DBAPIError) and failure.connection_invalidated
    return gone or isinstance(failure, PendingRollbackError)
