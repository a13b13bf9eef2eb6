"""Gates, goals and coming back (design §4, B-003, B-011, B-020)."""

from dataclasses import replace

import pytest

from tests.triage.builders import LINE, OPEN, Talk, at_menu, effects_of, in_queue, script_from
from triage.effects import EndRun, RequestHandoff, SafetyAnswer, ShowHeld
from triage.model import GlobalAction
from triage.run import HandoffNews


def test_four_taps_lead_from_the_first_message_to_the_queue() -> None:
    talk = Talk().taps("hello.yes", "safe.no", "notice2.person")
    assert not effects_of(talk, RequestHandoff)
    talk.taps("consent.yes")
    assert [effect.step for effect in effects_of(talk, RequestHandoff)] == ["queue"]


def test_four_digits_lead_from_the_first_message_to_the_queue() -> None:
    talk = Talk().types("1", "1", "2", "1")
    assert effects_of(talk, RequestHandoff)


def test_person_at_the_first_step_leads_through_safe_check_notice_and_consent() -> None:
    talk = Talk().types("person")
    assert talk.said == ["safe.text"]
    assert talk.run.goal is GlobalAction.PERSON
    talk.taps("safe.no")
    assert talk.said == ["notice1.text", "notice2.text"]
    talk.taps("notice2.ok")
    assert talk.said == ["consent.text"]
    assert talk.run.goal is None
    assert effects_of(talk.taps("consent.yes"), RequestHandoff)


def test_menu_at_the_first_step_leads_through_the_gates_to_the_menu() -> None:
    talk = Talk().types("menu").taps("safe.no", "notice2.ok")
    assert talk.run.step == "want"
    assert talk.run.goal is None


def test_menu_after_the_notice_is_shown_at_once() -> None:
    assert at_menu().taps("want.places").types("menu").run.step == "want"


def test_the_notice_counts_as_passed_only_when_it_is_left() -> None:
    talk = Talk().types("person").taps("safe.no", "notice2.more")
    assert talk.said == ["notice3.text"]
    assert "notice" not in talk.run.passed
    assert talk.taps("notice3.ok").said == ["consent.text"]


def test_a_goal_is_dropped_when_she_leaves_for_later() -> None:
    talk = Talk().types("person").taps("safe.yes", "safer.later")
    assert talk.run.over
    assert talk.run.goal is None
    assert effects_of(talk, EndRun)


def test_safer_ways_are_offered_before_a_goal_when_someone_may_look() -> None:
    talk = Talk().types("person").taps("safe.yes")
    assert talk.said == ["safer.text"]
    assert talk.taps("safer.go_on").said == ["notice1.text", "notice2.text"]
    assert talk.taps("notice2.ok").said == ["consent.text"]


@pytest.mark.parametrize(("choice", "answer"), [("no", "alone"), ("yes", "seen"), ("unsure", "unsure")])
def test_the_safe_check_tells_the_host_her_answer(choice: str, answer: str) -> None:
    talk = Talk().taps("hello.yes", f"safe.{choice}")
    assert effects_of(talk, SafetyAnswer) == [SafetyAnswer(answer)]


def test_help_now_comes_before_every_gate() -> None:
    talk = Talk().types("help now")
    assert talk.run.step == "after_emergency"
    assert talk.run.passed == frozenset()


def test_no_choice_leads_past_a_missing_gate() -> None:
    assert Talk().types("help now").taps("after_emergency.person").said == ["safe.text"]
    assert Talk().types("help now").taps("after_emergency.menu").said == ["safe.text"]


def test_a_handoff_is_never_asked_without_a_fresh_yes() -> None:
    talk = in_queue().hears(HandoffNews.NOBODY)
    assert talk.run.step == "nobody"
    talk.taps("nobody.again")
    assert talk.said == ["consent.text"]
    assert effects_of(talk.taps("consent.yes"), RequestHandoff)


def test_back_never_asks_for_a_person_again_by_itself() -> None:
    talk = in_queue().hears(HandoffNews.NOBODY)
    while talk.run.trail:
        talk.types("back")
        assert not effects_of(talk, RequestHandoff)


def test_no_to_consent_leads_on_and_asks_nobody() -> None:
    talk = at_menu().taps("want.person", "consent.no")
    assert talk.run.step == "want"
    assert not effects_of(talk, RequestHandoff)


def test_opened_before_the_notice_starts_over() -> None:
    talk = Talk().taps("hello.yes").opens()
    assert talk.said == ["hello.text"]
    assert talk.run.trail == ()
    assert talk.run.return_to is None


def test_opened_after_the_notice_asks_the_safe_questions_and_then_comes_back() -> None:
    talk = at_menu().taps("want.role").opens()
    assert talk.said == ["hello.text"]
    assert "safe_check" not in talk.run.passed
    assert talk.taps("hello.yes").said == ["safe.text"]
    assert talk.taps("safe.no").said == ["role.text"]
    assert talk.run.return_to is None


def test_opened_and_seen_offers_safer_ways_before_anything_old() -> None:
    talk = at_menu().taps("want.role").opens().taps("hello.yes", "safe.yes")
    assert talk.said == ["safer.text"]
    assert talk.taps("safer.go_on").said == ["role.text"]


def test_opened_twice_still_comes_back_to_the_same_place() -> None:
    talk = at_menu().taps("want.role").opens().taps("hello.yes").opens()
    assert talk.taps("hello.yes", "safe.no").said == ["role.text"]


def test_nothing_old_is_shown_before_the_safe_check_is_passed_again() -> None:
    talk = at_menu().taps("want.role", "role.me", "want.places").opens()
    for reply in (
        "back",
        "menu",
        "person",
        "a whole letter of many words",
        "5",
        "show",
        "language",
        "0",
        "0",
    ):
        talk.types(reply)
        assert not effects_of(talk, ShowHeld)
        assert not {"want.text", "role.text", "places.text", "consent.text"} & set(talk.said)


def test_person_asked_after_opening_goes_to_consent_once_it_is_safe() -> None:
    talk = at_menu().opens().types("person")
    assert talk.said == ["safe.text"]
    assert talk.taps("safe.no").said == ["consent.text"]


def test_a_script_without_gates_needs_none() -> None:
    script = script_from(
        """
        spec: 1
        id: bare
        start: a
        languages: [en]
        steps:
          a: {ask: {choices: [{id: go, to: b}]}}
          b: {handoff: {accepted: a, declined: a, nobody: a, out_of_hours: a, closed: a}}
        """,
        languages=("en",),
    )
    talk = Talk(script).types("person")
    assert effects_of(talk, RequestHandoff)
    assert Talk(script).opens().said == ["a.text"]


def test_the_language_of_the_client_is_taken_when_it_is_published() -> None:
    assert Talk(LINE, replace(OPEN, client_language="ro-RO")).run.language == "ro"
    assert Talk(LINE, replace(OPEN, client_language="fi")).run.language == "en"
    assert Talk(LINE, replace(OPEN, client_language="ro"), "en").run.language == "en"
