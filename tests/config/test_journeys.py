"""Journeys through the default script as she would make them."""

import random
from dataclasses import replace

import pytest

from tests.config.journey import TO_NOTICE, TO_WANT, Journey
from tests.config.shipped import script
from triage import engine
from triage.effects import (
    EndRun,
    HideAll,
    PhraseTried,
    RaiseUrgency,
    Remembered,
    ShareResources,
)
from triage.model import Tag
from triage.run import (
    HandoffNews,
    HandoffOutcome,
    PhraseOutcome,
    SentMedia,
    Tapped,
    Typed,
)


def test_a_person_is_four_taps_away():
    journey = Journey().taps(*TO_NOTICE, "notice3.person", "consent.yes")
    assert [effect.shares for effect in journey.asked()] == ["all"]


def test_the_word_person_asks_the_same_gates():
    journey = Journey().reply(Typed("person"))
    assert journey.run.step == "safe_check"
    journey.taps("safe_check.no")
    assert journey.run.step == "notice3"
    journey.taps("notice3.ok")
    assert journey.run.step == "consent"


def test_the_emergency_number_needs_nothing():
    journey = Journey().reply(Typed("help now"))
    assert journey.shared() == ["emergency"]
    assert journey.run.passed == frozenset()


def test_from_the_emergency_card_a_person_comes_only_after_the_gates():
    journey = Journey().reply(Typed("ajutor")).taps("emergency_next.person")
    assert journey.run.step == "safe_check"
    journey.taps("safe_check.no", "notice3.ok", "consent.yes")
    assert len(journey.asked()) == 1


def test_age_is_asked_while_she_waits_on_the_short_path():
    journey = Journey().taps(*TO_NOTICE, "notice3.person", "consent.topic")
    assert journey.asked()[0].shares == "topic"
    assert journey.run.step == "age"
    assert journey.taps("age.yes").run.step == "want"  # nothing more is asked of her


@pytest.mark.parametrize("answer", ["yes", "unsure", "skip"])
def test_who_may_be_seen_is_offered_five_ways(answer: str):
    journey = Journey().taps("hello.yes", f"safe_check.{answer}")
    assert [token for token in journey.offered if not token.startswith("!")] == [
        f"safe_options.{way}" for way in ("device", "line", "later", "phrase", "go_on")
    ]
    assert journey.taps("safe_options.go_on").run.step == "notice3"


def test_numbers_can_be_had_before_the_notice():
    journey = Journey().taps("hello.yes", "safe_check.yes", "safe_options.line", "safe_line.show")
    journey.taps("region.AL")
    assert journey.shared() == ["domestic_violence"]


def test_a_wrong_word_and_a_stranger_hear_the_same():
    tried = [*TO_NOTICE, "notice3.ok", "word_question.yes", "grid.1", "grid.2", "grid.3", "grid.4"]
    journey = Journey().taps(*tried)
    assert any(isinstance(effect, PhraseTried) for effect in journey.effects)
    wrong = journey.reply(PhraseOutcome(found=False))
    assert wrong.said == ["word_unknown.text", "danger_now.text"]
    assert Journey().taps(*tried).reply(PhraseOutcome(found=True)).said == [
        "word_found.text",
        "danger_now.text",
    ]


@pytest.mark.parametrize(
    ("topic", "urgency", "need"),
    [
        ("neck", "U0", "domestic_violence"),
        ("low", "U0", "suicide_crisis"),
        ("hurt", "U1", "domestic_violence"),
    ],
)
def test_a_red_flag_is_a_card_and_an_order(topic: str, urgency: str, need: str):
    journey = Journey().taps(*TO_WANT, "want.topic", f"topic.{topic}")
    assert [effect.urgency for effect in journey.effects if isinstance(effect, RaiseUrgency)] == [urgency]
    journey.taps(f"{topic}.person", "consent.yes")
    assert (journey.asked()[0].urgency, journey.asked()[0].need) == (urgency, need)


def test_danger_now_shows_the_number_at_once():
    journey = Journey().taps(*TO_NOTICE, "notice3.ok", "word_question.skip", "danger_now.yes")
    assert journey.shared() == ["emergency"]
    assert journey.taps("emergency_next.person", "consent.yes").asked()[0].urgency == "U0"


WAYS = {f"card.{way}" for way in ("staying", "undecided", "leaving", "after_leaving", "apart", "online")}


@pytest.mark.parametrize("way", ["living", "undecided", "leaving", "left", "apart", "online", "skip"])
def test_staying_leaving_and_all_between_take_the_same_taps(way: str):
    journey = Journey().taps(*TO_WANT, "want.safer", f"plan.{way}")
    assert journey.run.step in {"plan_next", "plan_leaving"}
    assert {tag for key in journey.said for tag in script().steps[key.split(".")[0]].tags} & WAYS


def test_a_watched_phone_is_offered_another_device_before_any_tech_card():
    for answer in ("yes", "unsure", "skip"):
        assert Journey().taps(*TO_WANT, "want.phone", f"tech_device.{answer}").run.step == "tech_watched"
    assert Journey().taps(*TO_WANT, "want.phone", "tech_device.no").run.step == "tech"


def test_a_country_is_asked_once_and_can_be_changed():
    journey = Journey().taps(*TO_WANT, "want.places", "places.line", "region.AL")
    assert journey.shared() == ["domestic_violence"]
    assert journey.taps("list_next.other", "places.legal").shared() == ["legal"]
    journey.taps("list_next.country", "region.AM")
    assert (journey.shared(), journey.run.answers["region"]) == (["legal"], "AM")


