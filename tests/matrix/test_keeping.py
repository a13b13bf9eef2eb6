"""Keys at rest: restarts lose nothing, what was read cannot be read again, a lost store is no small thing."""

import json
import secrets
from typing import Any

import pytest
from nio.crypto import OlmDevice

from channels.matrix.channel import CannotEnter
from channels.matrix.examination import examine, identity, read_rows, replace_device
from channels.matrix.keystore import KeyStore
from channels.matrix.ledger import Ledger
from channels.matrix.machine import Closed, Machine, Opened
from channels.message import Lives, OwnRow
from tests.fakes.own_rows import MemoryRows
from tests.matrix.line import Line, homeserver, line, make_line, new_name, woman
from tests.matrix.peers import Peer, Peers
from tests.matrix.raw import RawDevice
from tests.webchat.page import until


async def chat(made: Line, ann: Peer) -> str:
    room = await ann.opens(made.user)
    hello = new_name("hello")
    await ann.says(room, hello)
    await made.hears(hello)
    await made.says(ann.user, "welcome")
    await ann.reads(room, "welcome")
    return room


def event(name: str) -> dict[str, Any]:
    """An event as the homeserver keeps it."""
    row = homeserver().rows("SELECT json FROM event_json WHERE event_id = ?", name)[0][0]
    return json.loads(row) | {"event_id": name}


def devices(user: str) -> list[str]:
    query = "SELECT device_id FROM devices WHERE user_id = ? AND hidden = 0"
    return [row[0] for row in homeserver().rows(query, user)]


async def ledger_of(rows: MemoryRows) -> Ledger:
    return await read_rows(rows, lambda: secrets.token_hex(8))


async def test_a_restart_goes_on_with_the_same_device_and_loses_nothing(peers: Peers) -> None:
    ann = await woman(peers, sign=True, strict=True)
    async with line() as made:
        room = await chat(made, ann)
        device = made.station.machine.device_id
        for number in range(3):
            await made.stop()
            await ann.says(room, f"while it was away {number}")
            made.make()
            await made.start()
            await made.hears(f"while it was away {number}")
            await made.says(ann.user, f"answer {number}")
            await ann.reads(room, f"answer {number}")
        assert made.station.machine.device_id == device
        assert devices(made.user).count(device) == 1
        assert len(devices(made.user)) == 2  # and the one it was registered with
        assert made.texts()[1:] == [f"while it was away {n}" for n in range(3)]


async def test_what_was_not_stored_is_read_again_from_the_old_token(peers: Peers) -> None:
    """The process dies between what it read and the commit: token, words and keys are as they were."""
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        made.storing.refuses_words = True
        await ann("sessions", room=room)  # a new key comes with these, to a device that dies
        await ann("says", room=room, texts=["one", "two", "three"])
        await until(lambda: "late" in late_rows(made), 10)
        await made.stop()
        made.storing.refuses_words = False
        made.make()
        await made.start()
        await made.hears("three")
        assert made.texts()[1:] == ["one", "two", "three"]


async def test_a_send_in_between_does_not_move_the_keys_past_what_was_not_stored(peers: Peers) -> None:
    """A send stores sessions of its own; what waits for the batch goes with the batch only."""
    ann, bea = await woman(peers), await woman(peers, name="bea")
    async with line() as made:
        room, other = await chat(made, ann), await chat(made, bea)
        made.storing.refuses_words = True
        await ann("sessions", room=room)
        await ann.says(room, "not stored yet")
        await until(lambda: "late" in late_rows(made), 10)
        made.station.machine.outbound_group_sessions.clear()
        saves = made.rows.saves
        assert (await made.says(bea.user, "sent meanwhile")).state == "sent"
        await bea.reads(other, "sent meanwhile")
        assert made.rows.saves > saves
        await made.stop()
        made.storing.refuses_words = False
        made.make()
        await made.start()
        await made.hears("not stored yet")


def late_rows(made: Line) -> set[str]:
    return {"late" for leaf in made.station.ledger._leaves.values() if leaf.is_late}


async def test_the_rows_of_now_open_no_word_of_before(peers: Peers) -> None:
    """Whoever takes rows and keys, with every event of the homeserver, reads what comes and not what was."""
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        first = made.host.messages[0].external_id
        live = made.station.machine
        assert isinstance(live.open(event(first), room), Opened), "the running line still can"
        thief = Machine(made.user, live.device_id, KeyStore(await ledger_of(made.rows)))
        assert not isinstance(thief.open(event(first), room), Opened)
        assert thief.open(event(first), room) is Closed.REPEATED
        second = await ann.says(room, "what comes")
        assert isinstance(thief.open(event(second), room), Opened), "so the search above can fail"


