"""How the bot stands with the network: facts for readiness and alarms, never about anybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

SILENT_FOR: Final = timedelta(minutes=2)  # a poll is answered within half a minute
LASTS: Final = timedelta(
    minutes=10
)  # how long a foreign poller or a changed webhook is told after it was seen


class Trouble(StrEnum):
    """What can be wrong; each is told with its cure."""

    TOKEN_REFUSED = "token_refused"  # noqa: S105  a code, no secret
    FOREIGN_POLLER = "foreign_poller"
    WEBHOOK_CHANGED = "webhook_changed"
    UNREACHABLE = "unreachable"


SENTENCES: Final = {
    Trouble.TOKEN_REFUSED: "the network refuses the token: it was revoked or the bot is banned; "
    "`hotline channels replace-token`, or put the spare bot in its place",
    Trouble.FOREIGN_POLLER: "another program fetches with the same token, and takes messages away from here: "
    "stop it, or revoke the token and `hotline channels replace-token`",
    Trouble.WEBHOOK_CHANGED: "somebody changed the webhook, it was set back: whoever did holds the token; "
    "revoke it and `hotline channels replace-token`",
    Trouble.UNREACHABLE: "the network has not answered for more than two minutes; what women write is kept "
    "there for a day",
}


@dataclass(slots=True)
class Health:
    """What was last seen; times aware, None for never."""

    began: datetime
    answered: datetime | None = None  # the last poll or check that was answered
    token_refused: datetime | None = None
    foreign_poller: datetime | None = None
    webhook_changed: datetime | None = None

    def begin(self, now: datetime) -> None:
        """From now on we ask; what was seen before was seen by another process, or says nothing any more."""
        self.began = now
        self.answered = self.token_refused = self.foreign_poller = self.webhook_changed = None

    def well(self, now: datetime) -> None:
        """The network answered: the token is good and the line stands."""
        self.answered, self.token_refused = now, None

    def troubles(self, now: datetime) -> tuple[Trouble, ...]:
        """What is wrong now, worst first."""
        found: list[Trouble] = []
        if self.token_refused is not None:
            found.append(Trouble.TOKEN_REFUSED)
        if self.foreign_poller is not None and now - self.foreign_poller < LASTS:
            found.append(Trouble.FOREIGN_POLLER)
        if self.webhook_changed is not None and now - self.webhook_changed < LASTS:
            found.append(Trouble.WEBHOOK_CHANGED)
        if not found and now - (self.answered or self.began) > SILENT_FOR:
            found.append(Trouble.UNREACHABLE)
        return tuple(found)
