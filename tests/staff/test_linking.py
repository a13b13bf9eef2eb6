"""An address is linked by a one-time code of the console: forty bits, five tries, ten minutes."""

from bot.services import people
from bot.services.messenger import addresses
from bot.store import staff_tables as s
from tests.forensics.marks import traces
from tests.staff.bureau import Bureau

WRONG = "That code does not work. Codes live ten minutes; the console makes a new one."
RESTING = "Too many wrong codes. Wait ten minutes, then take a new code from the console."


async def test_a_code_links_once(bureau: Bureau) -> None:
    code = bureau.code("Maple")
    mine, other = bureau.network.phone("m1"), bureau.network.phone("m2")
    mine.types(f"/link {code.lower()}")
    await bureau.settle()
    other.types(f"/link {code}")
    await bureau.settle()
    assert "linked to Maple" in mine.everything()
    assert bureau.said == [("m2", WRONG)]
    assert [row.person for row in bureau.town.rows(s.staff_address)] == [bureau.town.person_id("Maple")]


def test_a_code_has_forty_bits(bureau: Bureau) -> None:
    code = bureau.code("Maple").replace("-", "")
    assert len(set(addresses.CODE_LETTERS)) ** len(code) == 2**40


async def test_a_code_lives_ten_minutes_and_a_new_one_ends_it(bureau: Bureau) -> None:
    old = bureau.code("Maple")
    late = bureau.code("Maple")
    bureau.town.clock.move(minutes=10)
    for code in (old, late):
        bureau.network.phone("m1").types(code)
    await bureau.settle()
    assert [text for _, text in bureau.said] == [WRONG, WRONG]


async def test_after_five_wrong_codes_an_address_rests_ten_minutes(bureau: Bureau) -> None:
    phone = bureau.network.phone("m1")
    for _ in range(5):
        phone.types("/link 2222-2222")
    phone.types(f"/link {bureau.code('Maple')}")
    await bureau.settle()
    assert [text for _, text in bureau.said] == [WRONG] * 5 + [RESTING]
    assert phone.texts() == []
    bureau.town.clock.move(minutes=10, seconds=1)
    phone.types(f"/link {bureau.code('Maple')}")
    await bureau.settle()
    assert "linked to Maple" in phone.everything()


async def test_a_stranger_gets_one_neutral_line_with_the_emergency_number_and_is_kept_nowhere(
    bureau: Bureau,
) -> None:
    bureau.network.phone("stranger-handle").types("he hurt me quillwort")
    await bureau.settle()
    assert bureau.said == [
        ("stranger-handle", "Nobody reads this chat. In an emergency, call 112 (Romania).")
    ]
    assert bureau.town.rows(s.staff_address) == []
    bureau.town.closes()
    assert traces(bureau.town.folder, ["stranger-handle", "quillwort"]) == []


async def test_what_lies_in_the_database_names_no_address(bureau: Bureau) -> None:
    await bureau.links("Maple", "maples-own-handle")
    bureau.town.closes()
    assert traces(bureau.town.folder, ["maples-own-handle"]) == []


async def test_whoever_is_shut_out_is_a_stranger_at_once(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    person = bureau.town.person_id("Maple")
    bureau.town.write(lambda c: people.suspend(c, person))
    phone.types("/ready")
    await bureau.settle()
    assert bureau.said[-1][1].startswith("Nobody reads this chat.")


async def test_unlinking_takes_away_what_stands_there(bureau: Bureau) -> None:
    phone = await bureau.links("Maple")
    town, person = bureau.town, bureau.town.person_id("Maple")
    [address] = town.write(lambda c: addresses.linked(c, person))
    town.write(lambda c: addresses.unlink(c, town.house, person, address.id, town.now))
    await bureau.passes(minutes=11)
    assert phone.messages == []
    assert town.write(lambda c: addresses.linked(c, person)) == ()


async def test_an_address_that_changes_hands_keeps_nothing_of_the_first(bureau: Bureau) -> None:
    phone, _ = await bureau.talking()
    phone.types(f"/link {bureau.code('Juniper')}")
    await bureau.settle()
    assert "She:" not in phone.everything()
    assert "Ordinary" not in phone.everything()
    assert [row.person for row in bureau.town.rows(s.staff_address)] == [bureau.town.person_id("Juniper")]
