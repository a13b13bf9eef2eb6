"""A desk changes single steps and texts of the network's script, by id, and knows when its ground moves."""

import pytest

from bot.model import Role
from bot.services import comparing, documents, editing, overlaying, publishing, revisions
from bot.services.audit import PROGRAM
from bot.services.documents import ScriptSource, UnusableFile
from bot.services.judging import HasErrors
from bot.services.overlaying import NoOverlay
from bot.services.permissions import NotAllowed
from bot.services.publishing import NotPublishable
from bot.services.revisions import Revision
from bot.services.sheets import sheet_of
from tests.publishing.press import Press, changed
from tests.publishing.test_editing import together

CHANGES = """\
spec: 1
over: clean   # the network's script
steps:
  # In the north places come first.
  menu:
    ask: {choices: [{id: places, to: places}, {id: person, to: consent}, {id: done, to: bye}]}
    tags: [menu]
"""


def written(press: Press, document: str = CHANGES, **texts: str) -> ScriptSource:
    """The files of desk north."""
    folder = press.config / "desks" / "north" / "scripts"
    folder.mkdir(parents=True, exist_ok=True)
    demo = (press.config / "desks" / "demo" / "desk.yaml").read_text(encoding="utf-8")
    (folder.parent / "desk.yaml").write_text(demo.replace("id: demo", "id: north"), encoding="utf-8")
    (folder / "clean.yaml").write_text(document, encoding="utf-8")
    for tag, text in texts.items():
        (folder / f"clean.{tag}.yaml").write_text(text, encoding="utf-8")
    return documents.script_sources(folder)[0]


def laid(press: Press, changes: ScriptSource) -> Revision:
    """The changes as a draft of desk north."""
    return press.write(
        lambda c: publishing.import_source(
            c,
            press.house,
            PROGRAM,
            "north",
            overlaying.lay_over_live(c, press.house.vault, changes),
            press.now,
        )
    )


def texts_of(press: Press, number: int, language: str = "en") -> dict[str, str]:
    return dict(sheet_of(press.source_of(number)).texts[language])


def test_a_desk_says_its_own_and_everything_else_as_the_network(either_press: Press) -> None:
    press = either_press
    press.published_and_signed()
    own = laid(press, written(press, en='hello.go: "Yes, in the north"\n')).id
    press.publish(own)
    library = press.library()
    assert library.live == {"network": 1, "north": own}
    script, theirs = library.scripts[own], library.scripts[1]
    assert script.texts["en"]["hello.go"].text == "Yes, in the north"
    assert script.texts["en"]["hello.later"] == theirs.texts["en"]["hello.later"]
    assert [choice.id for choice in script.steps["menu"].kind.choices] == ["places", "person", "done"]
    assert {name for name in script.steps if script.steps[name].kind != theirs.steps[name].kind} == {"menu"}


def test_its_difference_is_told_step_by_step(press: Press) -> None:
    press.published_and_signed()
    own = laid(press, written(press, ro='hello.go: "Da, continuăm"\n')).id
    changes = comparing.compare(sheet_of(press.source_of(1)), sheet_of(press.source_of(own)))
    assert [(one.step, one.said, one.language, one.after) for one in changes] == [
        ("hello", "The choice “go”", "ro", "Da, continuăm"),
        ("menu", "The choices stand in another order", "", "places, person, done"),
    ]


def test_the_merged_script_is_linted_as_a_whole(press: Press) -> None:
    press.published_and_signed()
    harmful = laid(press, written(press, en='hello.go: "Why did you let it happen?"\n')).id
    with pytest.raises(HasErrors, match=r"clean\.en\.yaml"):
        press.publish(harmful)


def test_what_is_exported_is_what_was_written_to_the_letter(press: Press) -> None:
    press.published_and_signed()
    source = written(press, en='# north only\nhello.go: "Yes, here"  # checked\n')
    own = laid(press, source).id
    assert press.source_of(own).files == source.files


@pytest.mark.parametrize(
    ("document", "texts", "told"),
    [
        ("spec: 1\nover: other\n", {}, "must name the network's script: clean"),
        ("spec: 1\nover: clean\nstart: hello\n", {}, "`start` is not known here"),
        ("spec: 1\nover: clean\nsteps: [menu]\n", {}, "by id"),
        ("spec: 1\nover: clean\n", {"lt": "hello.go: Taip\n"}, "no texts in lt"),
        ("spec: 1\nover: clean\n", {"en": "hello.go: [a, b]\n"}, "must be a text"),
        ("spec: 1\nover: clean\n", {"en": "hello.go: [\n"}, "Cannot be read"),
        ("spec: 1\nover: clean\nover: clean\n", {}, "written twice"),
    ],
)
def test_changes_that_fit_nothing_are_refused_with_their_place(
    press: Press, document: str, texts: dict[str, str], told: str
) -> None:
    press.published_and_signed()
    with pytest.raises(UnusableFile, match=told):
        laid(press, written(press, document, **texts))
    assert press.live("north") is None


def test_without_a_script_of_the_network_there_is_nothing_to_change(press: Press) -> None:
    with pytest.raises(NoOverlay):
        laid(press, written(press))


