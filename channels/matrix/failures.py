"""What can go wrong between us and a homeserver, and what becomes of a send then. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from channels.matrix.reading import table, text
from channels.message import DeliveryState, Receipt

LONGEST_REST: Final = timedelta(minutes=5)
DEFAULT_REST: Final = timedelta(seconds=5)  # what a homeserver means when it names no time
TOKEN_REST: Final = timedelta(seconds=30)


class Trouble(Exception):
    """A request that did not succeed. The text names no person, room or word."""


class Unreachable(Trouble):
    """Nothing was sent: no connection."""


class Unanswered(Trouble):
    """It was sent; whether it was taken is unknown."""


class NoKeys(Trouble):
    """Nobody's device could be given the key of what was to be sent."""


@dataclass(eq=False)
class Refusal(Trouble):
    """The homeserver answered no: HTTP status, Matrix code ("" if it told none), and when to come again."""

    status: int
    code: str = ""
    rest: timedelta | None = None

    def __str__(self) -> str:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        return f"HTTP {self.status} {self.code}".rstrip()

    @property
    def is_token(self) -> bool:
        """It does not know our token."""
        return self.status == 401 and self.code in {"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"}

    @property
    def is_limit(self) -> bool:
        """We ask too often."""
        return self.status == 429 or self.code == "M_LIMIT_EXCEEDED"

    @property
    def may_pass(self) -> bool:
        """The same request may succeed later."""
        return self.is_its_own or self.is_limit or self.is_token

    @property
    def is_its_own(self) -> bool:
        """It is in trouble itself, or whatever stands before it is."""
        return self.status >= 500 or not self.code


def refusal(status: int, body: object, retry_after: str = "") -> Refusal:
    """Read an answer that is no success."""
    told = table(body)
    wait = told.get("retry_after_ms")
    if isinstance(wait, int | float) and not isinstance(wait, bool) and wait >= 0:
        rest: timedelta | None = timedelta(milliseconds=min(wait, LONGEST_REST // timedelta(milliseconds=1)))
    elif retry_after.isdecimal():
        rest = min(timedelta(seconds=int(retry_after[:6])), LONGEST_REST)
    else:
        rest = DEFAULT_REST if status == 429 else None
    return Refusal(status, text(told.get("errcode")), rest)


def receipt(trouble: Trouble) -> Receipt:
    """What a send that met trouble is: its transaction id makes it safe to repeat, so most is "for now"."""
    match trouble:
        case Refusal() if trouble.is_limit:
            return Receipt(DeliveryState.FAILED_FOR_NOW, "rate_limited", retry_after=trouble.rest)
        case Refusal() if trouble.is_token:
            return Receipt(DeliveryState.FAILED_FOR_NOW, "refused", retry_after=TOKEN_REST)
        case Refusal() if trouble.is_its_own:
            return Receipt(DeliveryState.FAILED_FOR_NOW, "network")
        case Refusal():
            reason = {403: "blocked", 404: "gone"}.get(trouble.status, "refused")
            return Receipt(DeliveryState.FAILED_FOR_GOOD, reason)
        case NoKeys():
            return Receipt(DeliveryState.FAILED_FOR_NOW, "no_keys")
        case _:
            late = isinstance(trouble, Unanswered)
            return Receipt(DeliveryState.FAILED_FOR_NOW, "timeout" if late else "network")
