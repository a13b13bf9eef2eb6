"""What volunteers take by themselves, what is known of them, and why one was asked and not another."""

from datetime import date

import pytest
from sqlalchemy import Connection

from bot.services import desk, explaining, pulling, qualifying
from bot.services.desk import DeskRefusal
from bot.services.handoff_facts import open_facts
from bot.services.opening import open_conversation
from bot.services.profile import NotAProfile
from bot.services.qualifying import Facts, UnknownModule
from bot.store import tables as t
from handoff.model import LoadClass
from handoff.policy import Policy
from handoff.staffing import Escalation
from handoff.strategies import Strategy
from handoff.training import Module, Training
from tests.people.staff import person
from tests.routing.crews import active, asked, plan, profile, queued, refused, staffing, talk
from tests.services.walks import say
from tests.town import Town


def takes_next(town: Town, alias: str) -> str:
    who = town.person_id(alias)
    return town.write(lambda c: pulling.take_next(c, town.house, who, town.now))[0]


def one_more(town: Town, alias: str) -> None:
    who = town.person_id(alias)
    town.write(lambda c: pulling.take_one_more(c, town.house, who, town.now))


def changes(town: Town, alias: str, facts: Facts) -> None:
    who, today = town.person_id(alias), town.clock.now().date()
    town.write(lambda c: qualifying.change(c, town.house, who, facts, "program", today, town.now))