# --- the ground moves -------------------------------------------------------------------------------------
def test_a_changed_base_marks_the_desk_to_review_until_it_is_merged_anew(either_press: Press) -> None:
    press = either_press
    first = press.published_and_signed()
    own = laid(press, written(press, en='hello.go: "Yes, here"\n')).id
    press.publish(own)
    assert press.write(lambda c: overlaying.to_review(c, press.house.vault)) == ()
    second = press.published_and_signed(changed(press.source, "hello.later", "Another time"))
    (marked,) = press.write(lambda c: overlaying.to_review(c, press.house.vault))
    assert (marked.desk, marked.revision, marked.base, marked.live) == ("north", own, first, second)
    assert texts_of(press, own)["hello.later"] == "Later"
    fresh = press.write(lambda c: overlaying.merge_anew(c, press.house, PROGRAM, "north", press.now))
    assert press.live("north") == own  # nothing goes live by itself
    press.publish(fresh.id)
    assert press.write(lambda c: overlaying.to_review(c, press.house.vault)) == ()
    assert texts_of(press, fresh.id)["hello.later"] == "Another time"
    assert texts_of(press, fresh.id)["hello.go"] == "Yes, here"


def test_a_recalled_base_takes_the_desks_copy_with_it(press: Press) -> None:
    first = press.published_and_signed()
    harmful = press.published_and_signed(changed(press.source, "hello.later", "Another time"))
    own = laid(press, written(press)).id
    press.publish(own)
    gone = press.roll_back(harmful=True)
    assert [one.id for one in gone.others] == [own]
    assert press.state(own) == press.state(harmful) == "recalled"
    assert press.library().live == {"network": first}  # the desk goes on with the network's
    with pytest.raises(NotPublishable):
        press.publish(own)


def test_a_desk_that_publishes_while_its_ground_is_recalled_does_not_keep_it(either_press: Press) -> None:
    press = either_press
    press.published_and_signed()
    base = press.published_and_signed(changed(press.source, "hello.later", "Another time"))
    own = laid(press, written(press)).id
    came = together(lambda: press.publish(own), lambda: press.recall(base))
    assert press.state(base) == "recalled", came
    assert press.state(own) in {"recalled", "draft"}, came
    assert press.library().live == {"network": 1}


def test_a_draft_over_a_recalled_base_is_not_published(press: Press) -> None:
    press.published_and_signed()
    press.published_and_signed(changed(press.source, "hello.later", "Another time"))
    own = laid(press, written(press)).id
    press.roll_back(harmful=True)
    with pytest.raises(NotPublishable, match="scripts merge --desk north"):
        press.publish(own)


def test_a_desk_goes_back_to_its_own_earlier_changes_or_to_the_network(press: Press) -> None:
    press.published_and_signed()
    one = laid(press, written(press)).id
    press.publish(one)
    two = laid(press, written(press, en='hello.go: "Yes, here"\n')).id
    press.now = press.now.replace(minute=press.now.minute + 1)
    press.publish(two)
    assert press.roll_back(desk="north").live.id == one
    gone = press.roll_back(desk="north")
    assert gone.live is None
    assert press.library().revision_for("north") == 1


# --- on the page ------------------------------------------------------------------------------------------
def begun(press: Press, by: str = "Edda") -> Revision:
    actor = press.id(by)
    return press.write(lambda c: editing.begin_overlay(c, press.house, actor, "north", press.now))


def test_a_desk_begins_its_changes_from_nothing_and_keeps_only_what_differs(press: Press) -> None:
    press.published_and_signed()
    draft = begun(press).id
    own = press.edit("Edda", draft, "hello.go", "Yes, here").id
    kept = press.source_of(own).overlay
    assert kept is not None
    assert {tag: file.text for tag, file in kept.texts.items()} == {"en": 'hello.go: "Yes, here"\n'}
    assert texts_of(press, own)["hello.go"] == "Yes, here"
    for back in ("Yes", ""):  # the network's text again, typed or emptied
        again = press.edit("Edda", own, "hello.go", back)
        overlay = press.source_of(again.id).overlay
        assert overlay is not None and overlay.texts == {}
        assert texts_of(press, again.id)["hello.go"] == "Yes"
        own = press.edit("Edda", again.id, "hello.go", "Yes, here").id


def test_an_editor_of_another_desk_begins_nothing_here(press: Press) -> None:
    press.published_and_signed()
    press.invite("Nora", Role.EDITOR, desk="demo")
    with pytest.raises(NotAllowed):
        begun(press, "Nora")


def test_a_whole_script_of_a_desk_has_no_base_to_follow(press: Press) -> None:
    press.published_and_signed()
    own = press.draft(changed(press.source, "hello.go", "Yes, here"), desk="north").id
    press.publish(own)
    press.published_and_signed(changed(press.source, "hello.later", "Another time"))
    assert press.write(lambda c: overlaying.to_review(c, press.house.vault)) == ()
    with pytest.raises(NoOverlay):
        press.write(lambda c: overlaying.merge_anew(c, press.house, PROGRAM, "north", press.now))


def test_the_files_of_a_desk_are_found_in_its_folder(press: Press) -> None:
    written(press)
    assert [one.name for one in documents.desk_scripts(press.config, "north")] == ["clean"]
    assert documents.desk_scripts(press.config, "demo") == ()
    assert overlaying.is_overlay(documents.desk_scripts(press.config, "north")[0])
    assert not overlaying.is_overlay(press.source)
    assert not revisions.source_from(revisions.canonical(press.source)).overlay
