"""A key ring and a backup's part as the first release wrote them still open, and index the same.

If one of these fails, an update locks a hotline out of its own keys. Add a version; do not change a vector.
"""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.vault.key_ring import RING_FILE, KeyRing
from bot.vault.master_key import MasterKey, load_master_key
from bot.vault.vault import Vault

NOW = datetime(2025, 7, 14, 12, tzinfo=UTC)
MASTER = bytes(range(32))
PASSPHRASE = "șase cuvinte trase la sorți azi"

BY_KEY_FILE = (
    "SExSSU5HAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGgPgc66Tpuzhg5fQdT2IxYJg1pBaEKV/qPC6P+c7EABM1AlAQXF"
    "r0ocWOihhPJf16+ZdDvZzMenk4mG2jEJsuurwPVym46EjlNjnNfMgYE50mfhr8wxh5xIJjzfcoep7pGfoscnW2l2Hw8CrZj7QLxO"
    "3egq7lLo4IlTFj1uyF/IwbVncw2mTH1j5AeUxGSUej+Gvv9nEpdteHsYrEcXhT5OGmjGjZ4ehV7vAKT9SyFcEV8mNtjbzlbrQs3n"
    "hPsj90/rLQWJHd3QADxTwk4ASOXqbjWsRe3GzRYqjK9dRWgBVYUVK8PGIlv7YOxbEwfSa/VzbeHc3jSKc80hxT9rHJOVJnsV6Eei"
    "dor64If0kaoyBOCNht/Mt9eon9wYQm47tkxr7cA4+QciQ6x4UQTwUtXaMABshYqLCiaXDoh6DejjysPDNGG4zHBImhfnsmYi2yeM"
    "NOKKPBfmrPnsebuFNQwaluqdhdOHlDgd5QnAoyw5SU/QF9eMVYiC4X//PuAHBt0UQRrAKrgArMvlUdl5N9z1yjjmAtUL49y72DQP"
    "vfZe2J7XZ3D6Vdsd4R/ZzBiLgr0MFzZ/NRF0rqRVGBEwD5WdNKe7dWHN0nUpHkvrJ39ibeFJtw2DSnx2xYO/Mvo/UJP2Vc4svnVX"
    "ahrQwjvuEe8WOzR/d9UyFZbU+Hug6BIHj5rea5DsVbj/mpjKFUejecUeJze4Kn0lFhCBAMJvW7jptpeBi3JqEJ18XqNHcQa/aohX"
    "vk1uxnAVwZnoLA5JIiLl/zl+FjYwvvqFKHVIWEgrhA=="
)

BY_PASSPHRASE = (
    "SExSSU5HAAEBAAECAwQFBgcICQoLDA0ODwAAAAIAAABAAAAAAeiMQwxsS0A/BZeTxekczoHauitbUUp+6aWoYIhhsyX8nWgtWfWJ"
    "PKa1IyU1Aa6EtHIE/FRfec/lyKMj6aZMHiNxX6ZDSFeeI22tqrXMXmWo7KVur+DFC8Gp20GMgcHcSViVIkc/J3/TzqlcMtO3annH"
    "ZpyFn0CjnArhhPOd2YsDPjjbc637lkosMgq2QbA39zHs7iHCT1INYN8shzcx8BsrgznCpty4ZPJR31lPIRpU4nv0kvPW/hQ9WJqo"
    "Uc8JAkKDZrOYCxkOlpo2rdMwi3PKqVqqmSuNClrTV5SKfsKjyLovofB8TX0OLGy3kXEe6toawo7J7+pAohj3s+W6SxzpYnREt9R3"
    "1hcenTHOdmr7F3A4U2ZH48AGUHO7PQ+IgfhzFFNXEZTanozz3niJECS87CshyNizbC7FNU5gg29NdU1J3oX0mBQALDrCg15JPg1W"
    "Vphv13+ATZlyo4fu0K/xX9Jx2m0GNrgZgRoQvkmrGuexswk+OU5NaSoFXZW9s6DY13n6cZEAA89+ph7Q7y7wab0ZysKajc/J1bC6"
    "5giQYJwJxxhpihgk3yIjsyHwKVaPsJAL9Fxa35tRgGJYWgVLqX7F03yT2DlD/YVek85pVsw93KyPQodx7Ojtt/xKlJAr7ifdtXwm"
    "nMhvsB4WU0Ly8u3Hx22k19GGWzG4vOY9eR4q1GRxygnoW+pj0ZE7iM5diMpYOPNDIBNBsqEtS+aYf+i3BSOaDwFe0TZsG/iJbiiR"
    "lSdm5+5NxvFQqpbqZc2uG0aiT3PB+xACeJModLPs+g=="
)

