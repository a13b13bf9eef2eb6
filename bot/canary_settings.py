"""The settings of the canary: fields of `bot.settings.Settings`, and what must hold between them."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, Field

FIELDS: Final = ("canary_webhook", "canary_mail_server", "canary_mail_from", "canary_mail_to")
SECRETS: Final = frozenset({"canary_webhook", "canary_mail_server"})
_NEAR: Final = {"localhost", "127.0.0.1", "::1"}
_MAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")


def _read_webhook(value: object) -> object:
    parts = urlsplit(str(value))
    near = parts.scheme == "http" and parts.hostname in _NEAR
    if not parts.hostname or not (parts.scheme == "https" or near):
        raise ValueError("give a whole address that begins with https://; http:// is for this machine only")
    return value


def _read_server(value: object) -> object:
    parts = urlsplit(str(value))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(
            "give the mail server as smtps://name:password@mail.example.org, or smtp:// for one that "
            "begins in clear and goes on encrypted"
        )
    return value


def _read_mail(value: object) -> object:
    if not _MAIL.fullmatch(str(value)):
        raise ValueError("give one mail address, such as night@example.org")
    return value


Mail = Annotated[str, BeforeValidator(_read_mail)]


class CanaryFields(BaseModel):
    """What an operator can set about the canary; all of it may be left out."""

    canary_webhook: Annotated[str, BeforeValidator(_read_webhook)] | None = Field(
        None,
        repr=False,
        description="Where `hotline canary` calls when the line is silent: it posts one sentence as JSON.",
    )
    canary_mail_server: Annotated[str, BeforeValidator(_read_server)] | None = Field(
        None,
        repr=False,
        description="Mail server of the canary's calls, such as smtps://name:password@mail.example.org.",
    )
    canary_mail_from: Mail | None = Field(None, description="Mail address the canary's calls come from.")
    canary_mail_to: Mail | None = Field(None, description="Mail address the canary's calls go to.")


def without() -> dict[str, Any]:
    """The values of a hotline without a canary."""
    return dict.fromkeys(FIELDS)


def complaints(given: CanaryFields) -> Iterator[str]:
    """What is missing, with its cure."""
    mail = {name: getattr(given, name) for name in FIELDS[1:]}
    if any(mail.values()) and not all(mail.values()):
        missing = next(name for name, value in mail.items() if value is None)
        yield (
            f"HOTLINE_{missing.upper()}: not set, though others of the canary's mail are. Give "
            "HOTLINE_CANARY_MAIL_SERVER, …_FROM and …_TO, or none of them."
        )