async def test_a_message_played_again_under_another_name_is_not_believed(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        room = await chat(made, ann)
        first = made.host.messages[0].external_id
        again = event(first) | {"event_id": "$another"}
        assert made.station.machine.open(again, room) is Closed.NEVER
        await made.restart()
        assert not isinstance(made.station.machine.open(again, room), Opened)


async def test_no_key_lies_anywhere_but_in_the_rows(peers: Peers, tmp_path: Any) -> None:
    """nio writes no file of its own, whatever its defaults are."""
    del tmp_path
    ann = await woman(peers)
    async with line() as made:
        await chat(made, ann)
        assert made.station.client.store is None and made.station.client.olm is None
        kinds = {json.loads((row.body or b"").partition(b"\n")[0])[0] for row in made.rows.stored.values()}
        assert {"account", "device", "identity", "begun", "olm", "megolm", "person", "room"} <= kinds
        lives = {row.lives for row in made.rows.stored.values() if row.owner}
        assert lives == {Lives.CONTACT}


async def test_keys_that_are_lost_end_the_start_and_make_no_device(peers: Peers) -> None:
    ann = await woman(peers)
    async with line() as made:
        await chat(made, ann)
        before = devices(made.user)
        await made.stop()
        made.rows.stored = {name: row for name, row in made.rows.stored.items() if row.lives is Lives.LINE}
        made.make()
        with pytest.raises(CannotEnter, match="replace-device"):
            await made.channel.prepare()
        assert devices(made.user) == before


@pytest.mark.parametrize("kept", [True, False], ids=["identity kept", "identity lost"])
async def test_the_way_back_is_a_new_device_trusted_as_far_as_can_be(*, kept: bool, peers: Peers) -> None:
    ann = await woman(peers, sign=True, strict=True)
    async with line() as made:
        await chat(made, ann)
        fingerprint = identity(made.settings, made.station.ledger).fingerprint
        old = made.station.machine.device_id
        await made.stop()
        if kept:
            made.rows.stored = {n: row for n, row in made.rows.stored.items() if row.lives is Lives.LINE}
        else:
            made.rows.stored = {}
            made.make()
            await made.channel.prepare()  # nothing says that there ever was a device …
            made.listen()
            await until(lambda: made.channel.reasons() != [], 15)  # … but the homeserver knows
            assert "replace-device" in made.channel.reasons()[0]
            await made.stop()
        assert await replace_device(await ledger_of(made.rows)) is kept
        made.make()
        await made.start()
        assert made.station.machine.device_id != old
        assert old not in devices(made.user)
        now = identity(made.settings, made.station.ledger).fingerprint
        assert (now == fingerprint) is kept
        room = await chat(made, ann)
        assert {shield["colour"] for shield in await ann("shields", room=room)} == {0}
        assert (await ann("identity", user=made.user))["changed"] is not kept


async def test_two_hotlines_on_one_account_do_not_share_it(peers: Peers) -> None:
    del peers
    async with line() as made:
        other = make_line(homeserver(), user=made.user, password=made.account.password)
        await other.channel.prepare()
        other.listen()
        try:
            await until(lambda: other.channel.reasons() != [], 15)
            assert "keys already" in other.channel.reasons()[0]
        finally:
            await other.stop()


async def test_another_account_in_the_settings_is_refused_at_once() -> None:
    async with line() as made:
        await made.stop()
        other = make_line(homeserver())
        other.channel._ledger.rows = made.rows
        with pytest.raises(CannotEnter, match="belongs to another"):
            await other.channel.prepare()


async def test_an_access_token_with_its_device_does_as_well_as_a_password(peers: Peers) -> None:
    ann = await woman(peers, sign=True, strict=True)
    account = homeserver().register("token-" + ann.who)
    settings = {
        "user": account.user,
        "password": "",
        "access_token": account.token,
        "device_id": account.device,
    }
    async with line(homeserver(), **settings) as made:
        made.account = account
        await chat(made, ann)
        assert made.station.machine.device_id == account.device
        assert account.token.encode() not in b"".join(row.body or b"" for row in made.rows.stored.values())


async def test_a_row_about_a_person_goes_when_the_host_erased_her(peers: Peers) -> None:
    ann, bea = await woman(peers), await woman(peers, name="bea")
    async with line() as made:
        await chat(made, ann)
        await chat(made, bea)
        assert owners(made.rows) == {ann.user, bea.user}
        made.channel.erased(ann.user)
        await made.station.ledger.save()
        assert owners(made.rows) == {bea.user}
        machine = made.station.machine
        assert not [d for d in machine.device_store if isinstance(d, OlmDevice) and d.user_id == ann.user]
        assert ann.user not in machine.store.owners.values()


def owners(rows: MemoryRows) -> set[str]:
    return {row.owner for row in rows.stored.values()} - {""}


async def test_what_doctor_finds(peers: Peers) -> None:
    del peers
    admin = homeserver().register("admin-doctor", admin=True)
    async with line(admin_token=admin.token) as made:
        found = await examine(made.settings, await ledger_of(made.rows))
        assert [one.standing.value for one in found] == ["good", "good", "good", "good", "fault"]
        assert "override_ratelimit" in found[-1].cure
        RawDevice(made.account).upload()
        found = await examine(made.settings, await ledger_of(made.rows))
        assert next(one.found for one in found if one.standing == "warning").startswith("1 more device")
        path = f"/_synapse/admin/v1/users/{made.user}/override_ratelimit"
        admin.ask("POST", path, {"messages_per_second": 0, "burst_count": 0})
        assert (await examine(made.settings, await ledger_of(made.rows)))[-1].standing == "good"
        away = await examine(
            made.settings.__class__("http://127.0.0.1:9", made.user, "x"), Ledger(MemoryRows(), str)
        )
        assert (away[0].standing, len(away)) == ("fault", 1)
        stored = made.rows.stored
        spoilt = {
            n: OwnRow(r.id, r.lives, r.owner, r.body) for n, r in stored.items() if r.lives is Lives.LINE
        }
        assert "gone" in (await examine(made.settings, await ledger_of(MemoryRows(spoilt))))[0].found
