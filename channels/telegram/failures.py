"""What went wrong on the way to Telegram, and what a receipt says of it.

The question is always the same: may the network have carried it out all the same? Then it is UNKNOWN, else it
can be tried again, or never.
"""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    TelegramError,
    TimedOut,
)

from channels.message import DeliveryState, Receipt

ASK_AGAIN = timedelta(seconds=30)  # a token the network refuses may be replaced meanwhile
_GONE = ("chat not found", "user not found", "peer_id_invalid", "deactivated", "kicked", "thread not found")


class NeverSent(TelegramError):
    """No connection could be had: the network knows nothing of it."""


class CutOff(TelegramError):
    """The connection ended before an answer: nobody here knows whether it was carried out."""


class ServerTrouble(TelegramError):
    """The Bot API, or a front before it, failed; `carried_out` where it may have been done all the same."""

    def __init__(self, status: int, *, carried_out: bool) -> None:
        super().__init__("server trouble")
        self.status = status
        self.carried_out = carried_out


class Flooded(TelegramError):
    """429: too much, wait `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("flooded")
        self.seconds = seconds


def receipt_of(failure: TelegramError) -> Receipt:
    """What became of a message when sending it failed this way."""
    if isinstance(failure, BadRequest | ChatMigrated | Forbidden):
        return Receipt(DeliveryState.FAILED_FOR_GOOD, _why_never(failure))
    match failure:
        case Flooded():
            wait = timedelta(seconds=failure.seconds)
            return Receipt(DeliveryState.FAILED_FOR_NOW, "rate_limited", retry_after=wait)
        case NeverSent():
            return Receipt(DeliveryState.FAILED_FOR_NOW, "network")
        case ServerTrouble():
            state = DeliveryState.UNKNOWN if failure.carried_out else DeliveryState.FAILED_FOR_NOW
            return Receipt(state, "network")
        case InvalidToken() | Conflict():
            return Receipt(DeliveryState.FAILED_FOR_NOW, "refused", retry_after=ASK_AGAIN)
        case _:
            reason = "timeout" if isinstance(failure, TimedOut) else "network"
            return Receipt(DeliveryState.UNKNOWN, reason)


def _why_never(failure: TelegramError) -> str:
    if isinstance(failure, ChatMigrated) or _says(failure, _GONE):
        return "gone"
    return "blocked" if isinstance(failure, Forbidden) else "refused"


def is_unchanged(failure: TelegramError) -> bool:
    """An edit to what stands there already."""
    return isinstance(failure, BadRequest) and _says(failure, ("is not modified",))


def is_gone_already(failure: TelegramError) -> bool:
    """A deletion of what is no longer there."""
    return isinstance(failure, BadRequest) and _says(failure, ("message to delete not found",))


def is_no_longer_there(failure: TelegramError) -> bool:
    """An edit of what she deleted."""
    return isinstance(failure, BadRequest) and _says(
        failure, ("message to edit not found", "message can't be edited", "message_id_invalid")
    )


def _says(failure: TelegramError, words: tuple[str, ...]) -> bool:
    told = failure.message.casefold()
    return any(one in told for one in words)
