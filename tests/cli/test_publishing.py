"""Files become revisions, revisions are published, and only what the linter lets through."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.identifiers import Identifiers
from bot.services import documents, publishing, revisions, taking_back
from bot.services.audit import PROGRAM
from bot.services.documents import ScriptSource, UnusableFile
from bot.services.house import House
from bot.services.judging import HasErrors, judge, lint
from bot.services.library import Library, NothingPublished, empty_library
from bot.services.loading import load_library
from bot.services.publishing import Published
from bot.services.revisions import Revision, RevisionState, UnknownRevision
from bot.services.taking_back import NothingToReturnTo
from bot.store import tables as t
from bot.store.engine import open_engine, sqlite_url
from bot.vault.key_ring import KeyRing
from bot.vault.master_key import load_master_key
from bot.vault.vault import Vault
from triage.reading import SourceFile

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
DESK = "network"


@pytest.fixture
def vault(house: Path) -> Vault:
    """The keys of the test's hotline."""
    return Vault(KeyRing.open(house / "data/keys", load_master_key(house / "data/master-key")))


@pytest.fixture
def staff(vault: Vault) -> House:
    """What services need of the test's hotline, in the mode `trial`."""
    return House(vault, Identifiers(), empty_library(), mode="trial")


@pytest.fixture
def connection(house: Path) -> Iterator[Connection]:
    """A transaction on the test's hotline."""
    engine = open_engine(sqlite_url(house / "data/hotline.db"))
    with engine.begin() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def source(house: Path) -> ScriptSource:
    """The script of the small configuration."""
    (found,) = documents.script_sources(house / "config/scripts")
    return found


def changed(source: ScriptSource, *, old: str = "spec: 1", new: str = "spec: 1 # anew") -> ScriptSource:
    document = SourceFile(source.document.name, source.document.text.replace(old, new))
    assert document != source.document
    return replace(source, document=document)


def drafted(connection: Connection, staff: House, source: ScriptSource) -> Revision:
    return publishing.import_source(connection, staff, PROGRAM, DESK, source, NOW)


def published(connection: Connection, staff: House, number: int, config: Path) -> Published:
    verdict = judge(revisions.source_of(connection, staff.vault, number), config)
    return publishing.publish(connection, staff, PROGRAM, number, verdict, NOW)


def loaded(connection: Connection, vault: Vault, house: Path) -> Library:
    return load_library(connection, vault, house / "config", NOW)


def begin_conversation(connection: Connection, revision: int) -> None:
    connection.execute(
        insert(t.conversation).values(
            id="c", desk=DESK, channel="web", stage="triage", revision=revision, next_sequence=0,
            view_sequence=0, version=0, opened_at=0,
        )
    )  # fmt: skip


def test_the_first_start_published_the_script_for_every_desk(
    connection: Connection, vault: Vault, house: Path
) -> None:
    library = loaded(connection, vault, house)
    number = library.revision_for("demo")
    assert library.scripts[number].id == "clean"
    assert library.desks["demo"].default_country == "RO"
    assert "Maple" in library.boards["demo"].rota.volunteers
    assert not library.boards["demo"].open_at(NOW)  # nobody has signed in yet
    assert library.organisation == "Hearthline demo"
    assert "RO" in library.directory.regions
    assert library.region_names["ro"]["RO"] == "România"
    assert len(library.grid["en"]) == 4
    assert any(topic == "violen" for topic in library.topics("en"))


def test_a_revision_gives_back_its_files_to_the_letter(
    connection: Connection, vault: Vault, source: ScriptSource, staff: House
) -> None:
    number = drafted(connection, staff, changed(source)).id
    assert revisions.source_of(connection, vault, number) == changed(source)


def test_the_same_files_make_no_second_revision(
    connection: Connection, vault: Vault, source: ScriptSource, staff: House
) -> None:
    before = revisions.revisions(connection, vault)
    again = drafted(connection, staff, source)
    assert again == before[-1]
    assert revisions.revisions(connection, vault) == before


def test_a_draft_is_met_by_nobody_until_it_is_published(
    connection: Connection, vault: Vault, source: ScriptSource, house: Path, staff: House
) -> None:
    (first,) = revisions.revisions(connection, vault)
    draft = drafted(connection, staff, changed(source))
    assert draft.state is RevisionState.DRAFT
    assert loaded(connection, vault, house).revision_for("demo") == first.id
    published(connection, staff, draft.id, house / "config")
    assert loaded(connection, vault, house).revision_for("demo") == draft.id
    states = [one.state for one in revisions.revisions(connection, vault)]
    assert states == [RevisionState.REPLACED, RevisionState.PUBLISHED]


def test_a_script_with_an_error_is_not_published_and_nothing_changes(
    connection: Connection, vault: Vault, source: ScriptSource, house: Path, staff: House
) -> None:
    (first,) = revisions.revisions(connection, vault)
    broken = changed(source, old="start: ", new="start: nowhere_")
    draft = drafted(connection, staff, broken)
    with pytest.raises(HasErrors) as refused:
        published(connection, staff, draft.id, house / "config")
    assert refused.value.issues[0].file == "clean.yaml"
    assert revisions.live_revision(connection, vault, DESK) == first


