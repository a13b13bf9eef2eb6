"""Settings that cannot work are refused with what to do; a trouble is told with its cure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.telegram.health import SENTENCES, Health, Trouble
from channels.telegram.settings import TelegramSettings, UnusableSetting

TOKEN = "7000000001:AAAA"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"token": "nonsense"}, "BotFather"),
        ({"token": "7:"}, "BotFather"),
        ({"token": ":secret"}, "BotFather"),
        ({"token": TOKEN, "webhook_url": "https://x.example/hook"}, "secret"),
        ({"token": TOKEN, "webhook_url": "https://x.example/", "webhook_secret": "s"}, "path"),
    ],
)
def test_a_setting_that_cannot_work_says_why_and_never_what_it_was(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UnusableSetting, match=words) as told:
        TelegramSettings(**given)
    assert given["token"] not in str(told.value)


def test_silence_of_the_network_is_told_after_two_minutes_and_no_more_once_it_answers() -> None:
    health = Health(NOW)
    assert health.troubles(NOW + timedelta(minutes=1)) == ()
    assert health.troubles(NOW + timedelta(minutes=3)) == (Trouble.UNREACHABLE,)
    health.well(NOW + timedelta(minutes=3))
    assert health.troubles(NOW + timedelta(minutes=4)) == ()


def test_what_was_seen_is_told_for_a_while_and_every_trouble_has_its_sentence() -> None:
    health = Health(NOW, answered=NOW, foreign_poller=NOW, webhook_changed=NOW, token_refused=NOW)
    assert health.troubles(NOW) == (
        Trouble.TOKEN_REFUSED,
        Trouble.FOREIGN_POLLER,
        Trouble.WEBHOOK_CHANGED,
    )
    health.well(NOW + timedelta(hours=1))
    assert health.troubles(NOW + timedelta(hours=1)) == ()
    assert SENTENCES.keys() == set(Trouble)
