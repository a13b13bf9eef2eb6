"""Waiting for a person, and what becomes of it (design §4, B-090 to B-097)."""

from dataclasses import replace

import pytest

from tests.triage.builders import LINE, OPEN, Talk, at_menu, effects_of, in_queue
from triage import engine
from triage.effects import (
    HideAll,
    LeaveQueue,
    LineClosed,
    RaiseUrgency,
    Remembered,
    RequestHandoff,
    ShowHeld,
    TextKept,
    WaitHere,
)
from triage.model import TextEntry, Urgency
from triage.run import HandoffNews, Run

CLOSED = replace(OPEN, open_now=False)
LATER = TextEntry("When people are here", 1, 1)
WITH_LATER = replace(LINE, texts={**LINE.texts, "en": {**LINE.texts["en"], "word.person_later_label": LATER}})


def test_she_is_queued_with_need_urgency_and_what_she_shares() -> None:
    talk = at_menu().taps("want.neck")
    assert effects_of(talk, RaiseUrgency) == [RaiseUrgency(Urgency.U0, "neck")]
    talk.taps("want.person", "consent.topic")
    assert effects_of(talk, RequestHandoff) == [RequestHandoff("queue", "medical", Urgency.U0, "topic")]


def test_without_a_flag_the_urgency_is_normal_and_the_need_open() -> None:
    talk = at_menu().taps("want.person", "consent.yes")
    assert effects_of(talk, RequestHandoff) == [RequestHandoff("queue", "any", Urgency.U2, "all")]


def test_the_strongest_flag_holds() -> None:
    talk = at_menu().taps("want.neck", "want.places", "region.RO", "want.person", "consent.yes")
    assert effects_of(talk, RequestHandoff)[0].urgency is Urgency.U0


def test_a_flag_is_raised_once_a_step() -> None:
    talk = at_menu().taps("want.neck").taps("want.neck")
    assert not effects_of(talk, RaiseUrgency)
    assert effects_of(talk.types("help now"), RaiseUrgency) == [RaiseUrgency(Urgency.U1, "emergency")]


def test_answers_reach_the_host_as_codes_but_not_safety_and_shares() -> None:
    talk = at_menu().taps("want.role", "role.me")
    assert effects_of(talk, Remembered) == [
        Remembered("role", "self"), Remembered("topic", "close"), Remembered("want", "ideas"),
    ]  # fmt: skip
    talk.taps("want.person", "consent.topic")
    assert not effects_of(talk, Remembered)
    assert talk.run.answers["shares"] == "topic"
    assert talk.run.answers["safety"] == "alone"


def test_age_is_asked_while_she_waits_and_leads_back_to_the_queue() -> None:
    talk = at_menu().taps("want.person", "consent.yes")
    assert talk.said == ["age.text"]
    talk.types("2")
    assert talk.run.step == "queue"
    assert talk.run.answers["age_band"] == "under_18"
    assert not effects_of(talk, RequestHandoff)


def test_age_is_not_asked_again() -> None:
    talk = in_queue().taps("!leave").taps("want.person", "consent.yes")
    assert talk.run.step == "queue"


def test_hours_that_end_while_consent_is_asked_ask_no_age_either() -> None:
    run = at_menu().taps("want.person").run
    assert Talk(run=run, around=CLOSED).taps("consent.yes").said == ["word.waiting"]


@pytest.mark.parametrize("way", ["want.person", "!person"])
def test_while_the_line_is_closed_nobody_consents_to_what_cannot_be(way: str) -> None:
    talk = at_menu(around=CLOSED).taps(way)
    assert talk.run.step == "closed_now"
    assert effects_of(talk, LineClosed) == [LineClosed()]
    assert not effects_of(talk, RequestHandoff)
    assert talk.run.handoff is None


def test_who_waits_when_the_hours_end_keeps_her_place() -> None:
    talk = Talk(run=in_queue().run, around=CLOSED).types("person")
    assert talk.said == ["word.waiting"]
    assert not effects_of(talk, LineClosed)


