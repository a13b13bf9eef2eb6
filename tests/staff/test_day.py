"""A volunteer's shifts from her phone: every command, tapped and typed, as she would (issue: the day)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp

from bot.model import Role
from bot.services import as_recorded, attendance, feeds, people, swaps, watchdog
from bot.services.attendance import Pause
from bot.store import day_tables as d, rota_tables as r, tables as t
from handoff.commands import TABLE, Verb, Where
from handoff.model import Tier
from handoff.rota.questions import on_duty
from handoff.staffing import Care
from tests.fakes.messenger import Phone
from tests.routing.crews import away, profile, rota, staffing
from tests.staff.bureau import Bureau, open_bureau

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BEGINS = datetime(2026, 11, 19, 16, tzinfo=UTC)  # Thursday, six in the evening in Bucharest
THURSDAY, FRIDAY = "2026-11-19 18:00 – 22:00", "2026-11-20 18:00 – 22:00"
WEEK = """
zone: Europe/Bucharest
shifts:
  - {id: thu, who: Maple, tier: primary, days: [thu], from: '18:00', to: '22:00'}
  - {id: fri, who: Juniper, tier: primary, days: [fri], from: '18:00', to: '22:00'}
  - {id: sup, who: Alder, tier: supervisor, days: [thu, fri], from: '18:00', to: '22:00'}
