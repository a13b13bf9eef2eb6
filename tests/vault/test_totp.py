"""One-time codes: the published vectors, a step of tolerance, never twice."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pyotp.totp import TOTP

from bot.vault.totp import STEP, new_secret, provisioning_uri, verify

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2025, 7, 14, 12, 0, 10, tzinfo=UTC)
PRESENT = int(NOW.timestamp()) // STEP


def code_at(secret: str, moment: datetime) -> str:
    return TOTP(secret).at(moment)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert verify(RFC_SECRET, code, datetime.fromtimestamp(seconds, UTC), None) == seconds // STEP


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(steps: int, accepted: bool) -> None:
    code = code_at(RFC_SECRET, NOW + timedelta(seconds=steps * STEP))
    assert verify(RFC_SECRET, code, NOW, None) == (PRESENT + steps if accepted else None)


def test_a_code_works_once() -> None:
    code = code_at(RFC_SECRET, NOW)
    step = verify(RFC_SECRET, code, NOW, None)
    assert step == PRESENT
    assert verify(RFC_SECRET, code, NOW, step) is None
    assert verify(RFC_SECRET, code, NOW + timedelta(seconds=STEP), step) is None


def test_an_older_code_is_refused_after_a_newer_one() -> None:
    older = code_at(RFC_SECRET, NOW - timedelta(seconds=STEP))
    assert verify(RFC_SECRET, older, NOW, PRESENT) is None
    newer = code_at(RFC_SECRET, NOW + timedelta(seconds=STEP))
    assert verify(RFC_SECRET, newer, NOW, PRESENT) == PRESENT + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "28708²", "٢٨٧٠٨٢", "-87082", "287 08"])
def test_what_is_no_code_is_refused_quietly(typed: str) -> None:
    assert verify(RFC_SECRET, typed, datetime.fromtimestamp(59, UTC), None) is None


def test_spaces_in_a_code_do_not_matter() -> None:
    assert verify(RFC_SECRET, " 287 082 ", datetime.fromtimestamp(59, UTC), None) == 1


def test_a_code_of_another_secret_is_refused() -> None:
    assert verify(new_secret(), code_at(RFC_SECRET, NOW), NOW, None) is None


def test_secrets_are_160_bits_and_never_the_same() -> None:
    assert len(base64.b32decode(new_secret())) == 20
    assert len({new_secret() for _ in range(20)}) == 20


def test_the_address_for_the_phone_carries_secret_alias_and_issuer() -> None:
    address = urlsplit(provisioning_uri(RFC_SECRET, "ana maria"))
    asked = parse_qs(address.query)
    assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", "/Hearthline:ana%20maria")
    assert asked == {"secret": [RFC_SECRET], "issuer": ["Hearthline"]}
    assert "issuer=Notes" in provisioning_uri(RFC_SECRET, "ana", "Notes")
