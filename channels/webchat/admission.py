"""What every request passes: same origin, bounded body, cookie, headers that leave no trace."""

import asyncio
from email import message_from_bytes
from email.policy import HTTP
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from channels.webchat.floods import source_of
from channels.webchat.protocol import MAX_BODY
from channels.webchat.settings import WebChatSettings

BODY_WITHIN = 15.0  # seconds a body may take to come
MAX_FIELDS = 16

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, noarchive",
}


class TooLarge(Exception):
    """The body is larger than the limit."""


class TooSlow(Exception):
    """The body did not come within its time."""


class BadForm(Exception):
    """A form that cannot be read; `reason` as in `protocol.Unreadable`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def same_origin(request: web.Request, settings: WebChatSettings) -> bool | None:
    """Whether a page of ours sent this request; None if the browser does not say.

    A form sent from a page without referrers carries `Origin: null`; browsers since 2023 tell the
    truth in Sec-Fetch-Site, which no page can forge.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin != "null":
        return _is_ours(origin, request, settings)
    return True if site == "same-origin" else None


def _is_ours(origin: str, request: web.Request, settings: WebChatSettings) -> bool:
    try:
        told = urlsplit(origin)
    except ValueError:
        return False
    if settings.public_url is not None:
        ours = urlsplit(settings.public_url)
        return (told.scheme, told.netloc.lower()) == (ours.scheme, ours.netloc.lower())
    return told.scheme in ("http", "https") and told.netloc.lower() == request.host.lower()


def source(request: web.Request, settings: WebChatSettings) -> str:
    """The address to count under, in memory only."""
    return source_of(
        request.remote or "local", request.headers.get("X-Forwarded-For"), settings.trusted_proxies
    )


async def body(request: web.Request) -> bytes:
    """The whole body, at most MAX_BODY bytes within BODY_WITHIN seconds; raises TooLarge, TooSlow."""
    if (request.content_length or 0) > MAX_BODY:
        raise TooLarge
    taken = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN):
            async for piece in request.content.iter_any():
                taken += piece
                if len(taken) > MAX_BODY:
                    raise TooLarge
    except TimeoutError:
        raise TooSlow from None
    return bytes(taken)


def form(raw: bytes, content_type: str) -> dict[str, str]:
    """The fields of a form, multipart or urlencoded, as strict UTF-8; raises BadForm."""
    try:
        if content_type.lower().startswith("multipart/form-data"):
            return _multipart(raw, content_type)
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except UnicodeError:
        raise BadForm("bad_text") from None
    except ValueError:
        raise BadForm("bad_frame") from None
    return {name: _lines(value) for name, value in pairs}


def _multipart(raw: bytes, content_type: str) -> dict[str, str]:
    head = b"Content-Type: " + content_type.encode("ascii") + b"\r\n\r\n"
    parsed = message_from_bytes(head + raw, policy=HTTP)
    if not parsed.is_multipart():
        raise BadForm("bad_frame")
    fields: dict[str, str] = {}
    for part in list(parsed.iter_parts())[:MAX_FIELDS]:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = _lines(content.decode("utf-8"))
    return fields


def _lines(value: str) -> str:
    """Forms carry CRLF; her words carry plain line ends, as a script would send them."""
    return value.replace("\r\n", "\n")


def cookie_name(settings: WebChatSettings) -> str:
    """Over https a name that no other site and no plain-HTTP page can set."""
    return "__Host-notes" if _secure(settings) else "notes"


def handle_in(request: web.Request, settings: WebChatSettings) -> str | None:
    """The address handle the browser brings."""
    return request.cookies.get(cookie_name(settings))


def remember(response: web.StreamResponse, handle: str, settings: WebChatSettings) -> None:
    """Give the browser its session cookie: gone when it closes, out of reach for scripts and other sites."""
    response.set_cookie(
        cookie_name(settings), handle, path="/", httponly=True, samesite="Strict", secure=_secure(settings)
    )


def wipe(response: web.StreamResponse, settings: WebChatSettings) -> None:
    """Take the cookie back."""
    response.set_cookie(
        cookie_name(settings),
        "",
        path="/",
        httponly=True,
        samesite="Strict",
        secure=_secure(settings),
        max_age=0,
    )


def _secure(settings: WebChatSettings) -> bool:
    return (settings.public_url or "").startswith("https://")