"""


def planned(bureau: Bureau) -> None:
    bureau.town.house.mode = "trial"
    rota(bureau.town, WEEK)
    staffing(bureau.town, {"care": Care()})
    bureau.town.add_person("Rowan", Role.COORDINATOR)
    for alias in ("Maple", "Juniper", "Alder"):
        bureau.town.set_ready(alias, ready=False)


def looks(bureau: Bureau) -> None:
    town = bureau.town
    town.house.library = town.read(lambda c: as_recorded.as_recorded(c, town.house)).library
    town.write(lambda c: watchdog.look(c, town.house, town.now))


async def at(bureau: Bureau, moment: datetime) -> None:
    """It is so late now; the loops have run, and the phones have what was posted."""
    looks(bureau)
    await bureau.town.passes(seconds=(moment - bureau.town.clock.at).total_seconds())
    looks(bureau)
    await bureau.settle()


def on(bureau: Bureau, moment: datetime) -> set[str]:
    town = bureau.town
    house = town.read(lambda c: as_recorded.as_recorded(c, town.house))
    found = on_duty(house.library.boards["demo"].rota, moment)
    return {duty.volunteer for duty in found if duty.tier is Tier.PRIMARY}


async def says(bureau: Bureau, phone: Phone, text: str) -> str:
    phone.types(text)
    await bureau.settle()
    return phone.texts()[-1]


async def taps(bureau: Bureau, phone: Phone, label: str) -> str:
    phone.taps(label)
    await bureau.settle()
    return phone.texts()[-1]


async def test_help_names_every_command_and_each_can_be_typed(bureau: Bureau) -> None:
    planned(bureau)
    phone = await bureau.links("Maple")
    told = await says(bureau, phone, "/help")
    told_here = {command for command in TABLE if command.where in {Where.LOBBY, Where.DAY, Where.CHAT}}
    for command in told_here:
        if command.verb is not Verb.MENU:
            assert f"!{command.word.replace('_', '-')}: " in told
    for command in told_here:
        if command.where is Where.DAY:
            answer = await says(bureau, phone, f"!{command.word.replace('_', '-')}")
            assert "no command" not in answer, command.word
            assert "failed" not in answer, command.word


async def test_my_shifts_by_taps_on_my_own_clock(bureau: Bureau) -> None:
    planned(bureau)
    phone = await bureau.links("Maple")
    await says(bureau, phone, "!menu")
    await taps(bureau, phone, "My shifts")
    told = await taps(bureau, phone, "My plan")
    assert told.splitlines()[:2] == ["Your plan, on the clock of Europe/Bucharest:", f"{THURSDAY} first line"]
    assert "clock of Europe/London" in await says(bureau, phone, "!zone Europe/London")
    assert "2026-11-19 16:00 – 20:00 first line" in await says(bureau, phone, "!plan")
    assert "is not a zone" in await says(bureau, phone, "!zone Nowhere/At_All")


async def test_a_reminder_rings_without_a_word_and_checks_in_with_a_code(bureau: Bureau) -> None:
    planned(bureau)
    town = bureau.town
    town.house.mode = "trial"
    secret = pyotp.random_base32()
    profile(town, "Maple", totp=secret, totp_step=1)
    phone = await bureau.links("Maple")
    for before in (24 * HOUR, HOUR, 10 * MINUTE):
        await at(bureau, BEGINS - before)
    assert phone.everything().count("A reminder: 2026-11-19 18:00.") == 3
    assert phone.rings == ["A reminder: 2026-11-19 18:00."] * 2  # the day before makes no sound
    assert "six figures" in await taps(bureau, phone, "I am here")
    assert "six figures" in await says(bureau, phone, "!ready")
    assert "does not work" in await says(bureau, phone, "!here 000000")
    code = pyotp.TOTP(secret).at(town.clock.now())
    assert "checked in" in await says(bureau, phone, f"!here {code}")
    assert code not in phone.everything()  # what showed who she is does not stay
    maple = town.person_id("Maple")
    assert town.read(lambda c: people.get(c, town.house, maple)).present
    assert "ready" in await says(bureau, phone, "!ready")  # once a shift
    await at(bureau, BEGINS + HOUR)
    assert "You are expected" not in phone.everything()


async def test_no_chat_is_taken_from_a_phone_before_she_has_shown_who_she_is(bureau: Bureau) -> None:
    town = bureau.town
    town.house.mode = "trial"
    rota(town, WEEK.replace("[thu]", "[wed, thu]").replace("'18:00', to: '22:00'", "'09:00', to: '22:00'"))
    secret = pyotp.random_base32()
    profile(town, "Maple", totp=secret, totp_step=1)
    town.set_ready("Maple", ready=False)
    phone = await bureau.links("Maple")
    looks(bureau)
    town.set_ready("Maple", ready=True)  # as it was from another day
    await bureau.waits()
    phone.taps("Accept")
    await bureau.settle()
    assert "six figures" in phone.texts()[-1]
    assert town.rows(t.handoff)[0].person is None
    await says(bureau, phone, f"!here {pyotp.TOTP(secret).at(town.clock.now())}")
    phone.taps("Accept")
    await bureau.settle()
    assert town.rows(t.handoff)[0].person == town.person_id("Maple")


async def test_who_does_not_come_is_rung_and_another_steps_in_by_a_tap(bureau: Bureau) -> None:
    planned(bureau)
    bureau.town.add_person("Reed", Role.VOLUNTEER)
    phones = [await bureau.links(alias) for alias in ("Maple", "Juniper", "Alder", "Reed")]
    maple, juniper, alder, reed = phones
    await at(bureau, BEGINS - 15 * MINUTE)
    await says(bureau, alder, "!here")
    await at(bureau, BEGINS + 6 * MINUTE)
    assert maple.rings[-1] == "You are expected now. Please look."
    assert alder.rings[-1] == "You are needed. Please look."
    assert "Can you help out? Please look." in juniper.everything()
    assert "Can you help out? Please look." in reed.everything()
    assert await taps(bureau, juniper, "Yes, I can") == "Thank you. It is yours."
    assert on(bureau, BEGINS + HOUR) == {"Juniper"}
    assert "Can you help out" not in reed.everything()  # nobody is asked for what is settled


async def test_late_by_a_tap_and_typed(bureau: Bureau) -> None:
    planned(bureau)
    phone = await bureau.links("Maple")
    await at(bureau, BEGINS - HOUR)
    await says(bureau, phone, "!late")
    assert await taps(bureau, phone, "30") == "Noted. You are expected at 18:30; whoever is there knows."
    assert "18:45" in await says(bureau, phone, "!late 45")
    await at(bureau, BEGINS + 49 * MINUTE)
    assert "You are expected now" not in phone.everything()


async def test_ill_in_two_taps(bureau: Bureau) -> None:
    planned(bureau)
    phone, other = await bureau.links("Maple"), await bureau.links("Juniper")
    await at(bureau, BEGINS - 3 * HOUR)
    asked = await taps(bureau, phone, "I am ill")
    assert asked == f"{THURSDAY} is given to others. Do you mean it?"
    told = await taps(bureau, phone, "Yes, I cannot")
    assert told == f"You are free of {THURSDAY}. Others are asked. Get well."
    assert on(bureau, BEGINS + HOUR) == set()
    assert await taps(bureau, other, "Not this time") == "That is fine. Somebody else is asked."


async def test_a_reminder_is_about_its_own_shift_whatever_she_is_in(bureau: Bureau) -> None:
    planned(bureau)
    rota(
        bureau.town,
        WEEK + "  - {id: day, who: Maple, tier: primary, days: [fri], from: '17:00', to: '21:00'}\n",
    )
    phone = await bureau.links("Maple")
    await at(bureau, BEGINS - 10 * MINUTE)
    await says(bureau, phone, "!here")
    await at(bureau, BEGINS - MINUTE)  # the reminder of Friday's came an hour ago
    friday = phone.line("A reminder: 2026-11-20 17:00.")
    token = next(choice.token for choice in friday.choices if choice.label == "I am ill")
    phone.taps_token(token)
    await bureau.settle()
    assert phone.texts()[-1] == "2026-11-20 17:00 – 21:00 is given to others. Do you mean it?"
    await taps(bureau, phone, "Yes, I cannot")
    assert on(bureau, BEGINS + HOUR) == {"Maple"}
    assert on(bureau, BEGINS + 25 * HOUR) == {"Juniper"}


async def test_a_swap_from_phone_to_phone(bureau: Bureau) -> None:
    planned(bureau)
    town = bureau.town
    maple, juniper = await bureau.links("Maple"), await bureau.links("Juniper")
    await says(bureau, maple, "!offer")
    assert "Offered" in await taps(bureau, maple, THURSDAY)
    assert "Somebody was faster, or it is offered already." in await says(bureau, maple, "!offer 1")
    assert juniper.rings == []  # a notice makes no sound
    assert "Something in your plan" in juniper.everything()
    await taps(bureau, juniper, "Swaps")
    assert "coordinator agrees" in await taps(bureau, juniper, f"Take {THURSDAY} from Maple")
    (row,) = town.rows(d.swap)
    rowan = town.person_id("Rowan")
    town.write(lambda c: swaps.approve(c, town.house, row.id, rowan, town.now))
    assert on(bureau, BEGINS + HOUR) == {"Juniper"}


async def test_an_offer_for_one_is_typed_with_her_name_and_taken_back(bureau: Bureau) -> None:
    planned(bureau)
    maple, juniper = await bureau.links("Maple"), await bureau.links("Juniper")
    bureau.town.add_person("Reed", Role.VOLUNTEER)
    assert "Offered" in await says(bureau, maple, "!offer 1 Reed")
    assert "no swap for you" in await says(bureau, juniper, "!swaps")
    await says(bureau, maple, "!swaps")
    assert "Nothing has changed hands" in await taps(bureau, maple, f"Do not give away {THURSDAY}")
    assert bureau.town.rows(d.swap)[0].state == "withdrawn"


async def test_why_not_is_told_in_words_and_from_when_it_would_be_possible(bureau: Bureau) -> None:
    planned(bureau)
    town = bureau.town
    maple, juniper = await bureau.links("Maple"), await bureau.links("Juniper")
    await says(bureau, maple, "!offer 1")
    await says(bureau, juniper, "!swaps")
    away(town, "Juniper", datetime(2026, 11, 19, tzinfo=UTC))
    assert await taps(bureau, juniper, f"Take {THURSDAY} from Maple") == "You are away then."


async def test_a_break_one_more_and_the_next(bureau: Bureau) -> None:
    planned(bureau)
    town = bureau.town
    phone = await bureau.links("Maple")
    juniper = await bureau.links("Juniper")
    assert "not on duty" in await says(bureau, juniper, "!break")
    await at(bureau, BEGINS)
    await says(bureau, phone, "!here")
    assert "break begins as soon as" in await says(bureau, phone, "!break")
    maple = town.person_id("Maple")
    assert town.read(lambda c: attendance.of(c, town.house, maple)).pause is Pause.ASKED
    assert await says(bureau, phone, "!break-over") == "You are back."
    assert "One more may be offered" in await says(bureau, phone, "!one-more")
    assert "Nothing is open" in await says(bureau, phone, "!debrief")


async def test_a_calendar_link_of_her_own_and_the_one_before_ends(bureau: Bureau) -> None:
    planned(bureau)
    town = bureau.town
    phone = await bureau.links("Maple")
    assert "not set up" in await says(bureau, phone, "!calendar")
    town.house.public_url = "https://times.example.org"
    first = (await says(bureau, phone, "!calendar")).splitlines()[0]
    second = (await says(bureau, phone, "!calendar")).splitlines()[0]
    assert first.startswith("https://times.example.org/c/")
    assert first != second
    assert len(town.rows(r.feed)) == 1
    token = second.rpartition("/")[2].removesuffix(".ics")
    told = town.read(lambda c: feeds.look(c, town.house, token, town.clock.now()))
    assert told is not None
    assert "DTSTART:20261119T160000Z" in told.text


async def test_the_language_of_the_chat(bureau: Bureau) -> None:
    planned(bureau)
    phone = await bureau.links("Maple")
    await says(bureau, phone, "!language")
    assert await taps(bureau, phone, "ro") == "Această conversație vorbește acum română."
    assert "Planul tău" in await says(bureau, phone, "!plan")
    assert "English" in await says(bureau, phone, "!language en")


async def test_who_has_no_duty_has_no_such_commands(bureau: Bureau) -> None:
    planned(bureau)
    phone = await bureau.links("Rowan")
    assert await says(bureau, phone, "!shifts") == "That cannot be done now. Nothing was done."


async def test_words_to_her_are_never_a_command_and_a_command_never_reaches_her(tmp_path: Path) -> None:
    bureau = open_bureau(tmp_path, "telegram-staff")
    phone, woman = await bureau.talking()
    await says(bureau, phone, "!ill")
    await says(bureau, phone, "!late 20")
    phone.types("I am ill and late", to=phone.line("Answer a line here"))
    await bureau.settle()
    assert any("I am ill and late" in line.text for line in woman.screen)
    assert not any("!late" in line.text or "!ill" in line.text for line in woman.screen)
