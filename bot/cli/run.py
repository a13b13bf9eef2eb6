"""`hotline run`: the service, until it is told to stop."""

from bot.cli.call import DONE, Call, Refused, SubWords, add_word
from bot.cli.serving import serve_here
from bot.services.checks import has_fault, run_checks
from bot.services.premises import expect_begun
from bot.settings import Mode


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(sub, "run", "Start the service; it runs until SIGTERM or Ctrl-C.", run)
    parser.set_defaults(serves=True)


def run(call: Call) -> int:
    """Serve. In the mode `open` everything that `doctor --opening` asks for must be in order."""
    settings = call.settings
    expect_begun(settings)
    if settings.mode is Mode.OPEN:
        checks = tuple(run_checks(settings, call.now, opening=True))
        if has_fault(checks):
            raise Refused(
                "The mode `open` starts only when `hotline doctor --opening` finds no fault. It tells each "
                "with its cure. `trial` works in full and says that the line is being tried out."
            )
    serve_here(settings)
    return DONE
