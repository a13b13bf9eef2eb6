"""The answer to an act on a volunteer's messenger."""

from dataclasses import dataclass, field

from bot.services.staff.chats import Chat

After = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to an act.

    Attributes:
        text: words for the volunteer.
        choices: [token, label, digit].
        chat: the chat it belongs to, None for none: it goes with that chat.
        after: what must follow the commit.
        draft: words that were not sent, kept for "send anyway".
        picks: what the places of a list stand for; `name` is the list's own, as its tokens carry it.
    """

    text: str
    choices: list[list[str]] = field(default_factory=list[list[str]])
    chat: Chat | None = None
    after: After = ()
    draft: str = ""
    picks: list[str] = field(default_factory=list[str])
    name: str = ""
