"""The word grid and the callback (design §4)."""

from dataclasses import replace

from bot.services.erasure import OF_ONE_TALK
from tests.triage.builders import LINE, OPEN, at_menu, effects_of
from triage.effects import PhraseChosen, PhraseTried, Remembered, RequestCallback, TextKept
from triage.model import TextEntry

ROW = TextEntry("Word {round} of {rounds}.", 1, 1)
WITH_ROW = replace(LINE, texts={**LINE.texts, "en": {**LINE.texts["en"], "word.phrase_row": ROW}})
WITHOUT_GRID = replace(OPEN, grid={})


def test_four_taps_set_a_phrase() -> None:
    talk = at_menu().taps("want.phrase")
    assert [choice.label for choice in talk.choices[:8]] == [f"a{number}" for number in range(1, 9)]
    assert talk.effects[-1].values == {"round": "1", "rounds": "4"}
    talk.taps("grid.1", "grid.8", "grid.3")
    assert talk.choices[0].label == "d1"
    talk.taps("grid.2")
    assert effects_of(talk, PhraseChosen) == [PhraseChosen(("a1", "b8", "c3", "d2"))]
    assert talk.run.step == "want"
    assert talk.run.grid == ()


def test_who_has_set_words_has_said_so_in_this_talk_only() -> None:
    talk = at_menu().taps("want.phrase", "grid.1", "grid.1", "grid.1", "grid.1")
    assert talk.run.answers["phrase"] == "set"
    assert not effects_of(talk, Remembered)
    assert "phrase" in OF_ONE_TALK


def test_the_rows_after_the_first_say_how_far_she_is() -> None:
    talk = at_menu(WITH_ROW).taps("want.phrase")
    assert talk.said == ["phrase.text"]
    talk.taps("grid.1")
    assert (talk.said, talk.effects[-1].values["round"]) == (["word.phrase_row"], "2")
    assert at_menu().taps("want.phrase", "grid.1").said == ["phrase.text"]  # a script without the word


def test_words_can_be_typed_or_given_by_digit() -> None:
    talk = at_menu().taps("want.phrase").types("1", "B8", "3", "d2")
    assert effects_of(talk, PhraseChosen) == [PhraseChosen(("a1", "b8", "c3", "d2"))]


def test_the_run_holds_digits_not_words() -> None:
    assert at_menu().taps("want.phrase", "grid.4").run.grid == ("4",)


def test_a_phrase_is_tried_and_the_host_decides() -> None:
    talk = at_menu().taps("want.check", "grid.1", "grid.1", "grid.1", "grid.1")
    assert talk.effects == (PhraseTried(("a1", "b1", "c1", "d1")),)
    assert talk.phrase_is(found=True).said == ["known.text", "want.text"]
    talk = at_menu().taps("want.check", "grid.1", "grid.1", "grid.1", "grid.2")
    assert talk.phrase_is(found=False).said == ["stranger.text", "want.text"]


def test_an_outcome_nobody_waits_for_says_nothing() -> None:
    assert at_menu().phrase_is(found=True).effects == ()
    assert at_menu().taps("want.check", "grid.1").phrase_is(found=True).effects == ()


def test_what_she_does_while_the_phrase_is_compared_is_answered() -> None:
    talk = at_menu().taps("want.check", "grid.1", "grid.1", "grid.1", "grid.1")
    assert talk.types("hello are you still there").said == ["word.kept", "check.text"]
    assert talk.tokens == ["!hide", "!more"]
    assert talk.taps("grid.5").said == ["check.text"]
    assert talk.phrase_is(found=True).said == ["known.text", "want.text"]


def test_another_language_begins_the_grid_anew() -> None:
    talk = at_menu().taps("want.phrase", "grid.1", "!language", "language.ro")
    assert talk.run.grid == ()
    assert talk.choices[0].label == "s1"


def test_without_a_grid_she_is_led_on_as_a_stranger() -> None:
    assert at_menu(around=WITHOUT_GRID).taps("want.phrase").run.step == "want"
    assert at_menu(around=WITHOUT_GRID).taps("want.check").said == ["stranger.text", "want.text"]


def test_a_grid_that_disappears_midway_is_no_dead_end() -> None:
    talk = at_menu().taps("want.phrase", "grid.1")
    talk.around = WITHOUT_GRID
    talk.taps("grid.1")
    assert "!person" in talk.tokens
    assert effects_of(talk.types("and now what do I do"), TextKept)


def test_a_callback_is_agreed_for_hours_that_are_named_or_refused() -> None:
    talk = at_menu().taps("want.callback")
    assert talk.tokens[:3] == ["callback.a", "callback.b", "callback.refused"]
    agreed = talk.taps("callback.a")
    assert effects_of(agreed, RequestCallback) == [RequestCallback("a", {})]
    assert agreed.run.answers["callback_text"] == "parcel"
    again = agreed.taps("want.callback").types("2")
    assert effects_of(again, RequestCallback) == [RequestCallback("b", {"callback_text": "parcel"})]
    refused = at_menu().taps("want.callback").types("3")
    assert effects_of(refused, RequestCallback) == [RequestCallback("", {})]
    assert refused.run.step == "want"


def test_hours_that_are_gone_are_asked_about_anew_and_none_are_no_question() -> None:
    talk = at_menu().taps("want.callback")
    talk.around = replace(OPEN, callbacks=(("c", "Friday 18:00–20:00"),))
    talk.taps("callback.a")
    assert not effects_of(talk, RequestCallback)
    assert talk.tokens[:2] == ["callback.c", "callback.refused"]
    talk.around = replace(OPEN, callbacks=())
    talk.taps("callback.c")
    assert not effects_of(talk, RequestCallback)
    assert talk.run.step == "want"
    assert at_menu(around=replace(OPEN, callbacks=())).taps("want.callback").run.step == "want"
