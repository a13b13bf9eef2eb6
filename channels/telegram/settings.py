"""What an operator can set about Telegram. Built by the host, never read from anywhere here."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from channels.telegram.wire import DEFAULT_API


class UnusableSetting(ValueError):
    """A setting of Telegram that cannot work; says which and why."""


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """Fixed for the life of the adapter. Raises UnusableSetting.

    Attributes:
        token: the bot's.
        api_url: the Bot API server, without a path.
        webhook_url: where the network brings updates; None: they are fetched by polling.
        webhook_secret: what it says in a header then.
        limited: our own rate limits; False for benchmarks only.
        name: of the channel; a second bot has another.
        staff: it is the volunteers' bot.
    """

    token: str
    api_url: str = DEFAULT_API
    webhook_url: str | None = None
    webhook_secret: str = ""
    limited: bool = True
    name: str = "telegram"
    staff: bool = False

    def __post_init__(self) -> None:
        number, colon, secret = self.token.partition(":")
        if not colon or not number.isdecimal() or not secret:
            raise UnusableSetting("the token is not of the form 123456:AbC…, as BotFather gives it")
        if self.webhook_url is not None and not self.webhook_secret:
            raise UnusableSetting("a webhook needs a secret, or anybody could bring updates")
        if self.webhook_url is not None and len(urlsplit(self.webhook_url).path) < 2:
            raise UnusableSetting("the webhook's address needs a path, such as /telegram/updates")
