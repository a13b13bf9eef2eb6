"""Keeps keys and words that are open in memory out of files: no core dumps (design §6)."""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4  # <sys/prctl.h>


def forbid_core_dumps() -> tuple[str, ...]:
    """Forbid core dumps of this process; on Linux also that other programs of its user read its memory.

    Call it first thing at start. Returns what could not be done, as sentences for the log; empty if all was.
    """
    refused: list[str] = []
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        refused.append("the limit on core dumps could not be set to zero")
    if sys.platform == "linux" and not _forbid_reading():
        refused.append("the kernel did not mark the process as not dumpable")
    return tuple(refused)


def _forbid_reading() -> bool:
    try:
        return ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False
