"""What is published lies in the database, and only a person who rang makes it checked (PR13, PR14)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, create_engine, insert

from bot.model import NETWORK_DESK
from bot.services.resources import ResourceFiles
from bot.store import tables as t
from bot.store.resources import (
    BelongsToAnotherDesk,
    Difference,
    Drift,
    NeverSent,
    UnknownResource,
    digest,
    drifted,
    import_rows,
    load_directory,
    published,
    verify,
    withdraw,
)
from triage.directory import Confidence, Group, Kind, Resource, Scope

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
LINE = Resource(
    id="ro.domestic_violence.line",
    country="RO",
    kind=Kind.DOMESTIC_VIOLENCE,
    scope=Scope.NATIONAL,
    name="Linia ță",
    confidence=Confidence.HIGH,
    phone="0700000001",
    hours="24/7",
    zone="Europe/Bucharest",
    languages=("ro",),
    groups=frozenset({Group.WOMEN}),
    free=True,
    valid_until=date(2027, 1, 1),
)
OTHER = replace(LINE, id="ro.domestic_violence.other", phone="0700000002", valid_until=None)


@pytest.fixture(params=["sqlite", "postgres"])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    engine = create_engine(url)
    t.metadata.create_all(engine)
    with engine.connect() as open_connection, open_connection.begin():
        open_connection.execute(
            insert(t.desk), [{"id": desk, "created_at": 0} for desk in (NETWORK_DESK, "cluj", "praha")]
        )
        yield open_connection
    engine.dispose()


def ids(connection: Connection, desk: str = "cluj") -> list[str]:
    return [row.id for row in load_directory(connection, desk).resources]


def test_a_row_comes_back_as_it_was_published(connection: Connection) -> None:
    done = import_rows(connection, "cluj", [LINE])

    assert done.added == (LINE.id,)
    assert load_directory(connection, "cluj").resources == (LINE,)


def test_a_desk_has_its_own_rows_and_the_networks_and_no_other_desks(connection: Connection) -> None:
    import_rows(connection, NETWORK_DESK, [LINE])
    import_rows(connection, "cluj", [OTHER])

    assert ids(connection, "cluj") == [LINE.id, OTHER.id]
    assert ids(connection, "praha") == [LINE.id]


def test_an_id_stands_for_one_contact_point_in_the_whole_network(connection: Connection) -> None:
    import_rows(connection, NETWORK_DESK, [LINE])

    with pytest.raises(BelongsToAnotherDesk, match="network"):
        import_rows(connection, "cluj", [OTHER, replace(LINE, name="mine")])
    assert ids(connection) == [LINE.id]


@pytest.mark.parametrize("facts", [{"confidence": Confidence.LOW}, {"phone": ""}])
def test_what_is_poorly_sourced_or_out_of_reach_is_not_published(
    connection: Connection, facts: dict[str, object]
) -> None:
    with pytest.raises(NeverSent, match=OTHER.id):
        import_rows(connection, "cluj", [LINE, replace(OTHER, **facts)])  # type: ignore[arg-type]
    assert ids(connection) == []


def test_importing_again_changes_nothing(connection: Connection) -> None:
    import_rows(connection, "cluj", [LINE, OTHER])
    verify(connection, LINE.id, "cleo", TODAY)

    done = import_rows(connection, "cluj", [LINE, OTHER])

    assert (done.added, done.changed, done.unchanged) == ((), (), 2)
    assert load_directory(connection, "cluj").resources[0].verified_on == TODAY


def test_whoever_rang_is_recorded_with_the_day(connection: Connection) -> None:
    import_rows(connection, "cluj", [LINE])

    verified = verify(connection, LINE.id, "cleo", TODAY)

    assert (verified.verified_on, verified.verified_by) == (TODAY, "cleo")
    assert load_directory(connection, "cluj").resources == (verified,)


def test_a_file_cannot_claim_that_somebody_rang(connection: Connection) -> None:
    import_rows(connection, "cluj", [replace(LINE, verified_on=TODAY, verified_by="nobody")])

    assert load_directory(connection, "cluj").resources == (LINE,)


@pytest.mark.parametrize(
    "change",
    [{"phone": "0700000009"}, {"sms": "3060"}, {"website": "https://new.example"}, {"region": "RO-CJ"}],
)
def test_a_changed_number_must_be_rung_again(connection: Connection, change: dict[str, object]) -> None:
    import_rows(connection, "cluj", [LINE])
    verify(connection, LINE.id, "cleo", TODAY)

    done = import_rows(connection, "cluj", [replace(LINE, **change)])  # type: ignore[arg-type]

    assert (done.changed, done.verification_lost) == ((LINE.id,), (LINE.id,))
    stored = load_directory(connection, "cluj").resources[0]
    assert (stored.verified_on, stored.verified_by) == (None, None)


def test_a_changed_note_keeps_the_verification(connection: Connection) -> None:
    import_rows(connection, "cluj", [LINE])
    verify(connection, LINE.id, "cleo", TODAY)

    done = import_rows(connection, "cluj", [replace(LINE, notes="seen again")])

    assert (done.changed, done.verification_lost) == ((LINE.id,), ())
    assert load_directory(connection, "cluj").resources[0].verified_on == TODAY


def test_a_withdrawn_row_is_gone_at_once_and_no_import_brings_it_back(connection: Connection) -> None:
    import_rows(connection, "cluj", [LINE, OTHER])
    withdraw(connection, LINE.id, NOW)
    assert ids(connection) == [OTHER.id]

    for row in (LINE, replace(LINE, phone="0700000009")):
        assert import_rows(connection, "cluj", [row]).still_withdrawn == (LINE.id,)
        assert ids(connection) == [OTHER.id]
    assert [each.withdrawn for each in published(connection, "cluj")] == [True, False]


def test_a_person_who_rings_a_withdrawn_row_brings_it_back(connection: Connection) -> None:
    import_rows(connection, "cluj", [LINE])
    withdraw(connection, LINE.id, NOW)

    verify(connection, LINE.id, "cleo", TODAY)

    assert ids(connection) == [LINE.id]


def test_withdrawing_twice_keeps_the_first_moment(connection: Connection) -> None:
    import_rows(connection, "cluj", [LINE])
    withdraw(connection, LINE.id, NOW)
    first = connection.execute(t.resource.select()).one().withdrawn_at

    withdraw(connection, LINE.id, datetime(2027, 1, 1, tzinfo=UTC))

    assert connection.execute(t.resource.select()).one().withdrawn_at == first


def test_nobody_verifies_or_withdraws_what_is_not_there(connection: Connection) -> None:
    with pytest.raises(UnknownResource, match=r"ro\.none"):
        verify(connection, "ro.none", "cleo", TODAY)
    with pytest.raises(UnknownResource):
        withdraw(connection, "ro.none", NOW)


def test_a_file_changed_later_is_reported_and_not_served(connection: Connection) -> None:
    import_rows(connection, "cluj", [LINE, OTHER])
    verify(connection, LINE.id, "cleo", TODAY)
    changed = replace(LINE, phone="0700000009")
    new = replace(LINE, id="ro.domestic_violence.new")

    assert drifted(connection, "cluj", [LINE, OTHER]) == ()
    assert drifted(connection, "cluj", [changed, new]) == (
        Drift(LINE.id, Difference.CHANGED),
        Drift(new.id, Difference.ONLY_IN_FILE),
        Drift(OTHER.id, Difference.ONLY_PUBLISHED),
    )
    assert load_directory(connection, "cluj").resources[0].phone == LINE.phone


def test_a_digest_is_of_the_facts_alone() -> None:
    assert digest(LINE) == digest(replace(LINE, verified_on=TODAY, verified_by="cleo"))
    assert digest(LINE) != digest(replace(LINE, phone="0700000009"))


def test_everything_that_ships_can_be_published_and_comes_back_the_same(
    connection: Connection, shipped_files: ResourceFiles
) -> None:
    import_rows(connection, NETWORK_DESK, shipped_files.resources)

    loaded = load_directory(connection, "cluj").resources

    assert sorted(loaded, key=lambda row: row.id) == sorted(shipped_files.resources, key=lambda row: row.id)
    assert drifted(connection, NETWORK_DESK, shipped_files.resources) == ()
