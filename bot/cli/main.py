"""`hotline`: reads the words, calls the command, tells what went wrong in one place."""

import argparse
import gc
import logging
import os
import sys
import zoneinfo
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bot.cli.call import DONE, REFUSED, USAGE, Call, Refused, WrongUse, add_words
from bot.clock import SystemClock
from bot.observability.log import configure
from bot.settings import SettingsProblem, environment

WORDS: Final = (
    "demo",
    "run",
    "canary",
    "init",
    "doctor",
    "simulate",
    "scripts",
    "signals",
    "schema",
    "resources",
    "people",
    "rota",
    "channels",
    "blocks",
    "erase",
    "keys",
    "destroy_now",
)
"""One module per command word, in the order of the help."""

DESCRIPTION: Final = """\
A hotline for women's organisations. `hotline demo` shows it on this machine with made-up people.

To begin in earnest: `hotline init`, `hotline doctor`, `hotline run`. `hotline WORD --help` tells what each
word takes. Settings: hotline.toml, and HOTLINE_… in the environment; docs/operator.md lists them.
"""


def main(typed: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 done, 1 refused or findings, 2 wrong usage."""
    os.umask(0o077)
    # Every clock shown goes by the pinned data, as the rota does: the host's own may be older or newer.
    zoneinfo.reset_tzpath(())
    typed = sys.argv[1:] if typed is None else typed
    gc.disable()  # what is imported stays: looking through it again and again takes a sixth of the start
    words = _parser(typed).parse_args(typed)
    gc.freeze()
    gc.enable()
    configure(sys.stderr, logging.INFO if words.serves else logging.ERROR)
    call = Call(words, environment(), Path.cwd(), SystemClock().now())
    try:
        code: int = words.command(call)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return REFUSED
    except BrokenPipeError:
        # Whoever read our output has gone. What is still unwritten goes nowhere, or Python would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except WrongUse as error:
        print(f"hotline: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"hotline: {error.strerror or type(error).__name__}: {error.filename or ''}", file=sys.stderr)
        return REFUSED
    except Exception as error:
        if not _tells(error):
            raise
        print(f"hotline: {error}", file=sys.stderr)
        return REFUSED
    else:
        return code


def _tells(error: Exception) -> bool:
    """Whether the error's own sentence is meant for the person at the keyboard."""
    return isinstance(error, (Refused, SettingsProblem, *_told_errors()))


def _told_errors() -> tuple[type[Exception], ...]:
    # Imported late: `hotline signals` and `--help` need neither database nor keys.
    from bot.services.destroying import Remains  # noqa: PLC0415  see above
    from bot.services.documents import UnusableFile  # noqa: PLC0415  see above
    from bot.services.first_start import AlreadyBegun  # noqa: PLC0415  see above
    from bot.services.judging import HasErrors  # noqa: PLC0415  see above
    from bot.services.library import NothingPublished  # noqa: PLC0415  see above
    from bot.services.overlaying import NoOverlay  # noqa: PLC0415  see above
    from bot.services.people import AliasTaken, UnknownPerson  # noqa: PLC0415  see above
    from bot.services.premises import DatabaseAway, NotBegun, SchemaBehind  # noqa: PLC0415  see above
    from bot.services.publishing import LiveMoved, NotPublishable, NotSigned  # noqa: PLC0415  see above
    from bot.services.revisions import TooLong, UnknownRevision  # noqa: PLC0415  see above
    from bot.services.rewriting import CannotRewrite  # noqa: PLC0415  see above
    from bot.services.signing import (  # noqa: PLC0415  see above
        NotProven,
        NotSignable,
        OtherContent,
        SignedAlready,
    )
    from bot.services.taking_back import NothingToReturnTo  # noqa: PLC0415  see above
    from bot.services.vouching import NotNative, UnknownLanguage  # noqa: PLC0415  see above
    from bot.store.engine import UnknownDatabase  # noqa: PLC0415  see above
    from bot.store.folder_lock import FolderHeld  # noqa: PLC0415  see above
    from bot.store.membership import NotAdmitted  # noqa: PLC0415  see above
    from bot.store.migrate import NewerDatabase, OthersServe  # noqa: PLC0415  see above
    from bot.store.resources import BelongsToAnotherDesk, NeverSent, UnknownResource  # noqa: PLC0415  see above
    from bot.vault.errors import VaultError  # noqa: PLC0415  see above

    return (
        *(AliasTaken, AlreadyBegun, BelongsToAnotherDesk, CannotRewrite, DatabaseAway, FolderHeld),
        *(HasErrors, LiveMoved, NeverSent, NewerDatabase, NoOverlay, NotAdmitted, NotBegun, NothingPublished),
        *(NothingToReturnTo, NotNative, NotProven, NotPublishable, NotSignable, NotSigned, OtherContent),
        *(OthersServe, Remains, SchemaBehind, SignedAlready, TooLong, UnknownDatabase, UnknownLanguage),
        *(UnknownPerson, UnknownResource, UnknownRevision, UnusableFile, VaultError),
    )


def _parser(typed: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "hotline", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"hearthline {version('hearthline')}")
    parser.set_defaults(serves=False)
    sub = add_words(parser)
    # The other words are not loaded: the start of `run` is how long an outage lasts after a crash.
    asked = typed[0].replace("-", "_") if typed else ""
    for word in (asked,) if asked in WORDS else WORDS:
        import_module(f"bot.cli.{word}").add(sub)
    return parser
