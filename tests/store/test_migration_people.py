"""Migration 0006 with data before it: nobody and no offer is lost, and what an organisation allowed stays."""

from collections.abc import Iterator
from datetime import date

import pytest
from alembic import command
from sqlalchemy import Engine, text

from bot.services.profile import Profile
from bot.store.engine import open_engine
from bot.store.migrate import _config, upgrade


@pytest.fixture
def before(url: str) -> Iterator[Engine]:
    """A database as it was before people could vouch, with somebody in it and a chat that is offered."""
    engine = open_engine(url)
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0005")
        for statement in (
            "INSERT INTO desk (id, created_at) VALUES ('demo', 0)",
            (
                "INSERT INTO person (id, alias_index, profile_sealed, state, present, created_at) "
                "VALUES ('maple', :index, :sealed, 'active', :yes, 0)"
            ),
            (
                "INSERT INTO handoff (id, conversation, desk, channel, state, urgency, queued_at, "
                "claim_version, front) VALUES ('h1', 'c1', 'demo', 'web', 'waiting', 'U2', 5, 0, :no)"
            ),
            (
                "INSERT INTO offer (id, handoff, person, state, offered_at, expires_at) "
                "VALUES ('o1', 'h1', 'maple', 'pending', 6, 7)"
            ),
            "INSERT INTO permission (role, action, object) VALUES ('supervisor', 'reset', 'person')",
            "DELETE FROM permission WHERE role = 'trainee'",
        ):
            values = {"index": b"i", "sealed": b"s", "yes": True, "no": False}
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    yield engine
    engine.dispose()


def test_everybody_has_a_row_of_attendance_and_offers_stand(before: Engine) -> None:
    upgrade(before)
    with before.connect() as connection:
        row = connection.execute(text("SELECT * FROM attendance")).one()
        assert (row.person, row.missed, bool(row.one_more), row.pause, row.pause_minutes) == (
            "maple", 0, False, "", 0,
        )  # fmt: skip
        assert (row.cooling_until, row.working_since, row.exposure_sealed) == (None, None, None)
        offer = connection.execute(text("SELECT * FROM offer")).one()
        assert (offer.id, offer.state, offer.expires_at, offer.why_sealed) == ("o1", "pending", 7, None)
        person = connection.execute(text("SELECT state, present FROM person")).one()
        assert (person.state, bool(person.present)) == ("active", True)


def test_rights_are_added_and_what_was_allowed_or_taken_away_stays(before: Engine) -> None:
    upgrade(before)
    with before.connect() as connection:
        rights = connection.execute(text("SELECT role, action, object FROM permission")).all()
    assert len(rights) == len(set(rights))
    assert ("supervisor", "reset", "person") in {tuple(row) for row in rights}
    assert ("volunteer", "vouch", "person") in {tuple(row) for row in rights}
    assert not [row for row in rights if row.role == "trainee"]


def test_a_profile_written_before_is_read_as_it_was_meant() -> None:
    written = (
        b'{"alias":"Maple","languages":["en","ro"],"skills":["minors"],"max_chats":2,"password":null,'
        b'"totp":null,"totp_step":null}'
    )
    profile = Profile.from_bytes(written)
    assert profile.levels == {"en": 5, "ro": 5}
    assert profile.max_chats == 2
    assert profile.class_on(date(2026, 1, 1)).value == "standard"
    assert Profile.from_bytes(profile.to_bytes()) == profile