# --- taking -----------------------------------------------------------------------------------------
async def test_the_next_is_the_first_in_the_queue_she_may_have(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    staffing(town, {"escalation": Escalation(Policy(strategy=Strategy.PULL))})
    profile(town, "Maple", languages=["en"], max_chats=3)
    calm, urgent = await queued(town, "ann"), await queued(town, "bea")
    assert asked(town) == []  # nobody is rung
    await say(town, town.woman("bea", "telegram"), "he will kill me")
    assert town.handoff(urgent).urgency == "U0"
    assert takes_next(town, "Maple") == urgent
    with pytest.raises(DeskRefusal, match="CAPACITY"):
        takes_next(town, "Maple")
    assert town.handoff(calm).state == "waiting"
    town.write(lambda c: c.execute(t.handoff.delete().where(t.handoff.c.id == calm)))
    with pytest.raises(DeskRefusal, match="NOBODY_WAITS"):
        takes_next(town, "Maple")


async def test_one_more_is_one_more_and_once(town: Town) -> None:
    plan(town, Maple="primary")
    town.patient = True
    talk(town, "Maple", await queued(town, "ann"))
    bea = await queued(town, "bea")
    assert refused(town, "Maple", bea) == "CAPACITY"
    one_more(town, "Maple")
    await town.settle()
    assert asked(town, bea) == ["Maple"]
    talk(town, "Maple", bea)
    cara = await queued(town, "cara")
    assert refused(town, "Maple", cara) == "CAPACITY"
    assert active(town, "Maple") == 2


async def test_a_trainee_has_no_one_more_and_no_chat_without_a_supervisor(town: Town) -> None:
    plan(town, Maple="primary", Alder="supervisor")
    profile(town, "Maple", load_class=LoadClass.TRAINEE.value, max_chats=3)
    ann = await queued(town, "ann")
    assert asked(town, ann) == ["Maple"]
    with pytest.raises(DeskRefusal, match="CAPACITY"):
        one_more(town, "Maple")
    plan(town, Maple="primary")
    await town.passes(seconds=5)
    assert refused(town, "Maple", ann) == "SUPERVISOR_MISSING"
    plan(town, Maple="primary", Alder="supervisor")
    talk(town, "Maple", ann)
    assert refused(town, "Maple", await queued(town, "bea")) == "CAPACITY"


async def test_a_chat_without_a_first_word_expires_and_counts_as_missed(town: Town) -> None:
    plan(town, Maple="primary")
    ann = await queued(town, "ann")
    town.accept("Maple", ann)
    await town.passes(minutes=2.9)
    assert town.handoff(ann).state == "active"
    await town.passes(minutes=0.2)
    assert (town.handoff(ann).state, town.handoff(ann).front) == ("waiting", True)
    assert asked(town, ann) == ["Maple"]
    await town.passes(minutes=1)
    assert ("away", town.person_id("Maple")) in town.alerts


# --- what is known ----------------------------------------------------------------------------------
async def test_what_is_known_of_her_decides_at_once(town: Town) -> None:
    plan(town, Maple="primary")
    ann = await queued(town, "ann")
    assert asked(town, ann) == ["Maple"]
    changes(town, "Maple", Facts(languages=("ro", "en:2")))
    await town.settle()
    assert asked(town, ann) == []
    assert refused(town, "Maple", ann) == "LANGUAGE"
    changes(town, "Maple", Facts(languages=("ro", "en:3")))
    await town.settle()
    assert asked(town, ann) == ["Maple"]


@pytest.mark.parametrize(
    "facts",
    [
        Facts(languages=("en:9",)),
        Facts(skills=("minors:x",)),
        Facts(load_class="junior"),
        Facts(max_chats=4),
        Facts(zone="Europe/Nowhere"),
        Facts(probation_until="soon"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_changes(town: Town, facts: Facts) -> None:
    before = person(town, town.person_id("Maple")).profile
    with pytest.raises(NotAProfile):
        changes(town, "Maple", facts)
    assert person(town, town.person_id("Maple")).profile == before


async def test_a_skill_counts_as_long_as_its_certificate_and_its_module_hold(town: Town) -> None:
    plan(town, Maple="primary")
    profile(town, "Maple", max_chats=3)
    ann = await queued(town, "ann")
    need = need_of(town, ann)
    policy = Policy(required_skills={need: "suicide:3"})
    module = Training({"risk": Module("risk", "Risk")}, for_skill={"suicide": frozenset({"risk"})})
    staffing(town, {"escalation": Escalation(policy)})
    bea = await queued(town, "bea")
    maple, now = town.person_id("Maple"), town.now
    assert refused(town, "Maple", bea) == "SKILL"
    ends = date(2026, 11, 19)
    town.write(lambda c: qualifying.certify(c, town.house, maple, "suicide:2", ends, "program", now))
    assert refused(town, "Maple", bea) == "SKILL"  # not well enough
    town.write(lambda c: qualifying.certify(c, town.house, maple, "suicide:4", ends, "program", now))
    known = person(town, maple).profile
    assert known.skill_levels(date(2026, 11, 18)) == {"suicide": 4}
    assert (known.skill_by, known.lapsed(ends)) == ({"suicide": "program"}, {"suicide"})
    staffing(town, {"training": module})
    assert refused(town, "Maple", bea) == "CERT_EXPIRED"  # the module it rests on
    on = town.clock.now().date()
    town.write(lambda c: qualifying.passed(c, town.house, module, maple, "risk", on, "program", now))
    town.clock.move(hours=20)  # past the midnight on which the certificate ends
    await town.settle()
    cara = await queued(town, "cara")
    assert refused(town, "Maple", cara) == "CERT_EXPIRED"
    changes(town, "Maple", Facts(skills=()))
    assert person(town, maple).profile.skill_ends == {}
    assert refused(town, "Maple", cara) == "SKILL"


def need_of(town: Town, handoff: str) -> str:
    """The need code of a hand-off."""
    row = town.handoff(handoff)

    def work(connection: Connection) -> str:
        opened = open_conversation(connection, town.house, row.conversation)
        assert opened is not None
        return open_facts(opened.key, handoff, row.facts_sealed).need

    return town.read(work)


async def test_a_module_is_recorded_with_the_day_it_lapses_and_can_be_taken_back(town: Town) -> None:
    modules = Training({"suicide": Module("suicide", "Suicide", 12)})
    maple, on = town.person_id("Maple"), date(2026, 11, 1)
    lapses = town.write(
        lambda c: qualifying.passed(c, town.house, modules, maple, "suicide", on, "fern", town.now)
    )
    assert lapses == date(2027, 11, 1)
    (held,) = person(town, maple).profile.completions
    assert (held.module, held.passed_on, held.lapses_on, held.assessor) == ("suicide", on, lapses, "fern")
    with pytest.raises(UnknownModule, match="there are: suicide"):
        town.write(
            lambda c: qualifying.passed(c, town.house, modules, maple, "juggling", on, "fern", town.now)
        )
    town.write(lambda c: qualifying.not_passed(c, town.house, maple, "suicide", "fern", town.now))
    assert person(town, maple).profile.completions == ()


# --- why ----------------------------------------------------------------------------------------------
async def test_every_offer_says_why_and_every_refusal_has_its_codes(town: Town) -> None:
    plan(town, Maple="primary", Juniper="primary", Reed="backup", Alder="supervisor")
    profile(town, "Juniper", languages=["lt"])
    town.set_ready("Reed", ready=False)
    ann = await queued(town, "ann")
    alder = town.person_id("Alder")
    found = {
        one.alias: one for one in town.read(lambda c: explaining.explain(c, town.house, ann, alder, town.now))
    }
    assert found["Juniper"].refusals == ("LANGUAGE",)
    assert found["Reed"].refusals == ("NOT_PRESENT",)
    assert found["Alder"].refusals == ()
    ranking = found["Maple"].ranking
    assert ranking is not None and ranking["tier"] == "primary" and ranking["load"] == 0.0
    assert found["Juniper"].ranking is None
    (offer,) = town.rows(t.offer)
    assert b"tier" not in offer.why_sealed
    talk(town, "Maple", ann)
    assert town.read(lambda c: explaining.explain(c, town.house, ann, alder, town.now)) == ()
    assert desk.DeskRefusal("CAPACITY").code == "CAPACITY"