def test_while_the_line_is_closed_no_label_offers_a_person() -> None:
    talk = at_menu(around=CLOSED, script=WITH_LATER)
    assert labels_of(talk)["want.person"] == "word.person_later_label"
    assert labels_of(talk)["want.places"] == "want.places"
    assert labels_of(talk.types("more"))["!person"] == "word.person_later_label"
    assert labels_of(at_menu(script=WITH_LATER))["want.person"] == "want.person"
    assert labels_of(at_menu(around=CLOSED))["want.person"] == "want.person"  # a script without the word


def labels_of(talk: Talk) -> dict[str, str]:
    return {choice.token: choice.key for choice in talk.choices}


def test_waiting_offers_help_waiting_here_reading_and_leaving() -> None:
    talk = in_queue()
    assert talk.tokens == ["!help_now", "!wait", "!menu", "!leave", "!hide", "!more"]
    assert talk.digits == ["1", "2", "3", "4", "9", "0"]


def test_wait_here_is_told_once_chosen_and_only_while_she_waits() -> None:
    talk = in_queue().types("2")
    assert effects_of(talk, WaitHere)
    assert talk.said == ["word.wait_here"]
    assert not effects_of(at_menu().types("wait"), WaitHere)


def test_reading_does_not_lose_her_place() -> None:
    talk = in_queue().types("3").taps("want.places", "region.RO")
    assert talk.run.handoff == "queue"
    talk.hears(HandoffNews.ACCEPTED)
    assert talk.said == ["live.text"]
    assert talk.run.live


def test_person_while_she_waits_shows_her_place_and_asks_nobody_again() -> None:
    talk = in_queue().types("menu", "person")
    assert talk.said == ["word.waiting"]
    assert not effects_of(talk, RequestHandoff)


def test_leaving_the_queue_leads_to_the_menu() -> None:
    talk = in_queue().types("4")
    assert effects_of(talk, LeaveQueue)
    assert talk.run.step == "want"
    assert talk.run.handoff is None
    assert not effects_of(talk.taps("!leave"), LeaveQueue)


def test_what_she_writes_in_the_queue_is_kept_and_never_a_miss() -> None:
    talk = in_queue()
    for _ in range(4):
        talk.types("hello?")
        assert effects_of(talk, TextKept)
        assert talk.said == ["word.kept"]
        assert talk.tokens[0] == "!help_now"


@pytest.mark.parametrize(
    ("news", "step"),
    [
        (HandoffNews.ACCEPTED, "live"),
        (HandoffNews.DECLINED, "nobody"),
        (HandoffNews.NOBODY, "nobody"),
        (HandoffNews.OUT_OF_HOURS, "closed_now"),
        (HandoffNews.CLOSED, "closing"),
    ],
)
def test_each_outcome_leads_to_its_step(news: HandoffNews, step: str) -> None:
    assert in_queue().hears(news).run.step == step


def test_when_a_person_is_here_the_guide_says_so_and_falls_silent() -> None:
    talk = in_queue().hears(HandoffNews.ACCEPTED)
    assert talk.said == ["live.text"]
    assert talk.run.step == "live"


def test_the_end_of_the_talk_is_told_wherever_she_is() -> None:
    talk = in_queue().hears(HandoffNews.ACCEPTED).types("help now").hears(HandoffNews.CLOSED)
    assert talk.run.step == "closing"
    assert not talk.run.live
    assert talk.run.handoff is None


def test_sending_the_person_away_brings_back_the_guide() -> None:
    talk = in_queue().hears(HandoffNews.ACCEPTED).types("guide only")
    assert effects_of(talk, LeaveQueue)
    assert talk.run.step == "want"
    assert not talk.run.live
    assert talk.hears(HandoffNews.CLOSED).effects == ()


def test_a_late_acceptance_is_announced_even_after_nobody() -> None:
    talk = in_queue().hears(HandoffNews.NOBODY).hears(HandoffNews.ACCEPTED)
    assert talk.said == ["live.text"]


@pytest.mark.parametrize("news", [news for news in HandoffNews if news is not HandoffNews.ACCEPTED])
def test_news_that_nobody_waits_for_says_nothing(news: HandoffNews) -> None:
    talk = at_menu().hears(news)
    assert talk.effects == ()
    assert talk.run.step == "want"


