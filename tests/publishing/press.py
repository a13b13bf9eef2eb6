"""A hotline's texts and the people who answer for them: services on a real database, without a page."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyotp.totp import TOTP
from sqlalchemy import Connection, insert, select, update

from bot.identifiers import Identifiers
from bot.model import Role
from bot.services import (
    audit,
    documents,
    editing,
    people,
    publishing,
    revisions,
    sign_in,
    signing,
    taking_back,
    vouching,
)
from bot.services.audit import PROGRAM
from bot.services.documents import ScriptSource
from bot.services.house import House
from bot.services.judging import judge
from bot.services.library import Library, empty_library
from bot.services.loading import load_library
from bot.services.revisions import Revision
from bot.services.signing import Proof, Standing
from bot.store import tables as t
from bot.store.engine import open_engine
from bot.store.migrate import upgrade
from bot.store.moments import to_moment
from bot.vault import totp
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import create_master_key, load_master_key
from bot.vault.vault import Vault
from tests.migrated import migrated
from triage.reading import SourceFile

NOON = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
NETWORK = "network"
CAST = (
    ("Edda", (Role.EDITOR,), ("en",)),
    ("Reva", (Role.REVIEWER,), ("en", "ro")),
    ("Rowan", (Role.COORDINATOR,), ("en",)),
    ("Alder", (Role.SUPERVISOR,), ("en",)),
    ("Maple", (Role.VOLUNTEER,), ("en",)),
)


def changed(source: ScriptSource, key: str, text: str, language: str = "en") -> ScriptSource:
    """The same script with one text written differently in its file."""
    file = source.texts[language]
    pattern = rf"(?m)^{re.escape(key)}: .*$"
    assert re.search(pattern, file.text), key
    new = re.sub(pattern, lambda _: f'{key}: "{text}"', file.text)
    return replace(source, texts={**source.texts, language: SourceFile(file.name, new)})


@dataclass
class Press:
    """The house, its configuration and its clock; `mode` may be changed at any time."""

    folder: Path
    url: str

    def __post_init__(self) -> None:
        self.now = NOON
        if self.url == f"sqlite:///{self.folder}/hotline.db":
            (self.folder / "hotline.db").write_bytes(migrated())
        self.engine = open_engine(self.url)
        upgrade(self.engine)
        KeyRing.create(self.folder / "keys", create_master_key(self.folder / "master.key"), NOON)
        self._open()
        self.write(
            lambda c: c.execute(
                insert(t.desk), [{"id": name, "created_at": 0} for name in (NETWORK, "demo", "north")]
            )
        )
        for alias, roles, languages in CAST:
            self.invite(alias, *roles, languages=languages)

    def _open(self) -> None:
        ring = KeyRing.open(self.folder / "keys", load_master_key(self.folder / "master.key"))
        self.house = House(Vault(ring), Identifiers(), empty_library(), mode="trial")

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def source(self) -> ScriptSource:
        """The small configuration's script."""
        return documents.script_sources(self.config / "scripts")[0]

    # --- database -------------------------------------------------------------------------------------
    def write(self, work: Callable[[Connection], Any]) -> Any:
        with self.engine.begin() as connection:
            return work(connection)

    def rows(self, table: Any) -> list[Any]:
        return self.write(lambda c: c.execute(select(table)).all())

    def rows_of(self, connection: Connection) -> list[Any]:
        """The revisions there are."""
        return list(connection.execute(select(t.script_revision.c.id)).all())

    # --- people ---------------------------------------------------------------------------------------
    def invite(
        self, alias: str, *roles: Role, desk: str = NETWORK, languages: tuple[str, ...] = ("en",)
    ) -> str:
        """Somebody who has finished her first sign-in: password and app are set."""
        profile = people.Profile(
            alias, list(languages), password=f"hash of {alias}", totp=totp.new_secret(), totp_step=None
        )

        def work(connection: Connection) -> str:
            person = people.invite(connection, self.house, profile, [(role, desk) for role in roles], 0)
            connection.execute(update(t.person).where(t.person.c.id == person).values(state="active"))
            return person

        return self.write(work)

    def id(self, alias: str) -> str:
        return self.write(lambda c: people.find(c, self.house, alias).id)

    def proof(self, alias: str, code: str | None = None) -> Proof:
        """What she types now; a minute goes by, so that each proof has a code of its own."""
        self.now += timedelta(minutes=1)
        claimed = self.write(lambda c: sign_in.claim(c, self.house, alias))
        if self.house.mode == "demo":
            return Proof(self.id(alias))
        shown = TOTP(claimed.totp).at(self.now) if claimed.totp else "000000"
        return Proof(self.id(alias), claimed, code if code is not None else shown)

    # --- texts ----------------------------------------------------------------------------------------
    def draft(self, source: ScriptSource | None = None, by: str = "", desk: str = NETWORK) -> Revision:
        actor, kept = self.id(by) if by else PROGRAM, source or self.source
        return self.write(lambda c: publishing.import_source(c, self.house, actor, desk, kept, self.now))

    def edit(self, by: str, number: int, key: str, text: str, language: str = "en") -> Revision:
        actor, texts = self.id(by), {(language, key): text}
        return self.write(
            lambda c: editing.save_texts(c, self.house, actor, number, texts, self.now).revision
        )

    def holds(self, number: int) -> str:
        return self.write(lambda c: signing.digest_held(c, self.house.vault, number))

    def sign(self, alias: str, number: int, content: str = "", proof: Proof | None = None) -> Standing:
        proof, content = proof or self.proof(alias), content or self.holds(number)
        return self.write(lambda c: signing.sign(c, self.house, proof, number, content, self.now))

    def vouch(self, alias: str, number: int, tag: str, *, exception: bool = False) -> vouching.Vouched:
        proof = self.proof(alias)
        return self.write(
            lambda c: vouching.vouch(
                c, self.house, proof, number, tag, self.config, self.now, exception=exception
            )
        )

    def publish(self, number: int, by: str = "", replacing: int | None = None) -> publishing.Published:
        actor = self.id(by) if by else PROGRAM
        verdict = judge(self.source_of(number), self.config)
        return self.write(
            lambda c: publishing.publish(c, self.house, actor, number, verdict, self.now, replacing=replacing)
        )

    def source_of(self, number: int) -> ScriptSource:
        return self.write(lambda c: revisions.source_of(c, self.house.vault, number))

    def live(self, desk: str = NETWORK) -> int | None:
        found = self.write(lambda c: revisions.live_revision(c, self.house.vault, desk))
        return found.id if found is not None else None

    def state(self, number: int) -> str:
        return self.write(lambda c: revisions.get(c, self.house.vault, number).state.value)

    def roll_back(self, by: str = "", desk: str = NETWORK, *, harmful: bool = False) -> taking_back.TakenBack:
        actor = self.id(by) if by else PROGRAM
        self.now += timedelta(minutes=1)
        return self.write(
            lambda c: taking_back.roll_back(c, self.house, actor, desk, self.now, harmful=harmful)
        )

    def recall(self, number: int, by: str = "") -> taking_back.TakenBack:
        actor = self.id(by) if by else PROGRAM
        return self.write(lambda c: taking_back.recall(c, self.house, actor, number, self.now))

    def library(self) -> Library:
        """What the service would load now."""
        return self.write(lambda c: load_library(c, self.house.vault, self.config, self.now, self.house.mode))

    def acts(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        """The audit: who, verb, object, codes."""
        entries = self.write(lambda c: list(audit.entries(c, self.house.vault)))
        return [(one.actor, one.verb, one.object_id, one.codes) for one in entries]

    def published_and_signed(self, source: ScriptSource | None = None) -> int:
        """A revision signed by a coordinator and a reviewer, live at the network."""
        number = self.draft(source).id
        self.sign("Rowan", number)
        self.sign("Reva", number)
        self.now += timedelta(minutes=1)
        self.publish(number)
        return number

    def begins(self, number: int) -> None:
        """An open conversation stands in this revision."""
        moment = to_moment(self.now)
        self.write(
            lambda c: c.execute(
                insert(t.conversation).values(
                    id=f"c{number}", desk="demo", channel="web", stage="triage", revision=number,
                    next_sequence=0, view_sequence=0, version=0, opened_at=moment,
                )
            )
        )  # fmt: skip
