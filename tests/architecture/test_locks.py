"""The lock files pin everything, with hashes, and point to no package registry."""

import re

import pytest

from tests.architecture.tree import ROOT

LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "deploy/build.lock",
    "tests/peers/telegram/aiogram.lock",
    "tests/matrix/synapse.lock",
)
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;\\]+)")


def pins(lock: str) -> dict[str, str]:
    """Name → its whole requirement, hashes and all."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = {match["name"]: line for line in lines if (match := PIN.match(line))}
    assert len(found) == len(lines), f"{lock} has lines that are no exact pin"
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    bare = [name for name, line in pins(lock).items() if not re.search(r"--hash=sha256:[0-9a-f]{64}", line)]
    assert bare == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    words = ("://", " @ ", "--index", "--extra-index", "--find-links", "--trusted-host", "-e ")
    assert [word for word in words if word in text] == []


def version(requirement: str) -> str:
    match = PIN.match(requirement)
    assert match is not None
    return match["version"]


@pytest.mark.parametrize("lock", ["requirements.lock", "deploy/build.lock"])
def test_the_dev_lock_holds_the_same_versions(lock: str) -> None:
    dev = pins("requirements-dev.lock")
    assert {name: version(line) for name, line in pins(lock).items()} == {
        name: version(dev[name]) for name in pins(lock) if name in dev
    }
