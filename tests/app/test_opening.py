"""Opening a hotline: what must fail before the first message, and what a start mends."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, insert, select, update

from bot import app
from bot.services import first_start, overdue, turning
from bot.services.intake import take_batch
from bot.services.loading import load_library
from bot.services.premises import DatabaseAway, database_errors
from bot.settings import Settings, load_settings
from bot.store import resources, tables as t
from bot.store.folder_lock import FolderHeld
from bot.store.migrate import NewerDatabase
from bot.store.moments import to_moment
from bot.vault.errors import RingMissing, WrongMasterKey
from bot.vault.master_key import create_master_key
from bot.workers.aftermath import Aftermath
from bot.workers.jobs import Jobs
from channels.message import Address, Batch, InboundKind, InboundMessage
from triage.directory import Directory

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


class StillClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.fixture(autouse=True)
def _core_dumps_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened in the tests' own process, a hotline must not change that process for the tests that follow."""
    monkeypatch.setattr(app, "forbid_core_dumps", lambda: ())


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hotline just begun; making one takes seconds, copying it does not."""
    folder = tmp_path_factory.mktemp("template")
    first_start.begin(load_settings({"HOTLINE_DATA_DIR": str(folder / "data")}, folder), NOW)
    return folder / "data"


@pytest.fixture
def begun(template: Path, tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a copy, with `HOTLINE_<NAME>` as given."""
    shutil.copytree(template, tmp_path / "data")

    def settings(**more: str) -> Settings:
        environ = {f"HOTLINE_{name.upper()}": value for name, value in more.items()}
        return load_settings({"HOTLINE_DATA_DIR": str(tmp_path / "data"), **environ}, tmp_path)

    return settings


async def test_a_flooded_page_is_told_the_emergency_number_with_its_country_in_every_language(
    begun: Callable[..., Settings],
) -> None:
    async with app.open_hotline(begun(), StillClock(NOW)) as hotline:
        busy = hotline.channels["web"].reception.settings.busy  # pyright: ignore[reportAttributeAccessIssue]

        assert set(busy) == {"en", "ro"}
        assert "112 (Romania)" in busy["en"]
        assert "112 (România)" in busy["ro"]
        assert "{" not in "".join(busy.values())


async def test_a_number_that_is_withdrawn_is_gone_from_the_pages_of_a_flood_at_once(
    begun: Callable[..., Settings],
) -> None:
    async with app.open_hotline(begun(), StillClock(NOW)) as hotline:
        busy = hotline.channels["web"].reception.settings.busy  # pyright: ignore[reportAttributeAccessIssue]
        before = busy["en"]
        directory = hotline.house.library.directory
        told = [row.id for row in directory.by_country["RO"] if row.phone == "112"]
        assert told

        for row in told:
            await hotline.store.write(partial(resources.withdraw, resource_id=row, now=NOW))
        await _reload(hotline)

        assert busy["en"] != before
        assert "112 (European Union)" in busy["en"]


async def test_a_number_that_has_run_out_is_gone_from_the_pages_of_a_flood(
    begun: Callable[..., Settings],
) -> None:
    clock = StillClock(NOW)
    async with app.open_hotline(begun(), clock) as hotline:
        busy = hotline.channels["web"].reception.settings.busy  # pyright: ignore[reportAttributeAccessIssue]
        library = hotline.house.library
        rows = library.directory.resources
        ends = [replace(row, valid_until=NOW.date()) if row.country == "RO" else row for row in rows]
        hotline.house.library = replace(library, directory=Directory.of(ends))
        assert "(Romania)" in busy["en"]

        clock.at = NOW + timedelta(days=2)

        assert "112 (European Union)" in busy["en"]

        hotline.house.library = replace(library, directory=Directory.of([]))

        assert "en" not in busy


