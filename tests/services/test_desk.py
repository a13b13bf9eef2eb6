"""What volunteers can do with a chat, and what they cannot (PR8); who is asked; what a close leaves."""

from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import Connection

from bot.model import Role
from bot.services import desk, dispatch, queueing
from bot.services.opening import open_conversation
from bot.store import tables as t
from channels.message import DeliveryState, Receipt
from handoff.desks import Minors, MinorsPack
from handoff.model import Outcome
from tests.services.walks import WATCHED, in_a_chat, in_the_queue, lines_of, opens, say, tap
from tests.town import Town, board_of


def facts_of(town: Town, handoff: str) -> queueing.HandoffFacts:
    row = town.handoff(handoff)

    def work(connection: Connection) -> queueing.HandoffFacts:
        opened = open_conversation(connection, town.house, row.conversation)
        assert opened is not None
        return queueing.open_facts(opened.key, handoff, row.facts_sealed)

    return town.read(work)


def offered_to(town: Town) -> set[str]:
    aliases = {town.person_id(alias): alias for alias in ("Maple", "Juniper", "Alder")}
    return {aliases[row.person] for row in town.rows(t.offer, t.offer.c.state == "pending")}


async def test_of_two_who_accept_at_once_one_gets_the_chat(either_town: Town) -> None:
    town = either_town
    await in_the_queue(town)
    handoff = town.waiting()[0].id
    ids = {alias: town.person_id(alias) for alias in ("Maple", "Juniper")}
    start, won, lost = Barrier(2), [], []

    def accepts(alias: str) -> None:
        start.wait()
        try:
            won.append(town.write(lambda c: desk.accept(c, town.house, handoff, ids[alias], town.now)))
        except desk.DeskRefusal as refusal:
            lost.append(refusal.code)

    threads = [Thread(target=accepts, args=(alias,)) for alias in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (won, lost) == ([1], ["ALREADY_TAKEN"])
    assert town.rows(t.offer, t.offer.c.state == "pending") == []


async def test_one_volunteer_who_accepts_two_at_once_gets_one(either_town: Town) -> None:
    town = either_town
    await in_the_queue(town, "ann", "telegram")
    await in_the_queue(town, "bea", "telegram")
    maple = town.person_id("Maple")
    start, won, lost = Barrier(2), [], []

    def accepts(handoff: str) -> None:
        start.wait()
        try:
            won.append(town.write(lambda c: desk.accept(c, town.house, handoff, maple, town.now)))
        except desk.DeskRefusal as refusal:
            lost.append(refusal.code)

    threads = [Thread(target=accepts, args=(row.id,)) for row in town.waiting()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (won, lost) == ([1], ["CAPACITY"])


@pytest.mark.parametrize("failing", [False, True])
async def test_words_of_a_claim_that_is_over_reach_nobody(town: Town, failing: bool) -> None:
    town.patient = True
    ann, chat = await in_a_chat(town, "ann", "telegram")
    if failing:
        town.channels["telegram"].answer = lambda _: Receipt(DeliveryState.FAILED_FOR_NOW, "network")
        chat.writes("written for ann")
        await town.settle()
        town.channels["telegram"].answer = lambda _: None
    else:
        chat.writes("written for ann")
    chat.passes_on()
    await town.passes(minutes=5)
    assert "written for ann" not in ann.texts()
    with pytest.raises(desk.DeskRefusal, match="NOT_YOURS"):
        chat.writes("too late")
    again = town.accept("Juniper")
    await town.settle()
    with pytest.raises(desk.DeskRefusal, match="NOT_YOURS"):
        replace(again, version=again.version - 1).writes("an older page of mine")
    with pytest.raises(desk.DeskRefusal, match="NOT_YOURS"):
        replace(again, person=chat.person).writes("not my chat any more")


async def test_held_words_of_a_chat_that_was_passed_on_are_not_told_on_her_return(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "web", safety=WATCHED)
    assert chat.writes("only while it is my chat").held
    chat.passes_on()
    ann.disconnects()
    await town.passes(minutes=40)
    again = await opens(town, "ann", "web")
    await tap(town, again, "Yes", "No")
    assert not any("only while" in message.text for message in town.channels["web"].sent)


async def test_passing_on_gives_the_next_one_coded_facts_and_none_of_the_words(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "something only Maple should read")
    queued_at = town.handoff(chat.handoff).queued_at
    town.clock.move(minutes=2)
    chat.passes_on()
    await town.settle()
    row = town.handoff(chat.handoff)
    assert (row.state, row.front, row.queued_at) == ("waiting", True, queued_at)
    facts = facts_of(town, chat.handoff)
    assert facts.since == town.now
    assert facts.read_from_inbox > max(r.id for r in town.rows(t.inbox))
    assert facts.declined_by == [chat.person]
    assert "handing over" in ann.texts()[-1]


async def test_closing_destroys_what_was_said_in_that_very_commit(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "words to be forgotten")
    key = town.rows(t.conversation)[0].data_key
    chat.notes("a note")
    chat.closes()
    (conversation,) = town.rows(t.conversation)
    assert conversation.data_key != key
    assert key not in {row.id for row in town.rows(t.data_key)}
    assert town.rows(t.note) == []
    assert all(row.body_sealed is None for row in town.rows(t.inbox))
    assert all(row.body_sealed is None for row in town.rows(t.outbox, t.outbox.c.purpose == "relay"))
    await town.settle()
    assert "This chat is closing" in ann.texts()[-1]


async def test_what_she_writes_while_the_volunteer_closes_is_answered(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    ann.types("wait, one more thing I need to tell")
    await town.intake()
    chat.closes()
    await town.settle()
    assert "It is kept, locked" in lines_of(ann)
    assert {row.state for row in town.rows(t.inbox)} == {"done"}


async def test_what_she_writes_while_the_last_deadline_closes_is_answered(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.closes()
    await town.settle()
    town.clock.move(hours=25)
    ann.types("hello, are you still there for me")
    await town.intake()
    await town.due()
    await town.settle()
    assert "It is kept, locked" in lines_of(ann)
    assert [row.stage for row in town.rows(t.conversation)] == ["closing"]


async def test_a_close_with_unsent_words_does_not_stop_the_last_question(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("never sent")
    chat.closes()
    await town.settle()
    assert "This chat is closing" in ann.texts()[-1]


async def test_going_on_from_the_closing_question_is_not_cut_short(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.closes()
    await town.settle()
    await say(town, ann, "menu")
    for _ in range(60):
        await town.passes(minutes=29)
        await say(town, ann, "menu")
    assert [row.stage for row in town.rows(t.conversation)] == ["triage"]
    await tap(town, ann, "Talk to a person", "Yes")
    assert len(town.waiting()) == 1


async def test_writing_again_within_the_minute_after_the_end_begins_anew(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.closes()
    await town.settle()
    await tap(town, ann, "Leave the numbers", "No")
    await say(town, ann, "hello again my friends")
    await town.passes(minutes=5)
    assert [row.stage for row in town.rows(t.conversation)] == ["triage"]
    assert "Hi. Is now a good time to write here?" in ann.texts()


async def test_ending_the_script_during_a_chat_frees_the_volunteer(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("first")
    await town.settle()
    await tap(town, ann, "Menu")
    for label in ("Rather not say", "About me"):
        if any(c.label == label for line in ann.screen[-1:] for c in line.choices):
            await tap(town, ann, label)
    await tap(town, ann, "That is all", "Leave the numbers")
    await town.passes(minutes=3)
    assert town.handoff(chat.handoff).state == "left"
    assert [row.data_key for row in town.rows(t.conversation)] == [None]


async def test_person_off_tells_the_volunteer_and_the_guide_is_back(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    await say(town, ann, "guide only")
    assert town.handoff(chat.handoff).state == "left"
    await town.passes(minutes=16)
    await say(town, ann, "menu")
    await town.passes(minutes=15)
    assert town.handoff(chat.handoff).state == "closed"
    await tap(town, ann, "Talk to a person", "Yes")
    assert town.accept("Maple").person == chat.person


async def test_words_never_shown_are_told_on_return_after_the_safe_check(town: Town) -> None:
    ann, chat = await in_a_chat(town, "ann", "telegram")
    chat.writes("first")
    await town.settle()
    await town.passes(minutes=11)
    chat.writes("never seen")
    chat.closes(Outcome.TALKED)
    await town.passes(hours=30)
    assert [row.data_key for row in town.rows(t.conversation)] == [None]
    again = await opens(town, "ann", "telegram")
    assert "never seen" not in lines_of(again)
    await tap(town, again, "Yes", "No")
    texts = again.texts()
    assert texts.count("never seen") == 1
    assert "the last time" in texts[texts.index("never seen") - 1]  # a greeting of yesterday is not of now


# --- who is asked ------------------------------------------------------------------------------------------


async def test_nobody_is_asked_who_is_not_ready_and_a_supervisor_is_told(town: Town) -> None:
    for alias in ("Maple", "Juniper"):
        town.set_ready(alias, ready=False)
    await in_the_queue(town, "ann", "telegram")
    handoff = town.waiting()[0].id
    await town.passes(minutes=3)
    assert ("supervisor", handoff) in town.alerts
    assert {row.person for row in town.rows(t.offer)} == {town.person_id("Alder")}


async def test_who_declined_is_not_asked_again(town: Town) -> None:
    town.patient = True
    await in_the_queue(town, "ann", "telegram")
    assert offered_to(town) == {"Maple", "Juniper"}
    handoff, maple = town.waiting()[0].id, town.person_id("Maple")
    town.write(lambda c: dispatch.decline(c, handoff, maple))
    for _ in range(12):
        await town.passes(seconds=50)
        assert "Maple" not in offered_to(town)
    assert sum(row.person == town.person_id("Juniper") for row in town.rows(t.offer)) > 3


async def test_after_a_lapse_the_queue_goes_on_asking(town: Town) -> None:
    town.patient = True
    await in_the_queue(town, "ann", "telegram")
    before = len(town.rows(t.offer))
    await town.passes(minutes=10)
    assert len(town.rows(t.offer)) > before + 3
    assert town.waiting()


def answers_minors(town: Town, minors: Minors) -> None:
    """The desk has rules for under 18, signed."""
    pack = MinorsPack("tell it", "the child service", "at once", "R. Lawyer", date(2026, 11, 1))
    demo = replace(town.house.library.desks["demo"], minors=minors, minors_pack=pack)
    town.house.library.desks = {**town.house.library.desks, "demo": demo}


async def test_only_who_may_talk_with_the_young_is_asked_once_she_says_her_age(town: Town) -> None:
    answers_minors(town, Minors.TRAINED)
    ann = await in_the_queue(town, "ann", "telegram")
    assert "Juniper" in offered_to(town)
    await tap(town, ann, "No")  # not 18 or over
    assert "Juniper" not in offered_to(town)
    with pytest.raises(desk.DeskRefusal, match="SKILL"):
        town.accept("Juniper")
    assert town.accept("Maple")


async def test_only_a_supervisor_answers_the_young_where_the_desk_says_so(town: Town) -> None:
    answers_minors(town, Minors.SUPERVISOR_ONLY)
    ann = await in_the_queue(town, "ann", "telegram")
    await tap(town, ann, "No")  # not 18 or over
    assert not {"Maple", "Juniper"} & set(offered_to(town))
    with pytest.raises(desk.DeskRefusal, match="SKILL"):
        town.accept("Maple")
    assert town.waiting() != []


async def test_without_signed_rules_the_young_are_given_lines_and_wait_for_nobody(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    before = list(town.alerts)
    await tap(town, ann, "No")  # not 18 or over
    assert town.waiting() == []
    assert offered_to(town) == set()
    assert "under 18" in lines_of(ann)
    assert any("116" in text for text in ann.texts())
    assert ("supervisor", "") in town.alerts[len(before) :]


async def test_the_rota_says_which_languages_count(town: Town) -> None:
    town.add_person("Reed", Role.VOLUNTEER, languages=["ro"])
    rota = """
spec: 1
zone: Europe/Bucharest
volunteers: {Maple: {languages: [ro]}, Reed: {}}
shifts:
  - {who: Maple, tier: primary, days: [wed], from: '00:00', to: '00:00'}
  - {who: Reed, tier: primary, days: [wed], from: '00:00', to: '00:00'}
"""
    town.house.library.boards["demo"] = board_of(rota)  # pyright: ignore[reportIndexIssue]
    await in_the_queue(town, "ann", "telegram")
    for alias in ("Maple", "Reed"):  # the one by rota, the other by profile
        with pytest.raises(desk.DeskRefusal, match="LANGUAGE"):
            town.accept(alias)


async def test_web_pages_fill_at_most_half_of_the_queue_and_danger_is_never_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queueing, "PLACES", 4)
    for handle in ("a", "b"):
        await in_the_queue(town, handle, "web")
    full = await in_the_queue(town, "c", "web")
    assert "All people are busy" in lines_of(full)
    await in_the_queue(town, "d", "telegram")
    assert len(town.waiting()) == 3
    danger = town.woman("e", "web")
    danger.arrives()
    await town.settle()
    await tap(town, danger, "Yes", "No")
    await say(town, danger, "he will kill me")
    await tap(town, danger, "notice3.person", "Yes")
    assert len(town.waiting()) == 4


async def test_an_honest_wait_is_never_better_than_the_measured_one(town: Town) -> None:
    ann = await in_the_queue(town, "ann", "telegram")
    assert "I cannot say how long it takes" in lines_of(ann)
    town.house.recent_waits.extend([120, 240, 360, 480, 600])
    bea = await in_the_queue(town, "bea", "telegram")
    assert "It may take about 10 minutes" in lines_of(bea)
    town.house.recent_waits.extend([3000] * 20)
    cara = await in_the_queue(town, "cara", "telegram")
    assert "longer than a quarter of an hour" in lines_of(cara)


async def test_nothing_is_sent_to_another_woman(town: Town) -> None:
    ann, with_ann = await in_a_chat(town, "ann", "telegram", with_whom="Maple")
    bea, with_bea = await in_a_chat(town, "bea", "telegram", with_whom="Juniper")
    with_ann.writes("for ann")
    with_bea.writes("for bea")
    await town.settle()
    assert "for ann" in ann.texts() and "for bea" in bea.texts()
    assert "for bea" not in lines_of(ann) and "for ann" not in lines_of(bea)