def test_a_script_that_offers_a_callback_needs_a_neutral_line_in_every_language(
    connection: Connection, source: ScriptSource, house: Path, staff: House
) -> None:
    """Nothing else stands in the way: whether hours can be promised is asked of the rota, of each woman."""
    offering = changed(
        source, old="  bye:\n", new="  ring:\n    callback: {agreed: bye, refused: bye}\n  bye:\n"
    )
    assert [issue for issue in lint(offering, house / "config")[1] if issue.rule == "spec"] == []
    (house / "config/sheets/pings.ro.yaml").unlink()
    _, issues = lint(offering, house / "config")
    told = [issue for issue in issues if issue.rule == "spec"]
    line = offering.document.text.splitlines().index("  ring:") + 1
    assert [(issue.file, issue.line, issue.path) for issue in told] == [
        ("clean.yaml", line, "steps.ring.callback")
    ]
    assert "No neutral line in ro." in str(told[0])
    draft = drafted(connection, staff, offering)
    with pytest.raises(HasErrors):
        published(connection, staff, draft.id, house / "config")


def test_a_line_that_she_may_pick_must_be_there(source: ScriptSource, house: Path) -> None:
    picking = changed(source, old="{safety: alone}", new="{safety: alone, callback_ping: sun}")
    told = [issue for issue in lint(picking, house / "config")[1] if issue.rule == "spec"]
    assert [issue.path for issue in told] == ["steps.safe_check"]
    assert "`sun` is no line of sheets/pings in en, ro." in str(told[0])


def test_a_conversation_keeps_the_revision_it_began_with(
    connection: Connection, vault: Vault, source: ScriptSource, house: Path, staff: House
) -> None:
    (first,) = revisions.revisions(connection, vault)
    begin_conversation(connection, first.id)
    second = drafted(connection, staff, changed(source))
    published(connection, staff, second.id, house / "config")
    library = loaded(connection, vault, house)
    assert library.script("demo", first.id)[0] == first.id
    assert library.script("demo", None)[0] == second.id


def test_a_replaced_revision_nobody_uses_is_not_read_again(
    connection: Connection, vault: Vault, source: ScriptSource, house: Path, staff: House
) -> None:
    second = drafted(connection, staff, changed(source))
    published(connection, staff, second.id, house / "config")
    assert set(loaded(connection, vault, house).scripts) == {second.id}


def test_a_harmful_revision_is_left_by_those_who_began_with_it(
    connection: Connection, vault: Vault, source: ScriptSource, house: Path, staff: House
) -> None:
    (first,) = revisions.revisions(connection, vault)
    second = drafted(connection, staff, changed(source))
    published(connection, staff, second.id, house / "config")
    begin_conversation(connection, second.id)
    gone = taking_back.roll_back(connection, staff, PROGRAM, DESK, NOW, harmful=True)
    withdrawn, live = gone.revision, gone.live
    assert live is not None
    assert (withdrawn.id, withdrawn.state) == (second.id, RevisionState.RECALLED)
    assert (live.id, live.state) == (first.id, RevisionState.PUBLISHED)
    library = loaded(connection, vault, house)
    assert library.script("demo", second.id)[0] == first.id


def test_the_first_revision_cannot_be_rolled_back(connection: Connection, staff: House) -> None:
    with pytest.raises(NothingToReturnTo):
        taking_back.roll_back(connection, staff, PROGRAM, DESK, NOW)


def test_a_revision_that_does_not_exist_is_refused(connection: Connection, house: Path, staff: House) -> None:
    with pytest.raises(UnknownRevision):
        published(connection, staff, 99, house / "config")


def test_a_desk_without_a_script_says_what_is_missing(
    connection: Connection, vault: Vault, house: Path
) -> None:
    connection.execute(update(t.script_revision).values(state="draft"))
    library = loaded(connection, vault, house)
    with pytest.raises(NothingPublished, match="scripts publish"):
        library.revision_for("demo")


def test_documents_lie_sealed(connection: Connection, source: ScriptSource) -> None:
    for table, column in ((t.script_revision, "document_sealed"), (t.rota, "document_sealed")):
        stored = connection.execute(select(table.c[column])).scalar_one()
        assert stored
        assert b"spec" not in stored
    assert "spec" in source.document.text


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("words/globals.en.yaml", "hide: [hide]\nhied: [x]\n", "hied"),
        ("words/lists.en.yaml", "sensitiv: [x]\n", "sensitiv"),
        ("words/grid.en.yaml", "rounds: [\n", "grid.en.yaml:"),
        ("desks/demo/desk.yaml", "id: other\n", "desks/demo/desk.yaml"),
        ("network/network.yaml", "organisation: X\n", "emergency"),
        ("signals/en.yaml", "suicid: [x]\n", "suicid"),
    ],
)
def test_a_configuration_file_with_a_fault_is_named(
    file: str, text: str, told: str, connection: Connection, vault: Vault, house: Path
) -> None:
    (house / "config" / file).write_text(text)
    with pytest.raises(UnusableFile, match=told):
        loaded(connection, vault, house)