def test_a_first_start_on_a_full_disk_says_so(tmp_path: Path) -> None:
    def little_room(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count=20").close()

    settings = load_settings({"HOTLINE_DATA_DIR": str(tmp_path / "data")}, tmp_path)
    event.listen(Engine, "connect", little_room)
    try:
        with pytest.raises(DatabaseAway, match=r"hotline\.db.*no room left"), database_errors(settings):
            first_start.begin(settings, NOW)
    finally:
        event.remove(Engine, "connect", little_room)


async def _reload(hotline: app.Hotline) -> None:
    """What the service does when somebody changed what is published."""
    house, config_dir = hotline.house, hotline.settings.config_dir
    house.library = await hotline.store.write(
        lambda c: load_library(c, house.vault, config_dir, NOW, house.mode)
    )


async def test_hours_that_nobody_can_answer_are_not_open(begun: Callable[..., Settings]) -> None:
    """The shipped demo rota names three people; none of them exists here."""
    async with app.open_hotline(begun(), StillClock(NOW)) as hotline:
        board = hotline.house.library.boards["demo"]

        assert board.at(NOW) == ()
        assert not board.open_at(NOW)


async def test_hours_open_when_their_people_have_signed_in(begun: Callable[..., Settings]) -> None:
    settings = begun()
    async with app.open_hotline(settings, StillClock(NOW)) as hotline:
        await app.demo_links(hotline)

        assert {duty.volunteer for duty in hotline.house.library.boards["demo"].at(NOW)} == {
            "Maple",
            "Juniper",
            "Alder",
        }


async def test_a_policy_the_notice_does_not_tell_keeps_it_from_starting(
    begun: Callable[..., Settings],
) -> None:
    settings = begun(rescue_policy="none")

    with pytest.raises(app.CannotStart, match=r"HOTLINE_RESCUE_POLICY is none.*consent-only"):
        async with app.open_hotline(settings, StillClock(NOW)):
            pass


async def test_an_unknown_desk_is_named_with_those_that_exist(begun: Callable[..., Settings]) -> None:
    settings = begun().model_copy(update={"desk": "north"})

    with pytest.raises(app.CannotStart, match=r"'north'.*demo"):
        async with app.open_hotline(settings, StillClock(NOW)):
            pass


async def test_a_held_folder_keeps_it_from_starting(begun: Callable[..., Settings]) -> None:
    settings = begun()
    async with app.open_hotline(settings, StillClock(NOW)):
        with pytest.raises(FolderHeld):
            async with app.open_hotline(settings, StillClock(NOW)):
                pass


async def test_a_wrong_key_a_lost_ring_and_a_newer_database_each_keep_it_from_starting(
    begun: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = begun()
    path = settings.master_key_path
    assert path is not None
    right = path.read_bytes()
    path.unlink()
    create_master_key(path)
    with pytest.raises(WrongMasterKey):
        async with app.open_hotline(settings, StillClock(NOW)):
            pass
    path.write_bytes(right)
    ring = settings.key_ring_folder
    ring.rename(tmp_path / "away")
    with pytest.raises(RingMissing):
        async with app.open_hotline(settings, StillClock(NOW)):
            pass
    (tmp_path / "away").rename(ring)
    async with app.open_hotline(settings, StillClock(NOW)) as hotline:
        await hotline.store.write(
            lambda c: c.exec_driver_sql("update alembic_version set version_num = '9999'").close()
        )
    with pytest.raises(NewerDatabase):
        async with app.open_hotline(settings, StillClock(NOW)):
            pass


async def test_a_turn_of_the_keys_cut_short_is_finished_at_the_next_start(
    begun: Callable[..., Settings],
) -> None:
    settings = begun()
    clock = StillClock(NOW)
    async with app.open_hotline(settings, clock) as hotline:
        key, wrapped = hotline.house.vault.new_data_key("k" * 26)
        row = {"id": key.id, "epoch": wrapped.epoch, "wrapped": wrapped.wrapped}
        await hotline.store.write(lambda c: c.execute(insert(t.data_key), row).close())
        turning.begin(hotline.house, NOW + timedelta(hours=1))  # and here the power goes
    async with app.open_hotline(settings, clock) as hotline:
        vault = hotline.house.vault
        assert len(vault.epochs) == 2
        aftermath = Aftermath(hotline.channels, hotline.metrics)
        jobs = Jobs(
            hotline.store,
            hotline.house,
            clock,
            hotline.wakes,
            aftermath,
            settings.config_dir,
            hotline.metrics,
        )
        await jobs.do("turn_keys")

        assert vault.epochs == (vault.current_epoch,)
        moved = await hotline.store.read(lambda c: c.execute(select(t.data_key)).one())
        assert vault.unwrap(replace(wrapped, epoch=moved.epoch, wrapped=moved.wrapped)) == key


async def test_readiness_tells_what_is_late_and_nothing_of_anybody(begun: Callable[..., Settings]) -> None:
    async with app.open_hotline(begun(), StillClock(NOW)) as hotline:
        vault = hotline.house.vault
        begin = vault.epoch_begun

        assert await hotline.store.read(lambda c: overdue.reasons(c, vault, begin)) == []

        await hotline.store.write(
            lambda c: c.execute(
                insert(t.due).values(
                    id="d", kind="nudge", subject="her-secret-id", at=to_moment(begin), version=0
                )
            ).close()
        )
        told = await hotline.store.read(lambda c: overdue.reasons(c, vault, begin + timedelta(hours=30)))
        assert [reason.partition(":")[0] for reason in told] == ["keys", "deadlines"]
        assert "her-secret-id" not in "".join(told)

        await hotline.store.write(lambda c: c.execute(update(t.due).values(at=to_moment(NOW) * 2)).close())
        assert await hotline.store.read(lambda c: overdue.reasons(c, vault, begin)) == []


async def test_what_does_not_go_out_raises_an_alarm_once(begun: Callable[..., Settings]) -> None:
    clock = StillClock(NOW)
    async with app.open_hotline(begun(), clock) as hotline:
        entry = {
            "id": "o", "conversation": "c", "channel": "web", "sequence": 1, "kind": "new",
            "purpose": "answer", "state": "pending", "attempts": 0,
            "due_at": to_moment(NOW - timedelta(minutes=6)),
        }  # fmt: skip
        await hotline.store.write(lambda c: c.execute(insert(t.outbox).values(entry)).close())
        aftermath = Aftermath(hotline.channels, hotline.metrics)
        jobs = Jobs(hotline.store, hotline.house, clock, hotline.wakes, aftermath, None, hotline.metrics)
        for _ in range(2):
            await jobs.do("repair_deadlines")
        assert "outbox" in " ".join(await jobs.readiness())
        assert hotline.metrics.registry.get_sample_value("hotline_alerts_total", {"state": "unsent"}) == 1


async def test_a_database_older_than_the_ring_starts_and_forgets_what_no_key_opens(
    begun: Callable[..., Settings],
) -> None:
    settings = begun()
    clock = StillClock(NOW)
    address = Address("web", "an old cookie")
    batch = Batch("web", messages=(InboundMessage("1", address, InboundKind.TEXT, "secret"),))
    async with app.open_hotline(settings, clock) as hotline:
        await hotline.store.write(lambda c: take_batch(c, hotline.house, batch, to_moment(NOW)))
        hotline.house.vault.begin_epoch(NOW + timedelta(days=1))
        hotline.house.vault.shred_epochs(set(hotline.house.vault.epochs))
        # A copy put back under a running service: her old words are gone, but she is not turned away.
        again = Batch("web", messages=(InboundMessage("2", address, InboundKind.TEXT, "hello"),))
        await hotline.store.write(lambda c: take_batch(c, hotline.house, again, to_moment(NOW)))
    async with app.open_hotline(settings, clock) as hotline:
        kept = await hotline.store.read(lambda c: list(c.execute(select(t.data_key.c.epoch)).scalars()))

        assert set(kept) <= {hotline.house.vault.current_epoch}
