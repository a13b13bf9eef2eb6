"""What an operator can set about the web chat. Built by the host, never read from anywhere here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

from channels.webchat.words import WORDS, Words


class UnusableSetting(ValueError):
    """A setting of the web chat that cannot work; says which and why."""


@dataclass(frozen=True, slots=True)
class WebChatSettings:
    """Fixed for the life of the adapter. Raises UnusableSetting.

    Attributes:
        public_url: origin the page is reached at ("https://…"); None: whatever Host says, over plain
            HTTP. Behind a proxy that speaks TLS it must be set, or cookies are not marked Secure.
        exit_url: the neutral site the exit leads to.
        title: neutral name in the tab and in the browser's history.
        trusted_proxies: addresses or networks whose X-Forwarded-For is believed, for counting only.
        busy: language → the host's words for a page opened in a flood; they carry the emergency number, and
            are looked up each time they are said.
        unstored: the same for a page whose acts cannot be stored (a full disk, a database that is away).
        words: language → the page's own words.
        idle_for: without a sign of life for this long, the page's chat is dead.
        waits: whether a typed text says as a whole that she waits here.
        waits_for: how long a page lives on without a sign of life once she said so.
        polled_within: a long-polling page counts as connected this long after its last poll.
        pages_per_source, pages_overall: new pages in `window` before it is called a flood.
        window: see above.
        acts_per_ten_seconds: of one page, before it is slowed.
        max_views: pages alive at once.
        max_waiting: acts held in memory until they are stored, of pages in a flood and of all others apart.
        urgent: whether a typed text is `hide`, `stop` or `help now` as a whole: never slowed or refused.
        stored_within: seconds her act may wait to be stored before she is told so, with `unstored`.
        answer_within: seconds a page without a script waits for the first line of an answer.
        poll_for: seconds a long poll is held open.
    """

    public_url: str | None = None
    exit_url: str = "https://www.wikipedia.org/"
    title: str = "Notes"
    trusted_proxies: tuple[str, ...] = ()
    busy: Mapping[str, str] = field(default_factory=dict[str, str])
    unstored: Mapping[str, str] = field(default_factory=dict[str, str])
    words: Mapping[str, Words] = field(default_factory=lambda: WORDS)
    idle_for: timedelta = timedelta(minutes=15)
    waits: Callable[[str], bool] = lambda _: False
    waits_for: timedelta = timedelta(minutes=30)
    polled_within: timedelta = timedelta(seconds=30)
    pages_per_source: int = 40
    pages_overall: int = 600
    window: timedelta = timedelta(minutes=10)
    acts_per_ten_seconds: int = 20
    max_views: int = 20_000
    max_waiting: int = 10_000
    urgent: Callable[[str], bool] = lambda _: False
    stored_within: float = 5.0
    answer_within: float = 3.0
    poll_for: float = 25.0

    def __post_init__(self) -> None:
        for name, url in (("exit_url", self.exit_url), ("public_url", self.public_url)):
            if url is not None and not _is_web_address(url):
                raise UnusableSetting(f"{name} is no http or https address: {url!r}")
        for proxy in self.trusted_proxies:
            try:
                ip_network(proxy, strict=False)
            except ValueError:
                raise UnusableSetting(f"trusted_proxies: {proxy!r} is no address or network") from None
        if "en" not in self.words:
            raise UnusableSetting("words must hold English: it stands in for languages that are missing")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
