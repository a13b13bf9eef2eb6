"""When something may be sent to her: the presence windows (design §4, PR4). Pure."""

from dataclasses import dataclass
from datetime import timedelta

from bot.model import Stage

ALONE = timedelta(minutes=10)
OBSERVED = timedelta(minutes=2)
SILENT_EDIT = timedelta(minutes=15)
WAIT_HERE = timedelta(minutes=30)

CONSOLE_IDLE = timedelta(minutes=30)  # a volunteer's browser without a person at it locks itself

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Windows:
    """Until when a new message, and a silent edit, may be sent; microseconds since 1970."""

    new_until: int
    edit_until: int


def windows(last_act: int, safety: str, stage: Stage) -> Windows:
    """The windows that follow her act at `last_act`.

    `safety` is her answer at the safe check; anything but "alone" gets the short window.
    """
    length = ALONE if safety == "alone" else OBSERVED
    new_until = last_act + length // MICROSECOND
    if stage in {Stage.WAITING, Stage.LIVE}:
        return Windows(new_until, last_act + SILENT_EDIT // MICROSECOND)
    return Windows(new_until, new_until)


def with_wait(until: int, wait_until: int | None, stage: Stage, *, unanswered: bool) -> int:
    """The window for wait news and a volunteer's first words when she chose "wait here".

    It ends with the first words: `unanswered` says that the volunteer who has her has not written yet.
    """
    covered = stage is Stage.WAITING or (stage is Stage.LIVE and unanswered)
    return max(until, wait_until) if covered and wait_until is not None else until
