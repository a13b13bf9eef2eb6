"""Rotas in the database: a new one closes the past, changes and absences are kept, desks help each other."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.model import NETWORK_DESK, Role
from bot.services import crew, people, rota_records, rotas
from bot.services.documents import UnusableFile
from bot.services.library import DutyBoard
from bot.services.rota_documents import RotaDocument, with_calendar
from bot.services.rota_records import UnknownAbsence
from bot.store import rota_tables as r, tables as t
from bot.vault.envelope import Place, open_sealed
from handoff.languages import FIRST_LANGUAGE
from handoff.model import Tier
from handoff.rota.absence import Absence
from handoff.rota.changes import Add, ChangeStatus, Replace, Stretch, Undo
from handoff.rota.pattern import Rota
from handoff.rota.planning import PastClosed, UnknownChange
from handoff.rota.questions import on_duty
from handoff.rota.zones import IANA_VERSION
from tests.handoff.rota.calendars import calendar, event
from tests.town import NOON, Town
from triage.reading import SourceFile

EVERY_DAY = "days: [mon, tue, wed, thu, fri, sat, sun]"


def document(*people_and_hours: tuple[str, str, str], more: str = "") -> str:
    lines = "".join(
        f"  - {{who: {who}, tier: primary, {EVERY_DAY}, from: '{a}', to: '{b}'}}\n"
        for who, a, b in people_and_hours
    )
    return f"zone: UTC\nshifts:\n{lines or '  []'}\n{more}"


def take(town: Town, text: str, now: datetime, desk: str = "demo", since: datetime | None = None) -> None:
    source = SourceFile("rota.yaml", text)
    town.write(lambda c: rotas.import_rota(c, town.house.vault, desk, source, now, None, since))


def rota_of(town: Town, now: datetime = NOON, desk: str = "demo") -> Rota:
    return town.write(lambda c: rotas.load(c, town.house.vault, now))[desk]


def names(rota: Rota, at: datetime) -> set[str]:
    return {duty.volunteer for duty in on_duty(rota, at)}


def invited_only(town: Town, *aliases: str) -> None:
    ids = [town.person_id(alias) for alias in aliases]
    town.write(lambda c: c.execute(update(t.person).where(t.person.c.id.in_(ids)).values(state="invited")))


def signed_in(town: Town, *aliases: str) -> None:
    ids = [town.person_id(alias) for alias in aliases]
    town.write(lambda c: c.execute(update(t.person).where(t.person.c.id.in_(ids)).values(state="active")))


YESTERDAY, TOMORROW = NOON - timedelta(days=1), NOON + timedelta(days=1)


# --- editions ------------------------------------------------------------
def test_a_new_rota_closes_the_past_once_somebody_could_have_answered(either_town: Town) -> None:
    town = either_town
    take(town, document(("Maple", "00:00", "00:00")), YESTERDAY)
    signed_in(town, "Maple")
    take(town, document(("Juniper", "00:00", "00:00")), NOON)
    rota = rota_of(town)
    assert names(rota, NOON - timedelta(hours=1)) == {"Maple"}
    assert names(rota, NOON) == {"Juniper"}
    take(town, document(), TOMORROW)
    later = rota_of(town, TOMORROW)
    assert [names(later, at) for at in (YESTERDAY, NOON, TOMORROW)] == [{"Maple"}, {"Juniper"}, set()]


def test_as_long_as_nobody_could_answer_a_new_rota_replaces_the_old_one_wholly(town: Town) -> None:
    invited_only(town, "Maple", "Juniper", "Alder")
    take(town, document(("Maple", "00:00", "00:00")), YESTERDAY)
    take(town, document(("Juniper", "00:00", "00:00")), NOON)
    assert names(rota_of(town), YESTERDAY) == {"Juniper"}


def test_a_rota_may_begin_later_and_never_earlier(town: Town) -> None:
    take(town, document(("Maple", "00:00", "00:00")), YESTERDAY)
    take(town, document(("Juniper", "00:00", "00:00")), NOON, since=TOMORROW)
    rota = rota_of(town)
    assert (names(rota, NOON), names(rota, TOMORROW)) == ({"Maple"}, {"Juniper"})
    with pytest.raises(PastClosed):
        take(town, document(), NOON, since=YESTERDAY)
    # What was only planned is overtaken by what begins before it.
    signed_in(town, "Maple")
    take(town, document(("Alder", "00:00", "00:00")), NOON + timedelta(hours=1))
    overtaken = rota_of(town)
    assert [names(overtaken, at) for at in (NOON, TOMORROW)] == [{"Maple"}, {"Alder"}]


def test_a_broken_document_changes_nothing(town: Town) -> None:
    take(town, document(("Maple", "00:00", "00:00")), YESTERDAY)
    with pytest.raises(UnusableFile, match=r"rota\.yaml:1: error"):
        take(town, "zone: Nowhere/At_all\nshifts: []\n", NOON)
    assert names(rota_of(town), NOON) == {"Maple"}


# --- calendars ------------------------------------------------------------
NIGHTS = calendar(
    event(
        "DTSTART;TZID=Europe/Bucharest:20261118T080000",
        "DTEND;TZID=Europe/Bucharest:20261118T200000",
        "SUMMARY:Anna has the phone",
        "ATTENDEE:mailto:maple@shelter.example",
    )
)


def test_a_calendar_lies_in_the_rota_without_its_words(town: Town) -> None:
    with_it = with_calendar(RotaDocument(document()), "nights.ics", NIGHTS, Tier.BACKUP)
    source = SourceFile("rota.yaml", with_it.text)
    town.write(lambda c: rotas.import_rota(c, town.house.vault, "demo", source, NOON, with_it.calendars))
    (duty,) = on_duty(rota_of(town), NOON)
    assert (duty.volunteer, duty.tier, duty.instance) == ("maple", Tier.BACKUP, "a/20261118T060000Z")
    kept = town.write(lambda c: rotas.stored_document(c, town.house.vault, "demo"))
    assert kept == with_it


def test_a_calendar_taken_in_again_takes_its_own_place() -> None:
    once = with_calendar(RotaDocument(document(("Maple", "00:00", "00:00"))), "nights.ics", "A", None)
    again = with_calendar(once, "nights.ics", "B", Tier.SUPERVISOR)
    assert again.text.count("nights.ics") == 1
    assert "tier: supervisor" in again.text
    assert again.calendars == {"nights.ics": "B"}
    assert RotaDocument.from_bytes(again.to_bytes()) == again
    with pytest.raises(UnusableFile):
        with_calendar(RotaDocument("- not a rota"), "nights.ics", "A", None)


# --- changes and absences ------------------------------------------------------------
def test_a_change_is_kept_sealed_and_acts(either_town: Town) -> None:
    town = either_town
    take(town, document(("Maple", "00:00", "00:00")), YESTERDAY)
    vault = town.house.vault
    whole = Replace(Stretch("Maple", NOON, TOMORROW), "Cassiopeia")
    change = town.write(
        lambda c: rota_records.append(c, vault, "demo", whole, NOON, by="Alder", reason="ill")
    )
    assert (change.seq, change.approved_by, change.effective_at) == (1, "Alder", NOON)
    rota = rota_of(town)
    assert (names(rota, NOON), names(rota, TOMORROW)) == ({"Cassiopeia"}, {"Maple"})
    undo = town.write(lambda c: rota_records.append(c, vault, "demo", Undo(1), NOON + timedelta(hours=2)))
    assert undo.seq == 2
    rota = rota_of(town)
    assert (names(rota, NOON), names(rota, NOON + timedelta(hours=2))) == ({"Cassiopeia"}, {"Maple"})
    (sealed,) = town.write(lambda c: c.execute(select(r.rota_change).where(r.rota_change.c.seq == 1)).all())
    assert b"Cassiopeia" not in sealed.record_sealed
    place = Place("rota_change", "record_sealed", "demo/1")
    assert b"Cassiopeia" in open_sealed(vault.organisation, place, sealed.record_sealed)


def test_what_is_proposed_acts_when_it_is_approved(town: Town) -> None:
    take(town, document(("Maple", "00:00", "00:00")), YESTERDAY)
    vault = town.house.vault
    act = Add("Juniper", NOON, TOMORROW)
    town.write(
        lambda c: rota_records.append(c, vault, "demo", act, NOON, status=ChangeStatus.PROPOSED, by="Juniper")
    )
    assert names(rota_of(town), NOON) == {"Maple"}
    late = NOON + timedelta(hours=1)
    town.write(lambda c: rota_records.decide(c, vault, "demo", 1, ChangeStatus.APPROVED, late, "Alder"))
    rota = rota_of(town)
    assert (names(rota, NOON), names(rota, late)) == ({"Maple"}, {"Maple", "Juniper"})
    for seq, refused in ((1, PastClosed), (9, UnknownChange)):
        with pytest.raises(refused):
            town.write(
                lambda c, n=seq: rota_records.decide(
                    c, vault, "demo", n, ChangeStatus.REJECTED, late, "Alder"
                )
            )


def test_leave_holds_at_every_desk_until_it_is_ended(town: Town) -> None:
    take(town, document(("Maple", "00:00", "00:00")), YESTERDAY)
    vault = town.house.vault
    leave = Absence("Maple", YESTERDAY, TOMORROW)
    town.write(lambda c: rota_records.note_absence(c, vault, "leave-1", leave, NOON))
    rota = rota_of(town)
    assert [names(rota, at) for at in (NOON - timedelta(hours=1), NOON, TOMORROW)] == [
        {"Maple"},
        set(),
        {"Maple"},
    ]
    town.write(lambda c: rota_records.end_absence(c, vault, "leave-1", NOON + timedelta(hours=1)))
    assert names(rota_of(town), NOON + timedelta(hours=1)) == {"Maple"}
    with pytest.raises(UnknownAbsence):
        town.write(lambda c: rota_records.end_absence(c, vault, "leave-2", NOON))


# --- who answers, and who helps out ---------------------------------------------------------------------
def second_desk(connection: Connection) -> None:
    connection.execute(insert(t.desk).values(id="vilnius", created_at=0))


def test_people_of_another_desk_help_out_only_where_they_have_a_role(town: Town) -> None:
    town.write(second_desk)
    take(town, document(("Maple", "00:00", "00:00"), ("Juniper", "00:00", "00:00")), YESTERDAY, "vilnius")
    spill = "spill_over: [{desk: vilnius, as_tier: primary}]\n"
    take(town, document(more=spill), YESTERDAY)
    signed_in(town, "Maple", "Juniper", "Alder")
    juniper = town.person_id("Juniper")

    def board() -> DutyBoard:
        found = town.write(lambda c: rotas.answered(c, town.house.vault, NOON))["demo"]
        return DutyBoard(found.rota, found.others)

    town.write(lambda c: people.revoke(c, juniper, Role.VOLUNTEER, "demo"))
    assert {duty.volunteer for duty in board().at(NOON)} == {"Maple"}
    assert board().open_at(NOON)
    town.write(lambda c: people.grant(c, juniper, Role.VOLUNTEER, NETWORK_DESK, town.now))
    assert {duty.volunteer for duty in board().at(NOON)} == {"Juniper", "Maple"}
    town.write(lambda c: people.suspend(c, juniper))
    assert {duty.volunteer for duty in board().at(NOON)} == {"Maple"}


def test_who_helps_out_is_seen_by_dispatch_with_what_she_brings(town: Town) -> None:
    town.write(second_desk)
    brings = "volunteers: {Maple: {languages: [lt], skills: [minors]}}\n"
    take(town, document(("Maple", "00:00", "00:00"), more=brings), YESTERDAY, "vilnius")
    take(town, document(more="spill_over: [{desk: vilnius}]\n"), YESTERDAY)
    signed_in(town, "Maple")
    found = town.write(lambda c: rotas.answered(c, town.house.vault, NOON))
    boards = {desk: DutyBoard(one.rota, one.others) for desk, one in found.items()}
    town.house.library = replace(town.house.library, boards=boards)
    (volunteer,) = town.write(lambda c: crew.volunteers_on_duty(c, town.house, "demo", town.now))
    assert (volunteer.alias, volunteer.tier) == ("Maple", Tier.BACKUP)
    assert (volunteer.languages, volunteer.skills) == ({"lt": FIRST_LANGUAGE}, {"minors": FIRST_LANGUAGE})


# --- zone data -----------------------------------------------------------------------------------------
def test_what_other_zone_data_moves_is_told_until_it_is_accepted(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(town, document(("Maple", "00:00", "06:00")), YESTERDAY)
    vault, rota = town.house.vault, rota_of(town)
    assert town.write(lambda c: rotas.moved_by_zone_data(c, vault, "demo", rota, NOON)) is None
    monkeypatch.setattr(rotas, "IANA_VERSION", "2099a")
    told = town.write(lambda c: rotas.moved_by_zone_data(c, vault, "demo", rota, NOON))
    assert told == (IANA_VERSION, ())
    monkeypatch.undo()
    town.write(lambda c: rotas.accept_zone_data(c, vault, "demo", rota, NOON))
    assert town.write(lambda c: rotas.moved_by_zone_data(c, vault, "demo", rota, NOON)) is None
