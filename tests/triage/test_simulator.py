"""The simulator's transcript (design §8)."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.triage.builders import LINE, OPEN
from triage.run import HandoffNews, Run, Surroundings
from triage.simulator import Host, UnreadableReply, simulate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def played(text: str, host: Host | None = None) -> list[str]:
    return list(simulate(LINE, text.splitlines(), host or Host(lambda _now: OPEN), now=NOW))


def test_a_transcript_shows_her_the_guide_choices_and_effects() -> None:
    assert played("#1\nno\n") == [
        "< hello.text",
        "[1] Yes",
        "[2] Later",
        "[9] word.hide_label",
        "[0] word.more_label",
        "> #1",
        "< safe.text",
        "[1] safe.no",
        "[2] safe.yes",
        "[3] safe.unsure",
        "[9] word.hide_label",
        "[0] word.more_label",
        "> no",
        "* text_kept",
        "< word.kept_early",
        "< safe.text",
        "[1] safe.no",
        "[2] safe.yes",
        "[3] safe.unsure",
        "[9] word.hide_label",
        "[0] word.more_label",
    ]


def test_the_volunteer_and_the_clock_can_be_played() -> None:
    shown = played("1\n1\n2\n1\n1\n@+10m\n!accept\n!close\n2")
    assert "* request_handoff step=queue need=any urgency=U2 shares=all" in shown
    assert shown.index("~ +10m") < shown.index("* accepted") < shown.index("< live.text")
    assert shown.index("* closed") < shown.index("< closing.text")
    assert shown[-1] == "* end_run"


def test_comments_and_empty_lines_are_passed_over() -> None:
    assert played("// a comment\n\n#2\n")[-1] == "* end_run"


def test_a_choice_that_is_not_there_is_told() -> None:
    assert played("#7")[-1] == "* nothing_to_tap digit=7"


@pytest.mark.parametrize("line", ["!accpet", "@10m", "@+10x", "!"])
def test_a_mark_nobody_knows_is_refused_before_anything_is_played(line: str) -> None:
    with pytest.raises(UnreadableReply) as refused:
        simulate(LINE, ["#1", line], Host(lambda _now: OPEN), now=NOW)
    assert refused.value.number == 2


def test_the_clock_moves_with_its_lines_only() -> None:
    asked: list[datetime] = []

    def around(now: datetime) -> Surroundings:
        asked.append(now)
        return OPEN

    list(simulate(LINE, ["#1", "@+2h", "#1"], Host(around), now=NOW))
    assert {at.hour for at in asked} == {9, 11}


def test_the_host_answers_handoffs_resources_phrases_and_signals() -> None:
    def resources(_effect: object, run: Run, now: datetime) -> Sequence[str]:
        return [f"112 ({run.language}, {now:%H:%M})\nat any hour"]

    host = Host(
        surroundings=lambda _now: OPEN,
        resources=resources,
        request=lambda _effect, _now: HandoffNews.OUT_OF_HOURS,
        phrase=lambda words: words == ("a1", "b1", "c1", "d1"),
        listen=lambda text, _language: ["medical"] if "neck" in text else [],
    )
    shown = played("help\nhis hands were on my neck\nperson\n1\n1\nconsent.yes\n1\n6\n1\n1\n1\n1", host)
    assert "* share_resources step=emergency need=emergency region=-" in shown
    assert shown[shown.index("< 112 (en, 09:00)") + 1] == "< at any hour"
    assert shown.index("* signals medical") < shown.index("* text_kept")  # help comes first
    assert "* missing word.signal_offer" in shown[shown.index("* signals medical") :]  # the line has none
    assert shown[shown.index("* out_of_hours") + 1] == "< closed_now.text"
    assert "< known.text" in shown


def test_a_host_that_always_answers_cannot_trap_the_simulator() -> None:
    host = Host(lambda _now: OPEN, request=lambda _effect, _now: HandoffNews.NOBODY)
    assert played("1\n1\n2\n1\n1\n1\n1", host)


def test_the_chat_can_be_opened_afresh_and_media_sent() -> None:
    shown = played("#1\n!open\n!media")
    assert shown.count("< hello.text") == 2
    assert "< word.media" in shown
