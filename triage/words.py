"""Keys of the guide's own words, `word.<name>`: what the engine says outside the author's steps.

Every published language gives each of them (D-50). Labels obey the limits of any label (D-40).
"""

from typing import Final

from triage.model import GlobalAction

PREFIX: Final = "word."

# Said.
KEPT: Final = "word.kept"  # "I kept what you wrote."
KEPT_EARLY: Final = "word.kept_early"  # the same before the notice: neutral, names nothing
KEPT_WAITING: Final = "word.kept_waiting"  # the same while she waits for a person, where the script has it
LOST: Final = "word.lost"  # second unknown reply: offers a person or the menu
MEDIA: Final = "word.media"  # she sent something that is not text; "1 = a person"
MORE: Final = "word.more"  # above the list of global actions
LANGUAGE: Final = "word.language"  # above the list of languages
OTHER_LANGUAGE: Final = "word.other_language"  # kept, and these languages are known; where written
HIDE_HELP: Final = "word.hide_help"  # what hide does, and what it cannot undo (B-016)
PHRASE_ROW: Final = "word.phrase_row"  # above the rows after the first, where written
WAITING: Final = "word.waiting"  # while she waits for a person, where the handoff step has no text
WAIT_HERE: Final = "word.wait_here"  # she chose to wait here: news may come for 30 min

# Labels.
HIDE_LABEL: Final = "word.hide_label"
MORE_LABEL: Final = "word.more_label"
RETURN_LABEL: Final = "word.return_label"  # back from a list to the question
HELP_NOW_LABEL: Final = "word.help_now_label"
PERSON_LABEL: Final = "word.person_label"
PERSON_LATER_LABEL: Final = "word.person_later_label"  # in its place while the line is closed, where written
MENU_LABEL: Final = "word.menu_label"
BACK_LABEL: Final = "word.back_label"
LANGUAGE_LABEL: Final = "word.language_label"
STOP_LABEL: Final = "word.stop_label"
WAIT_LABEL: Final = "word.wait_label"
LEAVE_LABEL: Final = "word.leave_label"  # leave the queue
NEXT_LABEL: Final = "word.next_label"  # next page of a list
SKIP_LABEL: Final = "word.skip_label"
PERSON_OFF_LABEL: Final = "word.person_off_label"
SHOW_LABEL: Final = "word.show_label"
HIDE_HELP_LABEL: Final = "word.hide_help_label"

# The language's own name for itself.
LANGUAGE_NAME: Final = "word.language_name"

SPOKEN: Final = (KEPT, KEPT_EARLY, LOST, MEDIA, MORE, LANGUAGE, HIDE_HELP, WAITING, WAIT_HERE)
LABELS: Final = (
    HIDE_LABEL,
    MORE_LABEL,
    RETURN_LABEL,
    HELP_NOW_LABEL,
    PERSON_LABEL,
    MENU_LABEL,
    BACK_LABEL,
    LANGUAGE_LABEL,
    STOP_LABEL,
    WAIT_LABEL,
    LEAVE_LABEL,
    NEXT_LABEL,
    SKIP_LABEL,
    PERSON_OFF_LABEL,
    SHOW_LABEL,
    HIDE_HELP_LABEL,
)
ALL_WORDS: Final = (*SPOKEN, *LABELS, LANGUAGE_NAME)

LABEL_OF: Final[dict[GlobalAction, str]] = {
    GlobalAction.HIDE: HIDE_LABEL,
    GlobalAction.HELP_NOW: HELP_NOW_LABEL,
    GlobalAction.PERSON: PERSON_LABEL,
    GlobalAction.MENU: MENU_LABEL,
    GlobalAction.BACK: BACK_LABEL,
    GlobalAction.LANGUAGE: LANGUAGE_LABEL,
    GlobalAction.STOP: STOP_LABEL,
    GlobalAction.MORE: MORE_LABEL,
    GlobalAction.PERSON_OFF: PERSON_OFF_LABEL,
    GlobalAction.SHOW: SHOW_LABEL,
    GlobalAction.WAIT: WAIT_LABEL,
}
"""Label of the choice that stands for a global action; its token is `!<action>`."""
