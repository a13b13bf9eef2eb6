"""Migration 0003 with data before and after; a revision of the release before keeps its content and place."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, insert, select, text

from bot.model import Role
from bot.services import permissions, revisions
from bot.services.revisions import Origin, RevisionState
from bot.store import tables as t
from bot.store.engine import open_engine
from bot.store.migrate import _config, head, revision_of, upgrade
from bot.store.migrations import seed_0003
from bot.vault.digests import digest
from bot.vault.envelope import Place, seal
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import create_master_key
from bot.vault.vault import Vault
from tests.publishing.press import NOON

STATES = ("replaced", "recalled", "published", "draft")
OLD = {"name": "clean", "document": ["clean.yaml", "spec: 1\n"], "texts": {"en": ["clean.en.yaml", "a: b\n"]}}


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of the release before."""
    sqlite = f"sqlite:///{tmp_path}/hotline.db"
    engine = open_engine(sqlite if request.param == "sqlite" else request.getfixturevalue("fresh_postgres"))
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0001")
    yield engine
    engine.dispose()


def test_revisions_keep_content_and_place_and_nobody_has_signed_them(before: Engine, tmp_path: Path) -> None:
    vault = Vault(KeyRing.create(tmp_path / "keys", create_master_key(tmp_path / "key"), NOON))
    document = json.dumps(OLD, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    with before.begin() as connection:
        connection.execute(insert(t.desk).values(id="network", created_at=0))
        for number, state in enumerate(STATES, start=1):
            place = Place("script_revision", "document_sealed", str(number))
            connection.execute(
                text(
                    "INSERT INTO script_revision "
                    "(id, script, desk, state, digest, document_sealed, created_at) VALUES "
                    "(:id, 'clean', 'network', :state, :digest, :sealed, :at)"
                ),
                {
                    "id": number, "state": state, "digest": digest(document), "at": number,
                    "sealed": seal(vault.organisation, place, document),
                },
            )  # fmt: skip
    upgrade(before)
    with before.begin() as connection:
        known = revisions.revisions(connection, vault)
        assert [(one.id, one.state.value, one.published_at) for one in known] == [
            (1, "replaced", 1), (2, "recalled", 2), (3, "published", 3), (4, "draft", None),
        ]  # fmt: skip
        assert {one.origin for one in known} == {Origin()}
        assert revisions.canonical(revisions.source_of(connection, vault, 3)) == document
        assert connection.execute(select(t.signature)).all() == []
        revisions.set_state(connection, 3, RevisionState.WITHDRAWN)


def test_rights_are_added_and_those_an_organisation_gave_or_took_stay(before: Engine) -> None:
    with before.begin() as connection:
        connection.execute(
            insert(t.permission),
            [{"role": "coordinator", "action": "sign", "object": "script"},
             {"role": "trainer", "action": "edit", "object": "script"}],
        )  # fmt: skip
        connection.execute(
            t.permission.delete().where(
                t.permission.c.role == "volunteer", t.permission.c.action == "comment"
            )
        )
    upgrade(before)
    with before.begin() as connection:
        rows = {tuple(row) for row in connection.execute(select(t.permission))}
        assert set(seed_0003.PERMISSIONS) <= rows
        assert ("trainer", "edit", "script") in rows
        assert ("volunteer", "comment", "script") not in rows
        assert revision_of(connection) == head()
    everything = {(r.value, a.value, o.value) for r, a, o in permissions.PERMISSIONS}
    taken = {(Role.VOLUNTEER.value, "comment", thing) for thing in ("script", "resource")}
    assert rows == everything - taken | {("trainer", "edit", "script")}
