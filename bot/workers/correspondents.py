"""Who is behind a conversation, for as long as this process may be told of it by another.

Processes tell each other ids of conversations and never addresses. Which address that is, a process knows of
those it dealt with itself; of others it holds nothing that would have to be forgotten.
"""

from collections import OrderedDict
from collections.abc import Mapping

from channels.message import Address

MOST = 50_000


class Correspondents:
    """Conversation → address; the longest unheard of is forgotten first."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Address] = OrderedDict()

    def note(self, behind: Mapping[str, Address]) -> None:
        """These were heard of just now."""
        for conversation, address in behind.items():
            self._known[conversation] = address
            self._known.move_to_end(conversation)
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def of(self, conversation: str) -> Address | None:
        """The address behind a conversation, None if it was never heard of here."""
        return self._known.get(conversation)

    def forget(self, conversation: str) -> Address | None:
        """The same, for the last time."""
        return self._known.pop(conversation, None)
