"""Where each kind of person can come to in the default script, and where never."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.config.journey import AROUND, TO_AGE, TO_NOTICE, Journey
from tests.config.shipped import script
from triage import engine
from triage.effects import LeaveQueue, LineClosed, Remembered, ShareResources, Speak
from triage.model import Ask, End, Handoff, Hide, Tag, Urgency
from triage.run import HandoffNews, HandoffOutcome, PhraseOutcome, Reply, Run, Surroundings, Tapped, Typed


def place(run: Run) -> object:
    """What makes two places the same for her: where she is, what she passed, who she said she is."""
    told = (run.answers.get(key) for key in ("age_band", "role", "list", "shares"))
    return (run.step, run.passed, run.handoff, run.live, run.goal, *told)


def coarse_place(run: Run) -> object:
    told = (run.answers.get(key) for key in ("age_band", "role", "shares"))
    return (run.step, Tag.NOTICE in run.passed, *told)


def explored(
    *tokens: str, key: Callable[[Run], object] = place, around: Surroundings = AROUND
) -> tuple[set[str], set[str]]:
    """Steps that speak and needs that are met, by taps and by words, from where `tokens` lead."""
    seen: set[object] = set()
    steps: set[str] = set()
    needs: set[str] = set()
    waiting = deque([Journey(surroundings=around).taps(*tokens).run])
    while waiting:
        run = waiting.popleft()
        if run.over or key(run) in seen:
            continue
        seen.add(key(run))
        steps.add(run.step)
        for reply in replies(run):
            turn = engine.resume(script(), run, reply, around)
            steps |= {effect.step for effect in turn.effects if isinstance(effect, Speak | ShareResources)}
            needs |= {effect.need for effect in turn.effects if isinstance(effect, ShareResources)}
            waiting.append(turn.run)
    return steps, needs


def replies(run: Run) -> list[Reply]:
    kind = script().steps[run.step].kind
    if isinstance(kind, Ask):
        found: list[Reply] = [Tapped(f"{run.step}.{choice.id}") for choice in kind.choices]
    else:
        found = [Tapped("region.AL"), Tapped(f"{run.step}.skip"), PhraseOutcome(found=False)]
    if run.handoff:
        found += [HandoffOutcome(news) for news in HandoffNews]
    return [*found, Typed("person"), Typed("menu")]


ADULT_ONLY = {step.id for step in script().steps.values() if "card.adult" in step.tags}
PLANS = {step for step in script().steps if step.startswith("plan")}
FOR_MINORS = replace(AROUND, on_duty=AROUND.on_duty | {"minors"})


@pytest.mark.parametrize("around", [AROUND, FOR_MINORS], ids=["nobody for minors", "somebody for minors"])
def test_who_is_under_18_reaches_the_child_line_and_never_a_card_for_adults(around: Surroundings):
    steps, needs = explored(*TO_AGE, "age.no", around=around)
    assert "child" in needs
    assert ("minor_consent" in steps) is ("minors" in around.on_duty)
    assert ("minor_alone_next" in steps) is ("minors" not in around.on_duty)
    assert ADULT_ONLY
    assert not steps & ADULT_ONLY
    assert not steps & {"want", "plan", "tech", "online", "places", "consent", "queue"}


def test_who_says_under_18_in_the_queue_waits_no_longer_where_nobody_may_come():
    to_queue = (*TO_NOTICE, "notice3.person", "consent.yes")
    journey = Journey().taps(*to_queue, "age.no")
    assert LeaveQueue() in journey.effects
    assert Remembered("tell", "supervisor") in journey.effects
    assert journey.shared() == ["child"]
    assert (journey.run.step, journey.run.handoff) == ("minor_alone_next", None)
    waiting = Journey(surroundings=FOR_MINORS).taps(*to_queue, "age.no")
    assert LeaveQueue() not in waiting.effects
    assert (waiting.run.step, waiting.run.handoff) == ("minor_menu", "queue")


def test_the_word_person_leads_who_is_under_18_to_their_own_way():
    assert Journey().taps(*TO_AGE, "age.no").reply(Typed("person")).run.step == "minor_alone_next"
    asked = Journey(surroundings=FOR_MINORS).taps(*TO_AGE, "age.no").reply(Typed("person"))
    assert asked.run.step == "minor_consent"


def test_nobody_under_18_is_offered_a_person_where_none_may_come():
    for around in (AROUND, FOR_MINORS):
        journey = Journey(surroundings=around).taps(*TO_AGE, "age.no")
        offered = [*journey.offered, *journey.taps(f"{journey.run.step}.home").offered]
        assert any(token.endswith(".person") for token in offered) is ("minors" in around.on_duty)
        assert any(token.endswith(".line") for token in offered)


def test_who_cannot_go_on_while_all_are_away_is_given_lines_and_offered_nobody():
    to_low = (*TO_AGE, "age.yes", "role.me", "want.topic", "topic.low")
    journey = Journey(surroundings=replace(AROUND, open_now=False)).taps(*to_low)
    assert journey.said == ["low_closed.text"]
    assert journey.offered[0] == "low_closed.line"
    assert not any(token.endswith(".person") for token in journey.offered)
    assert Journey().taps(*to_low).offered[0] == "low.person"


def test_while_the_line_is_closed_nobody_is_promised_anywhere():
    """No consent to what cannot be, on any way (PR13)."""
    closed = replace(AROUND, open_now=False)
    in_danger = ("notice3.ok", "word_question.no", "danger_now.yes", "emergency_next.person")
    for way in (("notice3.person",), in_danger):
        journey = Journey(surroundings=closed).taps(*TO_NOTICE, *way)
        assert journey.said == ["out_of_hours.text"]
        assert LineClosed() in journey.effects
        assert not journey.asked()


def test_a_tracker_raises_her_order():
    assert script().steps["t_place"].urgency is Urgency.U1


def test_pictures_and_money_under_18_are_one_screen_with_no_person_needed():
    journey = Journey().taps(*TO_AGE, "age.no", "minor_menu_read.images")
    assert journey.said == ["minor_images.text"]
    assert journey.run.step == "minor_images"
    assert not journey.asked()


def test_who_writes_about_what_they_do_reaches_no_plan_and_no_shelter():
    steps, needs = explored(*TO_AGE, "age.yes", "role.own")
    # Lines one can write to are searched for them alone (`directory_needs`), so no shelter is among them.
    assert needs == {"own_behaviour", "emergency", "suicide_crisis", "silent"}
    assert not steps & PLANS
    assert "own_pause" in steps


def test_who_writes_about_what_they_do_is_given_lines_and_a_person_only_for_life():
    journey = Journey().taps(*TO_AGE, "age.yes", "role.own").reply(Typed("person"))
    assert journey.said == ["own_signpost.text", "own_menu.text"]
    open_to_it = replace(AROUND, on_duty=AROUND.on_duty | {"own_behaviour"})
    asked = Journey(surroundings=open_to_it).taps(*TO_AGE, "age.yes", "role.own").reply(Typed("person"))
    assert asked.run.step == "consent"
    low = Journey().taps(*TO_AGE, "age.yes", "role.own", "own_menu.low", "own_low.person", "consent.yes")
    assert [(effect.urgency, effect.need) for effect in low.asked()] == [("U0", "suicide_crisis")]


def test_who_wants_only_to_read_is_asked_nothing_and_can_come_back():
    journey = Journey().taps(*TO_NOTICE, "notice3.no", "info_only.topic", "info_topics.sexual")
    assert journey.run.answers.keys() <= {"safety", "path", "need"}
    assert journey.reply(Typed("menu")).run.step == "info_only"
    assert journey.taps("info_only.go_on").run.step == "word_question"


def test_the_menu_asks_the_age_of_who_was_never_asked():
    journey = Journey().taps(*TO_NOTICE).reply(Typed("menu"))
    assert journey.run.step == "age"
    assert journey.taps("age.skip", "role.skip").run.step == "want"


@pytest.mark.long
def test_every_step_can_be_walked_to():
    walked = explored(key=coarse_place)[0] | explored(*TO_AGE, "age.no")[0]
    walked |= explored(*TO_AGE, "age.no", around=FOR_MINORS)[0]
    closed = replace(AROUND, open_now=False)
    walked |= explored(*TO_AGE, "age.yes", key=coarse_place, around=closed)[0]
    walked |= explored("hello.yes", "safe_check.yes", "safe_options.go_on", "notice3.no")[0]
    speaking = {
        step.id
        for step in script().steps.values()
        if isinstance(step.kind, Ask | End | Handoff) and f"{step.id}.text" in script().texts["en"]
    }
    ends = {step.id for step in script().steps.values() if isinstance(step.kind, End | Hide)}
    # After a talk, and after words were set: both are known to the host alone.
    assert speaking - walked - ends == {"feedback", "feedback_safe", "safe_phrase_set"}
