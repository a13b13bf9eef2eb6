"""What is asked of a homeserver's sync: nothing but what the line acts upon.

The filter is uploaded once and named by its id: written out it would lie in the homeserver's log.
"""

import json
from typing import Any, Final

STATE: Final = (
    "m.room.create", "m.room.member", "m.room.encryption", "m.room.power_levels", "m.room.join_rules",
)  # fmt: skip
WORDS: Final = ("m.room.encrypted", "m.room.message", "m.sticker", "m.room.redaction")
TIMELINE_LIMIT: Final = 50
_NOTHING: Final[dict[str, Any]] = {"not_types": ["*"], "limit": 1}

SYNC: Final[dict[str, Any]] = {
    "presence": _NOTHING,
    "account_data": _NOTHING,
    "room": {
        "account_data": _NOTHING,
        "ephemeral": _NOTHING,
        "include_leave": False,
        "state": {"types": [*STATE], "lazy_load_members": True},
        "timeline": {"types": [*WORDS, *STATE], "limit": TIMELINE_LIMIT, "lazy_load_members": True},
    },
}
BACKFILL: Final[dict[str, Any]] = {"types": [*WORDS, *STATE]}
SWEEP: Final[dict[str, Any]] = {"types": ["m.room.encrypted", "m.room.message", "m.sticker", "m.reaction"]}


def as_query(chosen: dict[str, Any]) -> str:
    """A filter for /messages, which takes none by id. It names types only."""
    return json.dumps(chosen, separators=(",", ":"))