ORGANISATION_PART = (
    "SExPUkdBAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAKZtNrDPxm7bxaCIz3CCOsNscjDLBDURrIxHZLdpW+J3enLS6quj"
    "Y7B6c5tJvOze9R6/+ISRHwplp+2Bc0pvF0usUAqyZG+1VVS6fRYoeVOnSegQiw7k3LAb3lusyowigf2LLHjJRZtYv148gLJQrDDx"
    "kIrya0qY2XFFY9H1eV3lWntS4XpEGafcOYByOrK+olnGEO3rZY6Ow068K6Gd2d1deXRsodgfJ5uwqtyPnJxsHRVSoMwwAHff/HL2"
    "qsscPDqe"
)

ADDRESS_INDEXES = [
    ("2025W29-abcdefgh", "6f53c20657d8112071c0c07320c4cddff0668faa831a39c6886a988c42682031"),
    ("2025W28-abcdefgh", "3319f275a61aad24eac5891602f72afed32fdc322db8917c3940bfba61742097"),
]
EXTERNAL_INDEX = "358688889185b66200e91f08f3c3943cad3fa0175773602f17396be7daa5a6ed"
ALIAS_INDEX = "21273f76c2189e7d5def3f0f938a2d5531afc9d0aee2495bc5ca8df4bcb971b9"


def ring_of_the_first_release(folder: Path, text: str, master: MasterKey) -> KeyRing:
    (folder / RING_FILE).write_bytes(base64.b64decode(text))
    return KeyRing.open(folder, master)


@pytest.mark.parametrize(
    ("text", "master"),
    [(BY_KEY_FILE, MasterKey(MASTER)), (BY_PASSPHRASE, load_master_key(None, PASSPHRASE))],
    ids=["key file", "passphrase"],
)
def test_a_ring_of_the_first_release_opens_with_the_same_keys(
    tmp_path: Path, text: str, master: MasterKey
) -> None:
    contents = ring_of_the_first_release(tmp_path, text, master).contents()
    assert contents.organisation == bytes([1]) * 32
    assert contents.organisation_index == bytes([2]) * 32
    assert [(key.id, key.begun, key.secret) for key in contents.epochs] == [
        ("20250714abcdefgh", datetime(2025, 7, 14, tzinfo=UTC), bytes([3]) * 32)
    ]
    assert [(key.id, key.begun, key.secret) for key in contents.index_keys] == [
        ("2025W28-abcdefgh", datetime(2025, 7, 7, tzinfo=UTC), bytes([4]) * 32),
        ("2025W29-abcdefgh", datetime(2025, 7, 14, tzinfo=UTC), bytes([5]) * 32),
    ]


def test_blind_indexes_are_the_same_to_the_byte(tmp_path: Path) -> None:
    vault = Vault(ring_of_the_first_release(tmp_path, BY_KEY_FILE, MasterKey(MASTER)))
    found = [(key_id, index.hex()) for key_id, index in vault.address_indexes("telegram", "5550001")]
    assert found == ADDRESS_INDEXES
    assert vault.external_indexes("telegram", "5550001")[0][1].hex() == EXTERNAL_INDEX
    assert vault.organisation_index("alias", "ana").hex() == ALIAS_INDEX


def test_a_backups_part_of_the_first_release_is_restored(tmp_path: Path) -> None:
    ring = KeyRing.restore(tmp_path, MasterKey(MASTER), base64.b64decode(ORGANISATION_PART), NOW)
    assert ring.contents().organisation == bytes([1]) * 32
    assert ring.contents().organisation_index == bytes([2]) * 32
