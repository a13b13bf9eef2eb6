"""One-time codes of staff: six digits, thirty seconds, a step of tolerance either way (RFC 6238)."""

import hmac
from datetime import datetime

from pyotp import random_base32
from pyotp.totp import TOTP

STEP = 30
"""Seconds a code is shown."""

_TOLERANCE = 1
_DIGITS = 6


def new_secret() -> str:
    """Return a new secret, 160 bits in base32, as authenticator apps take it."""
    return random_base32()


def provisioning_uri(secret: str, alias: str, issuer: str = "Hearthline") -> str:
    """Return the `otpauth://` address to show as a QR code, once. `issuer` is what the phone will show."""
    return TOTP(secret, digits=_DIGITS, interval=STEP).provisioning_uri(name=alias, issuer_name=issuer)


def verify(secret: str, code: str, at: datetime, last_used_step: int | None) -> int | None:
    """Return the step whose code this is, None if it is wrong or was used already.

    Store the step at once: every step up to it is refused from then on, so a code seen over a
    shoulder works for nobody else.
    """
    typed = "".join(code.split())
    if len(typed) != _DIGITS or not (typed.isascii() and typed.isdecimal()):
        return None
    totp = TOTP(secret, digits=_DIGITS, interval=STEP)
    present = int(at.timestamp()) // STEP
    accepted: int | None = None
    for step in range(max(present - _TOLERANCE, 0), present + _TOLERANCE + 1):
        same = hmac.compare_digest(totp.generate_otp(step), typed)
        if same and (last_used_step is None or step > last_used_step):
            accepted = step
    return accepted
