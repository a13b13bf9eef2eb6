"""What every request to a staff page passes: our own host, our own pages, a cookie, headers."""

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import SplitResult, urlsplit

from aiohttp import web

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

HEADERS: Final = {
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


def host_is_ours(request: web.Request, url: str | None) -> bool:
    """Whether the request names this machine or the address the operator set."""
    host = _split(f"//{request.host}")
    if host is None:
        return False
    if host.hostname in _LOOPBACK:
        return True
    return url is not None and host.netloc.lower() == urlsplit(url).netloc.lower()


def sent_by_us(request: web.Request) -> bool:
    """Whether one of our own pages sent this form.

    A page without referrers sends `Origin: null`; then Sec-Fetch-Site, which no page can forge, must say
    it. Whoever tells neither is refused: every browser of these years tells one.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    told = request.headers.get("Origin")
    if told is None or told == "null":
        return site == "same-origin"
    origin = _split(told)
    if origin is None or origin.netloc.lower() != request.host.lower():
        return False
    return origin.scheme == "https" or (origin.scheme == "http" and origin.hostname in _LOOPBACK)


def is_secure(request: web.Request, url: str | None) -> bool:
    """False only for plain http on this machine itself; anywhere else the cookie travels by https alone."""
    host = _split(f"//{request.host}")
    if host is None or host.hostname not in _LOOPBACK:
        return True
    return (
        url is not None and url.startswith("https:") and host.netloc.lower() == urlsplit(url).netloc.lower()
    )


def cookie_name(request: web.Request, url: str | None) -> str:
    """Over https a name that no other site and no plain-http page can set."""
    return "__Host-console" if is_secure(request, url) else "console"


def token_in(request: web.Request, url: str | None) -> str | None:
    """The token the browser brings."""
    return request.cookies.get(cookie_name(request, url))


def give_cookie(response: web.StreamResponse, request: web.Request, url: str | None, token: str) -> None:
    """Have the browser keep `token` until it is closed; no script reads it, no other site sends it."""
    response.set_cookie(
        cookie_name(request, url), token, httponly=True, samesite="Strict", secure=is_secure(request, url)
    )


def take_cookie(response: web.StreamResponse, request: web.Request, url: str | None) -> None:
    """Have the browser forget its token."""
    response.del_cookie(
        cookie_name(request, url), httponly=True, samesite="Strict", secure=is_secure(request, url)
    )


def form_token(form_key: bytes) -> str:
    """What every form of a signed-in browser carries; derived from the visit's own key."""
    told = hmac.new(form_key, b"hearthline/form/1", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode()


def form_token_fits(form_key: bytes, given: str) -> bool:
    """Whether a form was made for this visit."""
    return hmac.compare_digest(form_token(form_key).encode(), given.encode())


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # a host with an odd port is no host of ours
    except ValueError:
        return None
    return parts
