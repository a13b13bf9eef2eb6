"""No log line holds what a person wrote: not by message, arguments, extras, exceptions or warnings."""

import asyncio
import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from bot.observability.log import ALLOWED, JsonLines, configure

HERS = "he has my phone, I am at Strada Lungă 4"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Logs of this test, in the form the service writes them."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.raiseExceptions
    hooks = sys.excepthook, sys.unraisablehook
    stream = io.StringIO()
    configure(stream)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:], level, logging.raiseExceptions = before
    root.setLevel(level)
    sys.excepthook, sys.unraisablehook = hooks


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_how_bad_where_and_what(lines: io.StringIO) -> None:
    logging.getLogger("bot.workers.inbox").warning("turns failed", extra={"channel": "webchat", "count": 3})
    (line,) = read(lines)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "warning",
        "where": "bot.workers.inbox",
        "message": "turns failed",
        "channel": "webchat",
        "count": 3,
    }


def test_forbidden_extras_are_dropped(lines: io.StringIO) -> None:
    extra = {
        "text": HERS,
        "conversation": "mzxw6ytboi2gk3tfon2gs3thee",
        "handle": "@ana",
        "channel": "webchat",
    }
    logging.getLogger("bot.x").error("send failed", extra=extra)
    (line,) = read(lines)
    assert set(line) == {"at", "level", "where", "message", "channel"}


@pytest.mark.parametrize("name", ALLOWED)
@pytest.mark.parametrize(
    "value", [HERS, "mzxw6ytboi2gk3tfon2gs3thee", [HERS], {"a": HERS}, None, "0722123456"]
)
def test_an_allowed_extra_of_another_form_is_dropped(name: str, value: object, lines: io.StringIO) -> None:
    logging.getLogger("bot.x").error("send failed", extra={name: value})
    assert name not in read(lines)[0]


def test_a_message_is_never_filled_in(lines: io.StringIO) -> None:
    logging.getLogger("channels.webchat").error("could not read %s", HERS)
    assert read(lines)[0]["message"] == "could not read %s"


def test_of_other_packages_only_the_place_of_the_call_is_told(lines: io.StringIO) -> None:
    logging.getLogger("asyncio").error(f"Task exception was never retrieved: ValueError({HERS!r})")  # noqa: G004
    (line,) = read(lines)
    assert line["where"] == "asyncio"
    assert line["message"].startswith("test_log:")


def test_an_exception_is_told_by_class_and_place(lines: io.StringIO) -> None:
    try:
        try:
            int(HERS)
        except ValueError as error:
            raise KeyError(HERS) from error
    except KeyError as error:
        logging.getLogger("bot.x").error("turns failed", exc_info=error)  # noqa: TRY400
    assert HERS not in lines.getvalue()
    (line,) = read(lines)
    assert line["raised"] == ["KeyError", "ValueError"]
    assert len(line["frames"]) == 1
    assert "test_log.py:" in line["frames"][0]


def test_a_group_of_exceptions_is_told_by_its_classes(lines: io.StringIO) -> None:
    group = BaseExceptionGroup(HERS, [asyncio.CancelledError(HERS), ExceptionGroup(HERS, [KeyError(HERS)])])
    logging.getLogger("bot.x").error("stopped", exc_info=group)
    assert HERS not in lines.getvalue()
    assert read(lines)[0]["raised"] == ["BaseExceptionGroup", "CancelledError", "ExceptionGroup", "KeyError"]


def test_a_lost_task_tells_nothing_of_what_it_held(lines: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError(HERS)

    async def lose() -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": HERS, "exception": ValueError(HERS), "future": asyncio.ensure_future(fail())}
        )
        await asyncio.sleep(0)

    asyncio.run(lose())
    assert HERS not in lines.getvalue()
    assert "ValueError" in read(lines)[0]["raised"]


def test_a_warning_is_told_by_its_place(lines: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(HERS, stacklevel=1)
        logging.captureWarnings(capture=False)
    assert HERS not in lines.getvalue()
    assert read(lines)[0]["where"] == "py.warnings"


@pytest.mark.parametrize(
    "fault",
    [
        "raise ValueError(hers)",
        "import threading; t = threading.Thread(target=int, args=(hers,)); t.start(); t.join()",
        "class Leaf:\n    def __del__(self): raise ValueError(hers)\nleaf = Leaf(); del leaf",
        "import logging; logging.getLogger('bot').error('a %d', hers, extra={'count': hers})",
    ],
)
def test_what_nobody_caught_tells_nothing_of_what_it_held(fault: str) -> None:
    program = (
        "import sys\nfrom bot.observability.log import configure\nconfigure(sys.stderr)\n"
        f"hers = {HERS!r}\n{fault}\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert HERS not in ended.stderr + ended.stdout
    (line,) = [json.loads(line) for line in ended.stderr.splitlines()]
    assert line["level"] in {"error", "critical"}


def test_small_talk_of_other_packages_is_left_out(lines: io.StringIO) -> None:
    logging.getLogger("apscheduler.scheduler").info("Running job")
    logging.getLogger("bot.app").info("stopped")
    assert [line["where"] for line in read(lines)] == ["bot.app"]


def test_requests_of_browsers_leave_no_line(lines: io.StringIO) -> None:
    logging.getLogger("aiohttp.access").info("GET /chat?x=%s", HERS)
    assert lines.getvalue() == ""


def test_a_record_whose_message_is_no_text_is_told_by_its_place() -> None:
    record = logging.LogRecord("bot.x", logging.ERROR, "x.py", 7, {"text": HERS}, None, None)
    assert json.loads(JsonLines().format(record))["message"] == "x:7"
