"""`hotline people`: vouching and resetting with proof, training, leave, hours, limits, pairs."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from bot.services import people, sign_in
from bot.services.premises import open_premises
from bot.settings import load_settings
from bot.store.moments import to_moment
from tests.cli.house import environ_of, hotline, signed_in

PASSWORD = "river candle north button"


def enrols(house: Path, alias: str) -> str:
    """She sets password and codes at her first sign-in; returns the secret of her app.

    The code that enrols her is an older one, so that the one of this half minute still works.
    """
    settings = load_settings(environ_of(house), house)
    earlier = datetime.now(UTC) - timedelta(seconds=60)
    with open_premises(settings) as premises, premises.write() as connection:
        inside = premises.house()
        person = people.find(connection, inside, alias)
        link = sign_in.issue_link(connection, inside, person.id, to_moment(earlier))
        assert sign_in.enter(connection, inside, link, to_moment(earlier)) is not None
        secret = people.get(connection, inside, person.id).profile.totp
        assert secret is not None
        code = pyotp.TOTP(secret).at(earlier)
        hashed = sign_in.new_password(PASSWORD)
        sign_in.finish_enrolment(connection, inside, person.id, hashed, code, earlier)
    return secret


def proof(secret: str, password: str = PASSWORD) -> str:
    """What is typed at the two questions."""
    return f"{password}\n{pyotp.TOTP(secret).now()}\n"


def shown(house: Path, alias: str) -> dict[str, object]:
    told = hotline(house, "people", "show", alias, "--format", "json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@pytest.fixture
def staffed(house: Path) -> dict[str, str]:
    """Three founders who have signed in, by alias: the secrets of their apps."""
    roles = {"Rowan": "coordinator", "Alder": "supervisor", "Maple": "volunteer"}
    for alias, role in roles.items():
        assert hotline(house, "people", "invite", alias, "--role", role).returncode == 0
    return {alias: enrols(house, alias) for alias in roles}


def test_the_first_three_are_active_and_the_fourth_needs_two_who_prove_who_they_are(
    house: Path, staffed: dict[str, str]
) -> None:
    assert {shown(house, alias)["state"] for alias in staffed} == {"active"}
    invited = hotline(house, "people", "invite", "Reed", "--as", "Rowan", "--languages", "en,ro:3")
    assert invited.returncode == 0, invited.stderr
    enrols(house, "Reed")
    reed = shown(house, "Reed")
    assert (reed["state"], reed["vouchers_missing"], reed["sign_in_set_up"]) == ("invited", 2, True)
    wrong = hotline(house, "people", "vouch", "Reed", "--as", "Maple", typed=proof(staffed["Maple"], "guess"))
    assert wrong.returncode == 1
    assert "not right" in wrong.stderr
    inviter = hotline(house, "people", "vouch", "Reed", "--as", "Rowan", typed=proof(staffed["Rowan"]))
    assert "Rowan has invited Reed" in inviter.stderr
    first = hotline(house, "people", "vouch", "Reed", "--as", "Maple", typed=proof(staffed["Maple"]))
    assert first.stdout == "Maple vouches for Reed. 1 more must.\n", first.stderr
    again = hotline(house, "people", "vouch", "Reed", "--as", "Maple", typed=proof(staffed["Maple"]))
    assert again.returncode == 1  # the code was used up
    second = hotline(house, "people", "vouch", "Reed", "--as", "Alder", typed=proof(staffed["Alder"]))
    assert second.stdout == "Reed is active now.\n", second.stderr
    assert shown(house, "Reed")["probation_until"]


def test_two_reset_a_sign_in_and_each_sees_one_half(house: Path, staffed: dict[str, str]) -> None:
    alone = hotline(house, "people", "reset", "Maple")
    assert "Two people must do it" in alone.stderr
    first = hotline(house, "people", "reset", "Maple", "--as", "Alder", typed=proof(staffed["Alder"]))
    assert first.stdout.startswith("First half, for Maple alone: "), first.stderr
    second = hotline(house, "people", "reset", "Maple", "--as", "Rowan", typed=proof(staffed["Rowan"]))
    assert second.stdout.startswith("Second half, for Maple alone: "), second.stderr
    assert "/enter, within 24 hours" in second.stdout
    halves = [told.stdout.split(": ")[1].split("\n")[0] for told in (first, second)]
    assert halves[0] not in second.stdout
    settings = load_settings(environ_of(house), house)
    with open_premises(settings) as premises, premises.read() as connection:
        now = to_moment(datetime.now(UTC))
        assert sign_in.link_opens(connection, sign_in.joined(*halves), now)
        assert not any(sign_in.link_opens(connection, half, now) for half in halves)
    assert shown(house, "Maple")["sign_in_set_up"] is False


def test_a_founder_is_reset_by_the_other_and_the_machine(house: Path) -> None:
    for alias, role in (("Rowan", "coordinator"), ("Alder", "supervisor")):
        hotline(house, "people", "invite", alias, "--role", role)
    secret = enrols(house, "Rowan")
    enrols(house, "Alder")
    assert hotline(house, "people", "reset", "Alder").stdout.startswith("First half")
    told = hotline(house, "people", "reset", "Alder", "--as", "Rowan", typed=proof(secret))
    assert told.stdout.startswith("Second half"), told.stderr
    assert hotline(house, "people", "reset", "Alder", "--withdraw").stdout.startswith("What was begun")


def test_facts_are_edited_shown_and_refused_with_what_to_write(house: Path) -> None:
    hotline(house, "people", "invite", "Maple")
    words = ("--languages", "ro,en:4", "--gender", "woman", "--class", "senior", "--zone", "Europe/Prague")
    assert hotline(house, "people", "edit", "Maple", *words, "--regions", "RO,CZ").returncode == 0
    maple = shown(house, "Maple")
    assert (maple["languages"], maple["gender"], maple["class"]) == (["ro", "en:4"], "woman", "senior")
    assert (maple["zone"], maple["regions"], maple["max_chats"]) == ("Europe/Prague", ["RO", "CZ"], 2)
    told = hotline(house, "people", "edit", "Maple", "--languages", "ro:9")
    assert (told.returncode, "a level is a number from 1 to 5" in told.stderr) == (2, True)
    assert hotline(house, "people", "edit", "Maple").returncode == 2
    assert hotline(house, "people", "invite", "Reed", "--languages", "en:0").returncode == 2


def test_training_is_recorded_by_a_trainer_and_lapses(house: Path) -> None:
    for alias, role in (("Fern", "trainer"), ("Maple", "volunteer")):
        hotline(house, "people", "invite", alias, "--role", role)
    signed_in(house)
    words = ("people", "train", "Maple", "suicide", "--passed", "2026-02-28")
    told = hotline(house, *words, "--as", "Fern")
    assert told.stdout == "Maple: suicide passed on 2026-02-28, until 2027-02-28.\n", told.stderr
    assert shown(house, "Maple")["training"] == ["suicide until 2027-02-28"]
    assert "may not do this" in hotline(house, *words, "--as", "Maple").stderr
    unknown = hotline(house, "people", "train", "Maple", "juggling", "--as", "Fern")
    assert "There is no module juggling; there are: violence" in unknown.stderr
    hotline(house, *words, "--as", "Fern", "--withdraw")
    assert shown(house, "Maple")["training"] == []


def test_a_skill_is_granted_by_a_trainer_until_a_day(house: Path) -> None:
    for alias, role in (("Fern", "trainer"), ("Maple", "volunteer")):
        hotline(house, "people", "invite", alias, "--role", role)
    signed_in(house)
    words = ("people", "certify", "Maple")
    told = hotline(house, *words, "suicide:3", "--until", "2999-01-01", "--as", "Fern")
    assert told.stdout == "Maple: suicide:3, until 2999-01-01.\n", told.stderr
    maple = shown(house, "Maple")
    assert (maple["skills"], maple["skill_ends"]) == (["suicide:3"], ["suicide 2999-01-01"])
    hotline(house, *words, "suicide:4", "--as", "Fern")
    maple = shown(house, "Maple")
    assert (maple["skills"], maple["skill_ends"]) == (["suicide:4"], [])
    assert "may not do this" in hotline(house, *words, "minors", "--as", "Maple").stderr
    assert hotline(house, *words, "suicide:9", "--as", "Fern").returncode == 2


def test_leave_and_leaving_for_good(house: Path) -> None:
    hotline(house, "people", "invite", "Maple")
    signed_in(house)
    assert hotline(house, "people", "leave", "Maple").returncode == 2
    assert hotline(house, "people", "leave", "Maple", "--from", "2026-12-24").returncode == 2
    both = ("--from", "2026-12-24", "--until", "2026-12-26")
    assert hotline(house, "people", "leave", "Maple", *both, "--for-good").returncode == 2
    backwards = ("--from", "2026-12-26", "--until", "2026-12-24")
    assert hotline(house, "people", "leave", "Maple", *backwards).returncode == 2
    assert hotline(house, "people", "leave", "Maple", *both).returncode == 0
    (away,) = shown(house, "Maple")["away"]
    assert away == "2026-12-23T22:00:00+00:00 to 2026-12-26T22:00:00+00:00"  # whole days in Bucharest
    assert hotline(house, "people", "leave", "Maple", "--for-good").returncode == 0
    maple = shown(house, "Maple")
    assert (maple["state"], maple["roles"], maple["languages"]) == ("left", [], [])
    assert hotline(house, "people", "leave", "Maple", "--for-good").returncode == 1
    assert hotline(house, "people", "suspend", "Maple").returncode == 1


def test_a_suspension_is_lifted(house: Path) -> None:
    hotline(house, "people", "invite", "Maple")
    signed_in(house)
    hotline(house, "people", "suspend", "Maple")
    assert hotline(house, "people", "suspend", "Maple", "--lift").returncode == 0
    assert shown(house, "Maple")["state"] == "active"
    assert hotline(house, "people", "suspend", "Maple", "--lift").returncode == 1


def test_hours_of_everybody(house: Path) -> None:
    hotline(house, "people", "invite", "Maple")
    signed_in(house)
    words = ("people", "hours", "--from", "2026-11-16", "--until", "2026-11-17", "--format", "json")
    (maple,) = json.loads(hotline(house, *words).stdout)
    assert maple == {"alias": "Maple", "hours": 48.0, "nights": 2, "heavy_7_days": 0}
    assert hotline(house, "people", "hours").returncode == 0
    assert hotline(house, "people", "hours", "--from", "2026-11-17", "--until", "2026-11-16").returncode == 2


def test_a_rota_that_asks_too_much_keeps_the_one_that_is_there_until_it_is_allowed(house: Path) -> None:
    for alias, role in (("Maple", "volunteer"), ("Juniper", "volunteer"), ("Rowan", "coordinator")):
        hotline(house, "people", "invite", alias, "--role", role)
    hotline(house, "people", "invite", "Alder", "--role", "supervisor")
    signed_in(house)
    (house / "config/desks/demo/care.yaml").write_text("limits: {week: {force: 'off'}}\n")
    shift = "{who: Maple, tier: primary, days: [wed], from: '08:00', to: '15:00'}"
    (house / "long.yaml").write_text(f"zone: Europe/Bucharest\nshifts:\n  - {shift}\n")
    refused = hotline(house, "rota", "import", "long.yaml")
    assert refused.returncode == 1
    assert "Maple primary" in refused.stderr and "SHIFT_CAP (hard)" in refused.stderr
    assert "the rota that is there stays" in refused.stderr
    there = json.loads(hotline(house, "rota", "on-duty", "--format", "json").stdout)
    assert {one["volunteer"] for one in there} == {"Maple", "Juniper", "Alder"}
    words = ("people", "override", "Maple", "SHIFT_CAP", "--from", "2020-01-01T00:00+00:00")
    until = ("--until", "2099-01-01T00:00+00:00", "--reason", "she asked for long shifts")
    assert hotline(house, *words, *until, "--as", "Maple").returncode == 1
    assert hotline(house, *words, *until, "--as", "Rowan").returncode == 0
    taken = hotline(house, "rota", "import", "long.yaml")
    assert taken.returncode == 0, taken.stderr
    assert "SHIFT_CAP (overridden)" in taken.stdout
    assert "she asked for long shifts" in str(shown(house, "Maple")["overrides"])
    (lifted,) = json.loads(hotline(house, "people", "overrides", "Maple", "--format", "json").stdout)
    assert (lifted["limit"], lifted["holds"], lifted["by"]) == ("SHIFT_CAP", True, "Rowan")
    assert lifted["reason"] == "she asked for long shifts"
    again = ("people", "limit-again", lifted["id"])
    assert hotline(house, *again, "--as", "Maple").returncode == 1
    assert hotline(house, *again, "--as", "Rowan").stdout == "The limit holds again.\n"
    assert "There is no override" in hotline(house, *again, "--as", "Rowan").stderr
    assert json.loads(hotline(house, "people", "overrides", "Maple", "--format", "json").stdout) == []
    longer = shift.replace("08:00", "07:30")
    (house / "long.yaml").write_text(f"zone: Europe/Bucharest\nshifts:\n  - {longer}\n")
    assert "SHIFT_CAP (hard)" in hotline(house, "rota", "import", "long.yaml").stderr


def test_two_are_kept_apart_and_brought_together(house: Path) -> None:
    for alias, role in (("Maple", "volunteer"), ("Reed", "volunteer"), ("Rowan", "coordinator")):
        hotline(house, "people", "invite", alias, "--role", role)
    signed_in(house)
    told = hotline(
        house, "people", "apart", "Maple", "Reed", "--reason", "he is her brother", "--as", "Maple"
    )
    assert told.returncode == 0, told.stderr
    (pair,) = json.loads(hotline(house, "people", "pairs", "--format", "json").stdout)
    assert (pair["one"], pair["other"], pair["reason"]) == ("Maple", "Reed", "he is her brother")
    assert hotline(house, "people", "apart", "Maple", "Maple", "--as", "Maple").returncode == 2
    assert hotline(house, "people", "together", pair["id"], "--as", "Maple").returncode == 1
    assert hotline(house, "people", "together", "none", "--as", "Rowan").returncode == 1
    assert hotline(house, "people", "together", pair["id"], "--as", "Rowan").returncode == 0
    assert json.loads(hotline(house, "people", "pairs", "--format", "json").stdout) == []


def test_nothing_told_of_anybody_lies_in_clear(house: Path) -> None:
    hotline(house, "people", "invite", "Maple")
    hotline(
        house, "people", "edit", "Maple", "--conflicts", "town:brno-lisen", "--gender", "woman-of-courage"
    )
    database = sqlite3.connect(house / "data/hotline.db")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    stored = b"".join(file.read_bytes() for file in (house / "data").glob("hotline.db*"))
    assert b"brno-lisen" not in stored and b"woman-of-courage" not in stored
