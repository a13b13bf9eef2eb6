"""Calls of the canary: one sentence that tells nothing to anybody else who reads it, by webhook or mail."""

import asyncio
import json
import smtplib
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiohttp

from bot.canary.watching import News

WORDS: Final = {
    News.SILENT: "Please look at your machine.",
    News.WELL: "Your machine is well again.",
    News.TRIAL: "This is a trial of the call.",
}
PATIENCE: Final = 20.0  # seconds a call may take
_NEAR: Final = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Ways:
    """Where calls go; any of them may be missing.

    Attributes:
        webhook: address that takes JSON, `{"text": "…"}`.
        mail_server: `smtps://name:password@host:port` or `smtp://…`.
        mail_from, mail_to: addresses of the mail.
    """

    webhook: str | None = None
    mail_server: str | None = None
    mail_from: str | None = None
    mail_to: str | None = None

    @property
    def any(self) -> bool:
        """Whether somebody would be called at all."""
        return self.webhook is not None or self.mail_server is not None


async def call(ways: Ways, news: News) -> dict[str, str]:
    """Call over each way, beside one another; returns way → "" or the class of what went wrong."""
    tries: dict[str, Coroutine[Any, Any, None]] = {}
    if ways.webhook is not None:
        tries["webhook"] = _post(ways.webhook, WORDS[news])
    if ways.mail_server is not None:
        tries["mail"] = asyncio.to_thread(_mail, ways, WORDS[news])
    ends = await asyncio.gather(*tries.values(), return_exceptions=True)
    return {way: type(end).__name__ if end is not None else "" for way, end in zip(tries, ends, strict=True)}


async def _post(webhook: str, text: str) -> None:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session,
        session.post(webhook, data=json.dumps({"text": text}), headers=_JSON) as answer,
    ):
        answer.raise_for_status()


def _mail(ways: Ways, text: str) -> None:
    server = urlsplit(ways.mail_server or "")
    host = server.hostname or ""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = ways.mail_from, ways.mail_to, text
    letter.set_content(text)
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        opened: smtplib.SMTP = smtplib.SMTP_SSL(host, server.port or 465, timeout=PATIENCE, context=context)
    else:
        opened = smtplib.SMTP(host, server.port or 587, timeout=PATIENCE)
    with opened as smtp:
        if server.scheme == "smtp" and host not in _NEAR:
            smtp.starttls(context=context)  # raises where the server cannot: a password is not sent in clear
        if server.username is not None:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(letter)


_JSON: Final = {"Content-Type": "application/json"}
