"""Serving in this process until a signal ends it: what `run` and `demo` share."""

import asyncio
import gc
import sys
from typing import Final

import uvloop

from bot.cli.call import Refused
from bot.services.premises import database_errors
from bot.settings import Settings

THREADS_TAKE_TURNS: Final = 0.0005  # seconds; at Python's 5 ms the writer keeps the network waiting


def serve_here(settings: Settings, *, demo: bool = False) -> None:
    """Serve, telling the addresses on the standard output. Raises what keeps it from starting."""
    sys.setswitchinterval(THREADS_TAKE_TURNS)
    gc.disable()  # until everything stands (`app.serve`): what is imported and read now stays for good
    from bot.app import CannotStart, serve  # noqa: PLC0415  it imports everything; other words need not wait
    from bot.web.servers import AddressInUse  # noqa: PLC0415  same

    try:
        with database_errors(settings), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, demo=demo, announce=lambda line: print(line, flush=True)))
    except (AddressInUse, CannotStart) as error:
        raise Refused(str(error)) from None
    finally:
        gc.enable()
