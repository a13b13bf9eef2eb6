"""Going back takes one person, at once; what was recalled never comes back, by any way."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.model import Role
from bot.services.permissions import NotAllowed
from bot.services.publishing import LiveMoved, NotPublishable
from bot.services.revisions import TooLong
from bot.services.taking_back import NothingToReturnTo, discard
from bot.store import tables as t
from tests.publishing.press import Press, changed
from triage.reading import SourceFile


def three(press: Press) -> tuple[int, int, int]:
    """Three revisions, each live after the other."""
    first, second, third = (
        press.published_and_signed(changed(press.source, "hello.go", text))
        for text in ("Yes", "Yes, go on", "Go on here")
    )
    return first, second, third


def test_each_step_back_goes_to_what_was_live_before(either_press: Press) -> None:
    press = either_press
    first, second, third = three(press)
    gone = press.roll_back(by="Alder")
    assert (gone.revision.id, gone.live.id if gone.live else 0) == (third, second)
    assert press.state(third) == "withdrawn"
    assert press.roll_back(by="Rowan").revision.id == second
    assert press.live() == first
    with pytest.raises(NothingToReturnTo, match="Mend the text"):
        press.roll_back()
    assert press.live() == first


def test_publishing_goes_by_when_a_text_was_live_not_by_its_number(press: Press) -> None:
    older = press.draft(changed(press.source, "hello.go", "Yes")).id
    newer = press.published_and_signed(changed(press.source, "hello.go", "Yes, go on"))
    press.publish(older, replacing=newer)
    assert press.roll_back().live.id == newer


def test_a_text_taken_back_by_mistake_can_be_published_again(press: Press) -> None:
    _, second, third = three(press)
    press.roll_back()
    press.publish(third)
    assert press.live() == third
    assert press.roll_back().live.id == second


def test_who_may_not_withdraw_takes_nothing_back(press: Press) -> None:
    three(press)
    for act in (lambda: press.roll_back(by="Maple"), lambda: press.recall(1, by="Maple")):
        with pytest.raises(NotAllowed):
            act()


def test_a_recalled_revision_is_never_gone_back_to(press: Press) -> None:
    first, second, third = three(press)
    press.recall(second, by="Alder")
    assert press.live() == third
    assert press.roll_back(harmful=True).live.id == first
    assert (press.state(second), press.state(third)) == ("recalled", "recalled")
    with pytest.raises(NothingToReturnTo):
        press.roll_back()


def test_a_recalled_revision_is_not_published_again_in_any_copy(press: Press) -> None:
    _, _, third = three(press)
    source = press.source_of(third)
    press.roll_back(harmful=True)
    with pytest.raises(NotPublishable, match="does not come back"):
        press.publish(third)
    copy = press.draft(source)
    assert copy.id != third
    with pytest.raises(NotPublishable, match=f"letter for letter revision {third}"):
        press.publish(copy.id)
    press.publish(press.draft(changed(source, "hello.later", "Not now")).id)  # what is mended goes live


def test_recalling_takes_every_copy_of_the_same_texts(press: Press) -> None:
    first, second, _ = three(press)
    press.roll_back()
    press.roll_back()
    again = press.published_and_signed(changed(press.source, "hello.go", "Yes, go on"))
    gone = press.recall(again)
    assert [one.id for one in gone.others] == [second]
    assert press.live() == first
    assert press.library().recalled == {second, again}


def test_the_only_revision_is_recalled_once_a_mended_one_is_live(press: Press) -> None:
    only = press.published_and_signed()
    with pytest.raises(NothingToReturnTo, match=f"recall revision {only}"):
        press.roll_back(harmful=True)
    assert press.live() == only
    mended = press.published_and_signed(changed(press.source, "hello.go", "Yes, go on"))
    gone = press.recall(only)
    assert (gone.live.id if gone.live else 0, press.state(only)) == (mended, "recalled")
    with pytest.raises(NothingToReturnTo):
        press.roll_back()


def test_in_open_one_goes_back_to_signed_texts_only(press: Press) -> None:
    signed = press.published_and_signed()
    tried = press.draft(changed(press.source, "hello.go", "Yes, go on")).id
    press.publish(tried)
    press.published_and_signed(changed(press.source, "hello.go", "Go on here"))
    press.house.mode = "open"
    assert press.roll_back().live.id == signed
    assert press.state(tried) == "replaced"


def test_a_draft_is_put_aside_and_nobody_publishes_it(press: Press) -> None:
    draft = press.draft().id
    live = press.published_and_signed(changed(press.source, "hello.go", "Yes, go on"))
    edda = press.id("Edda")
    press.write(lambda c: discard(c, press.house, edda, draft, press.now))
    with pytest.raises(NotPublishable, match="put aside"):
        press.publish(draft)
    with pytest.raises(NotPublishable, match="only a draft"):
        press.write(lambda c: discard(c, press.house, edda, live, press.now))
    with pytest.raises(NotPublishable, match="never live"):
        press.recall(press.draft(changed(press.source, "hello.go", "Go on here")).id)


def test_every_act_is_audited_with_who_did_it_and_to_what(press: Press) -> None:
    three(press)
    press.roll_back(by="Rowan")
    press.roll_back(by="Alder", harmful=True)
    acts = [(actor, verb, thing, codes) for actor, verb, thing, codes in press.acts() if verb != "sign"]
    assert acts[-2:] == [
        (press.id("Rowan"), "rollback", "script.3", ("to.2",)),
        (press.id("Alder"), "recall", "script.2", ("harmful", "to.1")),
    ]
    assert ("program", "publish", "script.1", ("network", "signed")) in acts


# --- publishing over one another --------------------------------------------------------------------------
def test_a_draft_begun_before_another_went_live_does_not_undo_it_by_chance(press: Press) -> None:
    base = press.published_and_signed()
    mine = press.edit("Edda", base, "hello.go", "Yes, go on").id
    theirs = press.edit("Edda", base, "hello.later", "Not now").id
    press.publish(theirs)
    with pytest.raises(LiveMoved, match=f"scripts diff {theirs} {mine}"):
        press.publish(mine)
    assert press.live() == theirs
    press.publish(mine, replacing=theirs)
    assert press.live() == mine


def test_unsigned_publishing_is_possible_while_trying_out_and_is_called_so(press: Press) -> None:
    done = press.publish(press.draft().id, by="Rowan")
    assert done.standing.told == "not signed / not reviewed"
    assert press.acts()[-1][3] == ("network", "unsigned")
    assert press.library().signed == frozenset()


@pytest.mark.parametrize("alias", ["Edda", "Alder", "Maple"])
def test_an_editor_cannot_publish_alone(press: Press, alias: str) -> None:
    number = press.draft().id
    with pytest.raises(NotAllowed):
        press.publish(number, by=alias)
    assert press.live() is None


def test_who_may_not_edit_imports_nothing(press: Press) -> None:
    with pytest.raises(NotAllowed):
        press.draft(by="Rowan")


def test_a_script_longer_than_any_may_be_is_not_kept(press: Press) -> None:
    source = press.source
    huge = SourceFile(source.document.name, source.document.text + "#" * 10_000_000)
    with pytest.raises(TooLong, match="at most 1,000,000"):
        press.draft(replace(source, document=huge))
    assert press.rows(t.script_revision) == []


def test_two_live_revisions_of_a_desk_cannot_be(either_press: Press) -> None:
    press = either_press
    first, second, _ = three(press)
    with pytest.raises(Exception, match="script_revision"):
        press.write(
            lambda c: c.execute(
                update(t.script_revision)
                .where(t.script_revision.c.id.in_([first, second]))
                .values(state="published")
            )
        )


def test_a_supervisor_of_one_desk_takes_back_nothing_of_the_network(press: Press) -> None:
    press.invite("Nora", Role.SUPERVISOR, desk="north")
    three(press)
    with pytest.raises(NotAllowed):
        press.roll_back(by="Nora")
