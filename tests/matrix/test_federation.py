"""Two homeservers that federate: she has her account elsewhere; what volunteers write never leaves ours."""

import datetime as dt
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.matrix import making
from channels.matrix.failures import Refusal
from channels.message import DeliveryState, OutboundKind, Speaker
from tests.matrix.line import free_port, make_line, woman
from tests.matrix.peers import Peer, Peers
from tests.matrix.synapse import Synapse
from tests.webchat.page import until

pytestmark = pytest.mark.long


def certificate(folder: Path) -> dict[str, str]:
    """A certificate of this machine's, and its key, as Synapse takes them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tls.crt").write_bytes(made.public_bytes(pem))
    (folder / "tls.key").write_bytes(plain)
    return {
        "tls_certificate_path": str(folder / "tls.crt"),
        "tls_private_key_path": str(folder / "tls.key"),
    }


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Synapse, Synapse]]:
    """Ours, and hers."""
    doors = [free_port(), free_port()]
    names = [f"127.0.0.1:{door}" for door in doors]
    more = {
        **certificate(tmp_path),
        "federation_domain_whitelist": names,
        "federation_verify_certificates": False,
        "ip_range_blacklist": [],
        "federation_ip_range_blacklist": [],
    }
    made = [
        Synapse(tmp_path / f"synapse{n}", free_port(), names[n], more, federation=doors[n]) for n in range(2)
    ]
    for one in made:
        one.start()
    yield made[0], made[1]
    for one in made:
        one.stop()


def left_of(server: Synapse, room: str) -> int:
    """Messages of a room that still hold something on one homeserver."""
    query = (
        "SELECT count(*) FROM events LEFT JOIN redactions ON redactions.redacts = events.event_id"
        " WHERE events.room_id = ? AND events.type = 'm.room.encrypted' AND redactions.redacts IS NULL"
    )
    return server.rows(query, room)[0][0]


async def gone(peer: Peer, room: str, user: str) -> None:
    for _ in range(600):
        if await peer("membership", room=room, user=user) == "leave":
            return
        await peer("wait", milliseconds=25)
    raise AssertionError("still there")


async def test_a_woman_with_an_account_elsewhere_is_met_answered_and_forgotten(
    servers: tuple[Synapse, Synapse], peers: Peers
) -> None:
    ours, hers = servers
    ann = await woman(peers, hers, sign=True, strict=True)
    made = make_line(ours)
    await made.start()
    try:
        room = await ann.opens(made.user)
        await ann.says(room, "hello from elsewhere")
        heard = await made.hears("hello from elsewhere", 30)
        assert heard.address.handle == ann.user
        said = await made.says(ann.user, "you are heard")
        await ann.reads(room, "you are heard")
        assert {shield["colour"] for shield in await ann("shields", room=room)} == {0}

        assert (await made.takes_back(ann.user, said.remote_id)).state is DeliveryState.SENT
        assert (await made.takes_back(ann.user, heard.remote_id, Speaker.HER)).state is DeliveryState.SENT
        await ann.says(room, "one word more")
        await made.hears("one word more", 30)
        assert (await made.leaves(ann.user)).state is DeliveryState.SENT
        await gone(ann, room, made.user)
        await until(lambda: left_of(ours, room) == 0 and left_of(hers, room) == 0, 30)
    finally:
        await made.stop()


async def test_her_homeserver_is_away_for_a_while_and_nothing_is_lost(
    servers: tuple[Synapse, Synapse], peers: Peers
) -> None:
    ours, hers = servers
    ann = await woman(peers, hers)
    made = make_line(ours)
    await made.start()
    try:
        room = await ann.opens(made.user)
        await ann.says(room, "before")
        await made.hears("before", 30)
        await made.says(ann.user, "first answer")
        await ann.reads(room, "first answer")
        hers.stop()
        assert (await made.says(ann.user, "while it was away")).state is DeliveryState.SENT
        hers.start()
        await ann.says(room, "after")
        await made.hears("after", 60)
        await ann.reads(room, "while it was away", within=60_000)
    finally:
        await made.stop()


async def test_a_chats_room_is_closed_to_every_other_homeserver(
    servers: tuple[Synapse, Synapse], peers: Peers
) -> None:
    ours, hers = servers
    maple, eve = await woman(peers, ours, name="maple", sign=True), await woman(peers, hers, name="eve")
    made = make_line(ours, name="matrix-staff", staff=True, allowed=(ours.name,))
    await made.start()
    try:
        lobby = await maple.opens(made.user)
        await maple.says(lobby, "!link")
        handle = (await made.hears("!link", 30)).address.handle
        opened = await made.says(handle, "Heron 47", kind=OutboundKind.OPEN)
        assert opened.remote_id is not None
        with pytest.raises(Refusal):
            await making.invite(made.station.client, opened.remote_id, eve.user)
    finally:
        await made.stop()
