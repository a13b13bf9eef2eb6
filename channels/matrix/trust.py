"""Whose devices may read what we write, and whose words are believed. Pure.

| she has | devices that may read when a chat begins | a device that turns up in the middle |
| --- | --- | --- |
| an identity (cross-signing) | those it vouches for, and the one she writes from | none, until she says so |
| none | all there are | none, until she says so |

Her identity is kept as first seen. When it changes in the middle of a chat, none of its devices may read
until she, on a device known before, says so. If none of those is left, the chat begins anew with the safe
question.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import vodozemac
from nio import Api

from channels.matrix.people import Device, Person
from channels.matrix.reading import Table, at, table, text


@dataclass(frozen=True, slots=True)
class Shown:
    """What the homeserver tells of a person's keys, as far as it is signed as it must be."""

    master: str
    devices: tuple[Device, ...]


class Claim(Enum):
    """What an act of hers says about the devices that are in question."""

    NOTHING = "nothing"  # none is in question
    KNOWN = "known"  # she wrote from a device known before: sending goes on, for those
    YES = "yes"  # it is hers
    ANEW = "anew"  # it is hers, and nothing of before is left to vouch for it
    ASK = "ask"  # written on a device in question


def read_shown(user: str, answer: Table) -> Shown:
    """Read an answer to /keys/query. `devices` there must be checked before (`Machine.take_devices`)."""
    master = _key_of(at(answer, "master_keys", user), user, "master")
    signing = _key_of(at(answer, "self_signing_keys", user), user, "self_signing")
    if not (master and signing and _signed(at(answer, "self_signing_keys", user), user, master)):
        signing = ""
    found: list[Device] = []
    for name, plain in table(at(answer, "device_keys", user)).items():
        device = table(plain)
        found.append(
            Device(
                name,
                text(at(device, "keys", f"ed25519:{name}")),
                text(at(device, "keys", f"curve25519:{name}")),
                signed=bool(signing) and _signed(device, user, signing),
            )
        )
    return Shown(master, tuple(found))


def meet(person: Person, shown: Shown, now: datetime) -> bool:
    """Take in what her devices are now; True if she must be asked about one in the middle of a chat."""
    talking = person.mid_chat(now) and person.queried
    person.queried, person.shown = True, shown.master
    known, person.devices = person.devices, {}
    asks = False
    for device in shown.devices:
        before = known.get(device.id)
        if before is not None and (before.ed25519, before.curve25519) == (device.ed25519, device.curve25519):
            device.may_read, device.asked, device.spoke = before.may_read, before.asked, before.spoke
        elif talking:
            device.asked, asks = True, True
        person.devices[device.id] = device
    if not talking:
        _begin(person)
        return False
    person.master = person.master or shown.master
    if shown.master != person.master:
        for device in person.devices.values():
            device.signed = False  # by somebody else, for all we know
    in_question = any(device.asked for device in person.devices.values())
    person.paused = in_question and (person.paused or asks)
    return asks


def wrote(person: Person, device: Device, now: datetime, *, says_mine: bool) -> Claim:
    """An act of hers came from this device: who may read from now on."""
    if not person.mid_chat(now):
        _begin(person)
    if device.asked and person.mid_chat(now):
        device.spoke = True
        if not says_mine:
            return Claim.ASK
        vouched = device.signed
        if not vouched and any(known.may_read for known in person.devices.values()):
            return Claim.ASK  # another device of hers is there to say so
        _accept(person)
        return Claim.YES if vouched else Claim.ANEW
    device.may_read, device.asked = True, False
    in_question = any(other.asked for other in person.devices.values())
    if in_question and says_mine:
        _accept(person)
        return Claim.YES
    if person.paused:
        person.paused = False
        return Claim.KNOWN
    return Claim.NOTHING


def readers(person: Person, *, aside: bool = False) -> list[Device]:
    """The devices that may read; an `aside` also those in question that something was written on."""
    return [
        device
        for device in person.devices.values()
        if device.may_read or (aside and device.asked and device.spoke)
    ]


def _begin(person: Person) -> None:
    """A chat begins: every device counts as hers that her identity vouches for, or all if she has none."""
    person.master = person.shown
    for device in person.devices.values():
        device.asked = device.spoke = False
        device.may_read = device.signed or not person.master
    if not any(device.may_read for device in person.devices.values()):
        # Nothing is vouched for: better read by all of hers than by nobody.
        for device in person.devices.values():
            device.may_read = True
    person.paused = False


def _accept(person: Person) -> None:
    person.master, person.paused = person.shown, False
    for device in person.devices.values():
        device.may_read, device.asked, device.spoke = device.may_read or device.asked, False, False


def _key_of(plain: object, user: str, usage: str) -> str:
    """The one key of a cross-signing key object, "" if it is none."""
    told = table(plain)
    keys = table(told.get("keys"))
    if told.get("user_id") != user or usage not in (told.get("usage") or ()) or len(keys) != 1:
        return ""
    ((name, key),) = keys.items()
    key = text(key)
    return key if key and name == f"ed25519:{key}" else ""


def _signed(plain: object, user: str, key: str) -> bool:
    """Whether an object is signed with this ed25519 key of the user."""
    told = table(plain)
    signature = text(at(told, "signatures", user, f"ed25519:{key}"))
    bare = {name: value for name, value in told.items() if name not in {"signatures", "unsigned"}}
    try:
        vodozemac.Ed25519PublicKey.from_base64(key).verify_signature(
            Api.to_canonical_json(bare).encode(), vodozemac.Ed25519Signature.from_base64(signature)
        )
    except (ValueError, TypeError):
        return False
    return True
