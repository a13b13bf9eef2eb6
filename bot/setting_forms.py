"""The forms of single settings: how each is written, and what is said of one that is not (design §8). Pure.

Each takes what was given and returns the value, or raises ValueError with a sentence that ends in an example:
pydantic takes no other.
"""

import ipaddress
import re
from typing import Final, NamedTuple, cast
from urllib.parse import urlsplit

LONGEST_TITLE: Final = 40
_DESK: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class Bind(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback

    @property
    def shown(self) -> str:
        """`127.0.0.1:8080`, `[::1]:8080`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def is_this_machine(url: str) -> bool:
    """Whether an address leads to nobody but this machine."""
    return urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}


def read_bind(value: object) -> object:
    """An address and a port."""
    if isinstance(value, Bind):
        return value
    host, colon, port = str(value).rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise ValueError("give an address and a port, such as 127.0.0.1:8080")
    try:
        Bind(host, int(port)).is_loopback  # noqa: B018  raises for what is no address
    except ValueError:
        raise ValueError("give the address as numbers or `localhost`, such as 127.0.0.1:8080") from None
    return Bind(host, int(port))


def read_origin(value: object) -> object:
    """Scheme and host, without a path."""
    text = str(value).rstrip("/")
    parts = urlsplit(text)
    if not parts.hostname or parts.path or parts.query or parts.scheme not in {"http", "https"}:
        raise ValueError("give scheme and host only, such as https://chat.example.org")
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ValueError("it must begin with https:// unless it is this machine: others could read along")
    return text


def read_api(value: object) -> object:
    """A server of an API, without a path; in clear only where nobody else can listen."""
    text = str(value).rstrip("/")
    parts = urlsplit(text)
    if not parts.hostname or parts.path or parts.query or parts.scheme not in {"http", "https"}:
        raise ValueError("give scheme and host only, such as https://api.telegram.org")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise ValueError("it must begin with https:// unless it is on your own network: the token is in it")
    return text


def _is_near(host: str) -> bool:
    """This machine, a private address, or a name without a dot, as containers have."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


def read_proxies(value: object) -> object:
    """Addresses or networks, separated by commas."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise ValueError("give addresses or networks, separated by commas, such as 127.0.0.1, 172.30.77.0/28")  # noqa: TRY004  pydantic takes ValueError only
    found = tuple(str(each).strip() for each in cast("list[object]", listed) if str(each).strip())
    for each in found:
        try:
            ipaddress.ip_network(each, strict=False)
        except ValueError:
            raise ValueError(f"{each} is not an address or a network such as 172.30.77.0/28") from None
    return found


def read_database(value: object) -> object:
    """A database's URL."""
    backend = str(value).partition(":")[0]
    if backend not in {"sqlite", "postgresql", "postgresql+psycopg"}:
        raise ValueError("it must begin with sqlite: or postgresql+psycopg:")
    return value


def read_desk(value: object) -> object:
    """A desk's name."""
    if not _DESK.fullmatch(str(value)):
        raise ValueError("a desk is one word of small letters, digits, `-` and `_`: its folder's name")
    return value


def read_title(value: object) -> object:
    """What stands in a tab and in the history: one short line."""
    text = str(value).strip()
    if not 1 <= len(text) <= LONGEST_TITLE or not text.isprintable():
        raise ValueError(f"give one line of 1 to {LONGEST_TITLE} characters, such as Notes")
    return text


def read_web_address(value: object) -> object:
    """A whole https address."""
    parts = urlsplit(str(value))
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("give a whole address that begins with https://")
    return value


def read_webhook(value: object) -> object:
    """Where Telegram may bring messages."""
    parts = urlsplit(str(value))
    local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("give a whole address that begins with https://")
    if not parts.hostname or not parts.path.startswith("/telegram/") or parts.query:
        raise ValueError("its path must begin with /telegram/, such as https://chat.example.org/telegram/x")
    return value
