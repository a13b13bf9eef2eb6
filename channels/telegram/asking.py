"""One question to the network, for a command: asked, answered, hung up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from telegram.error import Forbidden, InvalidToken, TelegramError

from channels.telegram.settings import TelegramSettings
from channels.telegram.wire import Wire

Answer = TypeVar("Answer")


class NotAnswered(Exception):
    """The network refused or was not reached; the text says which, and never holds the token.

    `refused`: it was reached, and does not know the token any more.
    """

    def __init__(self, told: str, *, refused: bool = False) -> None:
        super().__init__(told)
        self.refused = refused


def ask_once(settings: TelegramSettings, question: Callable[[Wire], Awaitable[Answer]]) -> Answer:
    """Put a question and wait for its answer. Raises NotAnswered."""

    async def asking() -> Answer:
        wire = Wire(settings.token, settings.api_url)
        try:
            return await question(wire)
        finally:
            await wire.hang_up()

    try:
        return asyncio.run(asking())
    except TelegramError as failure:
        refused = isinstance(failure, InvalidToken | Forbidden)
        raise NotAnswered(failure.message or type(failure).__name__, refused=refused) from None
