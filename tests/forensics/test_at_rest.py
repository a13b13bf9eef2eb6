"""Nothing anybody wrote or is lies readable on the disk, at any moment (PR6)."""

from pathlib import Path

from tests.forensics.conftest import ALIAS, HANDLE, Journey
from tests.forensics.marks import Trace, forms, opened, traces


def test_a_mark_is_found_in_every_form_it_could_lie_in(tmp_path: Path) -> None:
    mark = "Zaunkönig-control"
    for number, (name, form) in enumerate(forms(mark).items()):
        (tmp_path / str(number)).write_bytes(b"before " + form + b" after")
        assert Trace(str(number), mark, name) in traces(tmp_path, [mark])


async def test_no_word_name_or_address_lies_readable_while_she_is_there(journey: Journey) -> None:
    town = journey.town
    await journey.to_the_queue()
    assert traces(town.folder, journey.marks) == []
    chat = await journey.talk()
    assert traces(town.folder, journey.marks) == []
    chat.passes_on()
    await town.settle()
    assert traces(town.folder, journey.marks) == []
    # The same search finds the words once they are opened: it looks for the right thing.
    plain = b"\n".join(
        text for texts in opened(town.folder / "hotline.db", town.house.vault).values() for text in texts
    )
    assert {mark for mark in journey.marks if mark.encode() in plain} >= {ALIAS, HANDLE}


async def test_nothing_lies_readable_after_she_has_gone_either(journey: Journey) -> None:
    await journey.to_the_queue()
    await journey.close(await journey.talk())
    assert traces(journey.town.folder, journey.marks) == []