@pytest.mark.parametrize("news", list(HandoffNews))
def test_news_for_a_run_that_is_over_says_nothing(news: HandoffNews) -> None:
    talk = in_queue().types("hide")
    assert talk.effects == (HideAll(),)
    assert talk.hears(news).effects == ()
    assert talk.run.over


def test_a_person_who_comes_while_the_safe_check_is_open_is_announced_after_it() -> None:
    talk = in_queue().opens().hears(HandoffNews.ACCEPTED)
    assert talk.effects == ()
    assert talk.taps("hello.yes", "safe.no").said == ["live.text"]
    assert talk.run.step == "live"


def test_opened_in_the_queue_comes_back_to_the_queue_without_asking_again() -> None:
    talk = in_queue().opens().taps("hello.yes", "safe.no")
    assert talk.said == ["word.waiting"]
    assert not effects_of(talk, RequestHandoff)


def test_what_is_held_is_shown_on_asking() -> None:
    assert in_queue().types("show").effects == (ShowHeld(),)


def test_the_end_of_the_script_leaves_the_queue() -> None:
    talk = in_queue().types("menu").taps("want.done", "closing.leave")
    assert effects_of(talk, LeaveQueue)
    assert talk.run.handoff is None


def test_the_host_can_ask_what_is_offered() -> None:
    talk = in_queue()
    assert engine.offered(talk.script, talk.run, talk.around) == talk.choices
    assert engine.offered(talk.script, Run("line", "gone", "en"), talk.around) == ()


def test_a_step_of_a_recalled_revision_leads_to_the_menu() -> None:
    passed = frozenset({"safe_check", "notice"})
    talk = Talk(run=Run("line", "withdrawn", "en", passed=passed, trail=("withdrawn2", "want"))).types("2")
    assert talk.run.step == "want"
    talk = Talk(run=Run("line", "withdrawn", "en")).types("3")
    assert talk.said == ["safe.text"]
    talk = Talk(run=Run("line", "withdrawn", "en", passed=passed)).types("my words are kept here too")
    assert effects_of(talk, TextKept)
    assert talk.run.step == "want"
    assert Talk(run=Run("line", "withdrawn", "en")).types("hide").effects == (HideAll(),)


def test_opened_at_a_step_of_a_recalled_revision_asks_the_safe_questions_first() -> None:
    passed = frozenset({"safe_check", "notice"})
    talk = Talk(run=Run("line", "withdrawn", "en", passed=passed)).opens()
    assert talk.said == ["safe.text"]
    assert talk.taps("safe.no").said == ["want.text"]
    assert Talk(run=Run("line", "withdrawn", "en")).opens().said == ["hello.text"]


def test_a_person_of_a_recalled_revision_is_still_announced() -> None:
    run = Run("line", "old_queue", "en", passed=frozenset({"safe_check", "notice"}), handoff="old_queue")
    assert Talk(run=run).hears(HandoffNews.ACCEPTED).said == ["live.text"]
    assert Talk(run=run).hears(HandoffNews.CLOSED).said == ["closing.text"]


def test_a_language_no_longer_published_falls_back() -> None:
    assert Talk(run=Run("line", "hello", "xx")).types("1").run.language == "en"


def test_when_the_person_is_gone_and_another_is_asked_she_waits_as_before_and_is_told_no_old_name() -> None:
    talk = in_queue().hears(HandoffNews.ACCEPTED)
    run = engine.wait_again(talk.script, talk.run)
    assert (run.step, run.live, run.handoff) == ("queue", False, "queue")
    assert [choice.token for choice in engine.offered(talk.script, run, OPEN)][:2] == ["!help_now", "!wait"]
    again = Talk(run=run).types("hello, are you there still")
    assert again.said == ["word.kept"]
    assert again.hears(HandoffNews.ACCEPTED).said == ["live.text"]


def test_what_she_reads_meanwhile_is_left_as_it_is() -> None:
    talk = in_queue().hears(HandoffNews.ACCEPTED).types("help now")
    run = engine.wait_again(talk.script, talk.run)
    assert (run.step, run.live) == (talk.run.step, False)


def test_a_run_without_a_person_is_left_alone() -> None:
    for talk in (at_menu(), in_queue()):
        assert engine.wait_again(talk.script, talk.run) is talk.run
