"""Changing a text makes another draft; two who change the same one lose nothing."""

import threading
from collections.abc import Callable

import pytest

from bot.model import Role
from bot.services import editing, revisions
from bot.services.editing import DraftMoved, NotEditable, UnknownText
from bot.services.permissions import NotAllowed
from bot.services.taking_back import discard
from tests.publishing.press import Press


def text(press: Press, number: int, key: str, language: str = "en") -> str:
    lines = press.source_of(number).texts[language].text.splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith(f"{key}:")), "")


def test_a_save_changes_one_line_and_leaves_every_other_letter(either_press: Press) -> None:
    press = either_press
    before = press.draft().id
    after = press.edit("Edda", before, "hello.go", "Yes: “go on” \\ now\nhere").id
    old, new = (press.source_of(n).texts["en"].text.splitlines() for n in (before, after))
    assert [(a, b) for a, b in zip(old, new, strict=True) if a != b] == [
        ('hello.go: "Yes"', 'hello.go: "Yes: “go on” \\\\ now\\nhere"')
    ]
    assert press.source_of(after).document == press.source_of(before).document
    assert press.source_of(after).texts["ro"] == press.source_of(before).texts["ro"]
    assert (press.state(before), press.state(after)) == ("revised", "draft")


def test_a_save_that_changes_nothing_makes_no_revision(press: Press) -> None:
    number = press.draft().id
    assert press.edit("Edda", number, "hello.go", "  Yes \r\n").id == number
    assert press.state(number) == "draft"


def test_what_is_published_stays_while_its_text_is_changed(press: Press) -> None:
    live = press.published_and_signed()
    draft = press.edit("Edda", live, "hello.go", "Yes, go on").id
    assert (press.live(), press.state(draft)) == (live, "draft")
    assert text(press, live, "hello.go") == '"Yes"'


def test_the_second_to_save_the_same_draft_is_told_and_loses_nothing(either_press: Press) -> None:
    press = either_press
    base = press.draft().id
    press.invite("Elin", Role.EDITOR)
    first = press.edit("Edda", base, "hello.go", "Yes, go on").id
    with pytest.raises(DraftMoved) as moved:
        press.edit("Elin", base, "hello.later", "Not now")
    assert moved.value.newest.id == first
    # What she wrote is still hers: saved on top of what the other wrote, both stand.
    both = press.edit("Elin", moved.value.newest.id, "hello.later", "Not now").id
    assert text(press, both, "hello.go") == '"Yes, go on"'
    assert text(press, both, "hello.later") == '"Not now"'


def test_the_newest_draft_is_found_however_many_were_saved(press: Press) -> None:
    base = press.draft().id
    number = base
    for word in ("one", "two", "three"):
        number = press.edit("Edda", number, "hello.go", f"Yes {word}").id
    with pytest.raises(DraftMoved) as moved:
        press.edit("Edda", base, "hello.go", "Yes four")
    assert moved.value.newest.id == number


def together(*acts: Callable[[], object]) -> list[object]:
    """Do all at the same moment, each on a connection of its own; what each raised or gave."""
    gate, came = threading.Barrier(len(acts)), list[object]([None] * len(acts))

    def run(place: int) -> None:
        gate.wait()
        try:
            came[place] = acts[place]()
        except Exception as error:  # noqa: BLE001 - told to the test
            came[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_two_who_save_at_the_same_moment_make_one_draft_and_one_conflict(either_press: Press) -> None:
    press = either_press
    base, edda, now = press.draft().id, press.id("Edda"), press.now

    def save(key: str) -> Callable[[], object]:
        return lambda: press.write(
            lambda c: editing.save_texts(c, press.house, edda, base, {("en", key): "Not now"}, now)
        )

    came = together(save("hello.go"), save("hello.later"))
    assert sorted(type(one).__name__ for one in came) == ["DraftMoved", "Saved"], came
    drafts = [
        one
        for one in press.write(lambda c: revisions.revisions(c, press.house.vault))
        if one.state.value == "draft"
    ]
    assert len(drafts) == 1


def test_two_who_publish_at_the_same_moment_leave_one_live(either_press: Press) -> None:
    press = either_press
    base = press.published_and_signed()
    one = press.edit("Edda", base, "hello.go", "Yes, go on").id
    two = press.edit("Edda", base, "hello.later", "Not now").id
    came = together(lambda: press.publish(one), lambda: press.publish(two))
    assert sorted(type(each).__name__ for each in came) == ["LiveMoved", "Published"], came
    assert press.live() in {one, two}


def test_an_empty_text_stays_empty_for_the_linter_to_see_and_a_variant_goes(press: Press) -> None:
    number = press.draft().id
    emptied = press.edit("Edda", number, "hello.go", "").id
    assert text(press, emptied, "hello.go") == '""'
    with pytest.raises(UnknownText):
        press.edit("Edda", emptied, "hello.go.telegram", "Yes")


@pytest.mark.parametrize(
    ("language", "key"), [("en", "hello.nothing"), ("en", "spec"), ("xx", "hello.go"), ("en", "")]
)
def test_a_text_that_does_not_exist_is_not_saved(press: Press, language: str, key: str) -> None:
    number = press.draft().id
    with pytest.raises(UnknownText):
        press.edit("Edda", number, key, "word", language)
    assert press.state(number) == "draft"


def test_a_text_longer_than_any_may_be_is_not_saved(press: Press) -> None:
    with pytest.raises(UnknownText, match="longer than"):
        press.edit("Edda", press.draft().id, "hello.go", "x" * 5_000)


@pytest.mark.parametrize("alias", ["Rowan", "Reva", "Alder", "Maple"])
def test_who_may_not_edit_saves_nothing(press: Press, alias: str) -> None:
    number = press.draft().id
    with pytest.raises(NotAllowed):
        press.edit(alias, number, "hello.go", "Yes, go on")


def test_a_draft_that_was_put_aside_is_not_changed(press: Press) -> None:
    number, edda = press.draft().id, press.id("Edda")
    press.write(lambda c: discard(c, press.house, edda, number, press.now))
    with pytest.raises(NotEditable, match="put aside"):
        press.edit("Edda", number, "hello.go", "Yes, go on")


def test_a_recalled_text_is_mended_from_where_it_stands(press: Press) -> None:
    press.published_and_signed()
    harmful = press.edit("Edda", 1, "hello.go", "Yes, go on").id
    press.publish(harmful)
    press.roll_back(harmful=True)
    mended = press.edit("Edda", harmful, "hello.go", "Go on here").id
    press.publish(mended)
    assert press.live() == mended