def after_a_talk(outcome: str, *before: str) -> Journey:
    """A volunteer has closed her chat with this code, as the host tells the run."""
    journey = Journey().taps(*TO_WANT, *before, "want.person" if not before else f"{before[-1][6:]}.person")
    journey.taps("consent.yes").reply(HandoffOutcome(HandoffNews.ACCEPTED))
    journey.run = replace(journey.run, answers={**journey.run.answers, "outcome": outcome})
    return journey.reply(HandoffOutcome(HandoffNews.CLOSED))


def test_a_chat_closed_for_misuse_gets_one_neutral_boundary_and_ends():
    journey = after_a_talk("misuse")
    assert journey.said == ["boundary.text"]
    assert journey.run.over


def test_after_a_talk_one_tap_tells_how_much_it_helped_if_she_says_it_is_safe():
    journey = after_a_talk("talked").taps("closing.leave")
    assert journey.said == ["feedback_safe.text"]
    journey.taps("feedback_safe.yes", "feedback.four")
    assert Remembered("helped", "4") in journey.effects
    assert (journey.said, journey.run.over) == (["bye.text"], True)
    assert after_a_talk("talked").taps("closing.leave", "feedback_safe.no").run.over


@pytest.mark.parametrize("topic", ["neck", "hurt", "low"])
def test_after_an_urgent_talk_nothing_is_asked(topic: str):
    journey = after_a_talk("talked", "want.topic", f"topic.{topic}").taps("closing.leave")
    assert journey.said == ["bye.text"]


def test_where_somebody_may_look_on_nothing_is_asked():
    journey = after_a_talk("talked")
    journey.run = replace(journey.run, answers={**journey.run.answers, "safety": "seen"})
    assert journey.taps("closing.leave").said == ["bye.text"]


@pytest.mark.parametrize("news", list(HandoffNews))
def test_every_outcome_of_a_handoff_has_its_step(news: HandoffNews):
    expected = {
        HandoffNews.ACCEPTED: "live_start",
        HandoffNews.DECLINED: "nobody",
        HandoffNews.NOBODY: "nobody",
        HandoffNews.OUT_OF_HOURS: "out_of_hours",
        HandoffNews.CLOSED: "closing",
    }
    journey = Journey().taps(*TO_NOTICE, "notice3.person", "consent.yes").reply(HandoffOutcome(news))
    assert journey.run.step == expected[news]


def test_who_sets_words_is_told_so_and_not_asked_for_older_ones():
    rows = ("grid.1", "grid.2", "grid.3", "grid.4")
    journey = Journey().taps("hello.yes", "safe_check.unsure", "safe_options.phrase", *rows)
    assert journey.said == ["safe_phrase_set.text"]
    assert journey.taps("safe_phrase_set.go_on", "notice3.ok").said == ["danger_now.text"]
    assert Journey().taps(*TO_NOTICE, "notice3.ok").said == ["word_question.text"]


def test_a_note_out_of_hours_is_kept_and_nothing_is_sent_for_it():
    journey = Journey().taps(*TO_NOTICE, "notice3.person", "consent.yes")
    journey.reply(HandoffOutcome(HandoffNews.OUT_OF_HOURS)).taps("out_of_hours.note")
    journey.reply(Typed("He is away on Thursday mornings, please tell me what to take with me."))
    assert journey.run.step == "out_of_hours_note"
    assert journey.taps("out_of_hours_note.only").run.answers["answer"] == "when_i_write"


@pytest.mark.parametrize(("choice", "effect"), [("remove", HideAll), ("leave", EndRun)])
def test_closing_asks_one_thing(choice: str, effect: type):
    journey = Journey().taps(*TO_WANT, "want.done", f"closing.{choice}")
    assert any(isinstance(one, effect) for one in journey.effects)


@pytest.mark.parametrize("step", ["hello.later", "hello.who"])
def test_before_the_notice_nothing_names_the_matter(step: str):
    journey = Journey().taps(step)
    assert journey.said in (["later.text"], ["who.text"])


@pytest.mark.parametrize("language", ["en", "ro"])
def test_random_walks_always_have_the_number_at_hand_and_never_get_stuck(language: str):
    dice = random.Random(f"walks {language}")
    for _ in range(150):
        journey = Journey(language)
        for _ in range(40):
            if journey.run.over:
                break
            urgent = engine.resume(script(), journey.run, Typed("help now"), journey.around)
            assert any(
                isinstance(effect, ShareResources) and effect.need == "emergency" for effect in urgent.effects
            )
            tokens = [token for token in journey.offered if not token.startswith("!")]
            if journey.run.grid and len(journey.run.grid) == 4:
                journey.reply(PhraseOutcome(found=dice.random() < 0.5))
            elif journey.run.handoff and dice.random() < 0.5:
                journey.reply(HandoffOutcome(dice.choice(list(HandoffNews))))
            elif tokens and dice.random() < 0.9:
                journey.reply(Tapped(dice.choice(tokens)))
            else:
                journey.reply(dice.choice([Typed("something of her own"), Typed("menu"), SentMedia()]))
            assert journey.run.over or Tag.EXIT not in script().steps[journey.run.step].tags
            assert len(journey.said) <= 5
