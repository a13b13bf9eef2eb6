"""One line of JSON per log record, and nothing of what a person wrote or is (PR6).

What may stand in a line is a closed list. The message is the text a programmer wrote, never filled in; of
packages that are not ours only the place of the call is told, because their sentences quote what they were
given. Exceptions are told as class names and places in the code, never by their message.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, TextIO, cast

OURS: Final = ("bot", "channels", "triage", "handoff", "config")
_CODE: Final = re.compile(r"[a-z][a-z_]{0,19}")
_CLASS: Final = re.compile(r"[A-Z][A-Za-z]{1,59}")
_QUIET: Final = ("aiohttp.access",)
_MOST_FRAMES: Final = 12
log: Final = logging.getLogger(__name__)


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _is_class_or_code(value: object) -> bool:
    return isinstance(value, str) and (_CODE.fullmatch(value) or _CLASS.fullmatch(value)) is not None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_duration(value: object) -> bool:
    return isinstance(value, float)


ALLOWED: Final = {
    "channel": _is_code,
    "state": _is_code,
    "count": _is_count,
    "error": _is_class_or_code,
    "duration": _is_duration,  # seconds
}
"""Extras that reach a line, each with the form it must have. A value of another form is left out."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: `at`, `level`, `where`, `message`, and the allowed extras."""

    def format(self, record: logging.LogRecord) -> str:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """The line, without its end."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "where": record.name,
            "message": _message(record),
        }
        for name, has_form in ALLOWED.items():
            value: object = getattr(record, name, None)
            if has_form(value):
                line[name] = value
        if record.exc_info and record.exc_info[1] is not None:
            line["raised"] = list(_classes(record.exc_info[1]))
            line["frames"] = _frames(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def configure(stream: TextIO, level: int = logging.INFO) -> None:
    """Send every record of this process to `stream` in this form, uncaught exceptions and warnings too."""
    lines = logging.StreamHandler(stream)
    lines.setFormatter(JsonLines())
    lines.addFilter(_worth_telling)
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    # A fault in logging itself would print the record with all it holds.
    logging.raiseExceptions = False
    for name in _QUIET:
        logging.getLogger(name).disabled = True
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _uncaught_in_thread


def _worth_telling(record: logging.LogRecord) -> bool:
    """Of other packages only warnings and worse: their small talk is a place in their code, no more."""
    return record.levelno >= logging.WARNING or _is_ours(record)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OURS


def _message(record: logging.LogRecord) -> str:
    if _is_ours(record) and isinstance(record.msg, str):
        return record.msg
    return f"{record.module}:{record.lineno}"


def _classes(error: BaseException | None) -> Iterator[str]:
    """The class of the error, of those inside a group, and of what caused it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield type(error).__name__
        for inner in _inside(error):
            yield from _classes(inner)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _inside(error: BaseException) -> tuple[BaseException, ...]:
    return cast("tuple[BaseException, ...]", getattr(error, "exceptions", ())) if _is_group(error) else ()


def _is_group(error: BaseException) -> bool:
    return isinstance(error, BaseExceptionGroup)


def _frames(error: BaseException) -> list[str]:
    """`bot/workers/inbox.py:32`, outermost first; of a group those of its first error follow."""
    places: list[str] = []
    at: BaseException | None = error
    while at is not None:
        trace = at.__traceback__
        while trace is not None:
            places.append(f"{_place(trace)}:{trace.tb_lineno}")
            trace = trace.tb_next
        at = next(iter(_inside(at)), None)
    return places[-_MOST_FRAMES:]


def _place(trace: TracebackType) -> str:
    """The file by its package, not by where this machine keeps it."""
    path = trace.tb_frame.f_code.co_filename.replace("\\", "/")
    package = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
    _, found, rest = path.rpartition(f"/{package}/")
    return f"{package}/{rest}" if package and found else path.rpartition("/")[2]


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("uncaught exception", exc_info=(kind, error, trace))


def _unraisable(fault: "sys.UnraisableHookArgs") -> None:
    log.error("exception that could not be raised", exc_info=fault.exc_value)


def _uncaught_in_thread(fault: threading.ExceptHookArgs) -> None:
    log.critical("uncaught exception in a thread", exc_info=fault.exc_value)
