"""A run as plain data: what the host seals."""

import json
from dataclasses import replace

import pytest

from tests.triage.builders import Talk, at_menu, in_queue
from triage.run import Aside, HandoffNews, Run


@pytest.mark.parametrize(
    "talk",
    [
        Talk(),
        Talk().types("person"),
        at_menu().types("0"),
        at_menu().types("language"),
        at_menu().types("hm", "hm"),
        at_menu().sends_media(),
        at_menu().taps("want.phrase", "grid.1", "grid.2"),
        at_menu().taps("want.places").types("7"),
        at_menu().opens(),
        in_queue(),
        in_queue().hears(HandoffNews.ACCEPTED),
        in_queue().types("hide"),
    ],
)
def test_a_run_survives_sealing(talk: Talk) -> None:
    plain = json.loads(json.dumps(talk.run.to_plain()))
    assert Run.from_plain(plain) == talk.run


def test_the_list_she_opened_is_told() -> None:
    run = Talk().run
    assert not run.menu
    assert replace(run, aside=Aside.MORE).menu


def test_a_run_holds_codes_and_never_her_words() -> None:
    talk = at_menu().types("my sister Maria knows", "Maria").taps("want.phrase").types("Maria")
    assert "Maria" not in json.dumps(talk.run.to_plain())
