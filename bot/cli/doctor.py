"""`hotline doctor`: the checks of the start, each with its cure."""

import asyncio

from bot.cli.call import DONE, REFUSED, Call, SubWords, add_format, add_word, show
from bot.matrix_settings import for_adapter, for_staff
from bot.services.checking import Check, Level, fault, good
from bot.services.checks import has_fault, run_checks
from bot.services.premises import open_premises
from bot.settings import Settings, SettingsProblem

_MARKS = {Level.GOOD: "ok     ", Level.WARNING: "warning", Level.FAULT: "FAULT  "}


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        sub, "doctor", "Check everything the start checks, and tell each with its cure.", doctor
    )
    parser.add_argument(
        "--opening", action="store_true", help="also what the mode `open` asks for before it starts"
    )
    add_format(parser)


def doctor(call: Call) -> int:
    """Tell all checks; 1 when one is a fault."""
    checks = _checks(call)
    if call.words.format == "json":
        show(
            call,
            [{"check": c.name, "level": c.level.value, "found": c.found, "cure": c.cure} for c in checks],
        )
    else:
        for check in checks:
            print(f"{_MARKS[check.level]}  {check.name}: {check.found}")
            if check.cure:
                print(f"         {check.cure}")
    return REFUSED if has_fault(checks) else DONE


def _checks(call: Call) -> tuple[Check, ...]:
    try:
        settings = call.settings
    except SettingsProblem as problem:
        return tuple(fault("settings", told, "") for told in problem.complaints)
    known = good("settings", f"mode {settings.mode.value}, desk {settings.desk}")
    checks = (known, *run_checks(settings, call.now, opening=call.words.opening))
    return checks if has_fault(checks) else (*checks, *_matrix(settings))


def _matrix(settings: Settings) -> list[Check]:
    """The line on Matrix and the volunteers' account there, where there are any."""
    told = [for_adapter(settings)] if settings.matrix_homeserver is not None else []
    if settings.matrix_staff_user is not None:
        told.append(for_staff(settings))
    if not told:
        return []
    from bot.services.channel_checks import matrix_checks  # noqa: PLC0415  it imports the adapter

    with open_premises(settings) as premises:
        return [check for one in told for check in asyncio.run(matrix_checks(premises, one))]
