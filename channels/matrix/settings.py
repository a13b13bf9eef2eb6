"""What an operator can set about Matrix. Built by the host, never read from anywhere here."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import urlsplit

_USER: Final = re.compile(r"@[^:\s]+:[^\s:/]+(:[0-9]{1,5})?")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class UnusableSetting(ValueError):
    """A setting of Matrix that cannot work; says which and why."""


@dataclass(frozen=True, slots=True)
class MatrixSettings:
    """Fixed for the life of the adapter. Raises UnusableSetting.

    Attributes:
        homeserver: address of its client API, "https://matrix.example.org".
        user: whole id of the line's account, "@line:example.org".
        password: to log in once and to come back in when the token is refused; "" with a token.
        access_token, device_id: of a device that was made for the line; "" with a password.
        admin_token: of an administrator of the homeserver, to remove rooms and files there; "" for none.
        allowed: who may open a chat, as ids or servers with `*`; empty for everybody.
        denied: who may not; wins over `allowed`.
        languages: of the few fixed lines, where hers is not known.
        rooms_per_person: chats one person may have open with the line at once.
        invitation_every: one invitation of one person is looked at in this time.
        invitations_per_server: in an hour, from one homeserver.
        joins: in an hour, of all homeservers together.
        silent_for: a room nobody wrote in for so long is left and forgotten.
        purge_after: so long after a chat was closed its history is removed from our homeserver.
        token_age_alarm: without news from the homeserver for so long, somebody must look.
        poll_for: how long the homeserver may hold a sync when there is nothing new.
        patience: how much longer than it should an answer may take.
        pause: before a broken connection is tried again; twice as long each time.
        name: of the channel.
        staff: volunteers write here, not women (`volunteers`, `staff_sending`).
    """

    homeserver: str
    user: str
    password: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    device_id: str = ""
    admin_token: str = field(default="", repr=False)
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    rooms_per_person: int = 3
    invitation_every: timedelta = timedelta(seconds=10)
    invitations_per_server: int = 100
    joins: int = 1_000
    silent_for: timedelta = timedelta(days=90)
    purge_after: timedelta = timedelta(days=1)
    token_age_alarm: timedelta = timedelta(minutes=2)
    poll_for: timedelta = timedelta(seconds=30)
    patience: timedelta = timedelta(seconds=30)
    pause: timedelta = timedelta(seconds=1)
    name: str = "matrix"
    staff: bool = False

    def __post_init__(self) -> None:
        parts = urlsplit(self.homeserver)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise UnusableSetting("homeserver: give its address only, such as https://matrix.example.org")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise UnusableSetting("homeserver: it must begin with https:// unless it is this machine")
        if not _USER.fullmatch(self.user):
            raise UnusableSetting("user: give the whole id, such as @line:example.org")
        if bool(self.password) == bool(self.access_token):
            raise UnusableSetting("give either a password or an access token")
        if bool(self.access_token) != bool(self.device_id):
            raise UnusableSetting("an access token and the device id it belongs to go together")

    @property
    def server(self) -> str:
        """Name of the line's homeserver, as it stands in ids."""
        return self.user.partition(":")[2]

    def called(self, setting: str) -> str:
        """A setting as the operator knows it."""
        return f"HOTLINE_MATRIX_{'STAFF_' if self.staff else ''}{setting.upper()}"

    def lets_in(self, user: str) -> bool:
        """Whether this person may open a chat."""
        if any(_means(pattern, user) for pattern in self.denied):
            return False
        return not self.allowed or any(_means(pattern, user) for pattern in self.allowed)


def _means(pattern: str, user: str) -> bool:
    return fnmatchcase(user if pattern.startswith("@") else user.partition(":")[2], pattern)
