"""What the Bot API says when it says no, in its own words.

Wording as in the documentation and in the source of the public Bot API server; clients tell cases apart
by these very words.
"""

from typing import Any

CONFLICT_POLLER = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
CONFLICT_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
CONFLICT_SET = "Conflict: terminated by setWebhook request"
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
CANNOT_DELETE = "Bad Request: message can't be deleted"
CANNOT_EDIT = "Bad Request: message can't be edited"
NO_CHAT = "Bad Request: chat not found"
NO_THREAD = "Bad Request: message thread not found"
NO_MESSAGE_TO_EDIT = "Bad Request: message to edit not found"
NO_MESSAGE_TO_DELETE = "Bad Request: message to delete not found"
NO_MESSAGE_TO_REPLY = "Bad Request: message to be replied not found"
EMPTY_TEXT = "Bad Request: message text is empty"
TOO_LONG = "Bad Request: message is too long"
BAD_DATA = "Bad Request: BUTTON_DATA_INVALID"
BLOCKED = "Forbidden: bot was blocked by the user"
DEACTIVATED = "Forbidden: user is deactivated"
KICKED = "Forbidden: bot was kicked from the group chat"
CANNOT_BEGIN = "Forbidden: bot can't initiate conversation with a user"


class Refusal(Exception):
    """An answer that is not ok: its status, its words, its parameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def plain(self) -> dict[str, Any]:
        told: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            told["parameters"] = self.parameters
        return told


def bad(description: str) -> Refusal:
    return Refusal(400, description)


def forbidden(description: str) -> Refusal:
    return Refusal(403, description)


def conflict(description: str) -> Refusal:
    return Refusal(409, description)


def flood(seconds: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
