"""What she types: digits, labels, global words, free text, misses, pictures (design §4, D-04, B-028)."""

from dataclasses import replace

import pytest

from tests.triage.builders import LINE, OPEN, Talk, at_menu, effects_of, in_queue
from triage import engine
from triage.effects import (
    EraseAll,
    HideAll,
    Remembered,
    ShareResources,
    Speak,
    TextKept,
)
from triage.run import Aside, HandoffNews, Typed

LETTER = "I do not know how to begin, it has been going on for years"


def test_digits_follow_the_order_of_the_choices_and_end_with_hide_and_more() -> None:
    talk = at_menu()
    assert talk.digits == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
    assert talk.tokens[-2:] == ["!hide", "!more"]
    assert [choice.key for choice in talk.choices[:2]] == ["want.person", "want.role"]


@pytest.mark.parametrize("typed", ["2", " 2 ", "2.", "2)", "２", "2️⃣"])
def test_a_digit_is_understood_however_it_is_typed(typed: str) -> None:
    assert at_menu().types(typed).run.step == "role"


@pytest.mark.parametrize("typed", ["A person", "a PERSON!", "  a  person ", "á pérson"])
def test_a_label_is_understood_however_it_is_typed(typed: str) -> None:
    assert at_menu().types(typed).run.step == "consent"


def test_a_label_of_the_source_language_is_understood_too() -> None:
    talk = at_menu(around=replace(OPEN, client_language="ro"))
    assert talk.run.language == "ro"
    assert talk.types("ro A person").run.step == "consent"
    assert talk.taps("consent.no").types("A person").run.step == "consent"


def test_nine_hides_and_zero_lists_more() -> None:
    assert at_menu().types("9").effects == (HideAll(),)
    talk = at_menu().types("0")
    assert talk.said == ["word.more"]
    assert talk.tokens == [
        "!help_now", "!person", "!menu", "!back", "!language", "!stop", "!about_hiding", "!hide", "!return",
    ]  # fmt: skip
    assert talk.digits == ["1", "2", "3", "4", "5", "6", "7", "9", "0"]


def test_what_hiding_does_can_be_read_anywhere_and_leads_back() -> None:
    live = in_queue().hears(HandoffNews.ACCEPTED)
    for talk, digit in ((Talk(), "7"), (at_menu(), "7"), (in_queue(), "7"), (live, "8")):
        before = talk.run.step
        assert talk.types("0", digit).said == ["word.hide_help"]
        assert talk.tokens == ["!hide", "!return"]
        assert talk.run.step == before
        assert talk.types("0").run.aside is Aside.NONE


def test_zero_in_the_list_goes_back_to_the_question() -> None:
    assert at_menu().types("0", "0").said == ["want.text"]


def test_digits_in_the_list_mean_the_list() -> None:
    assert at_menu().types("0", "2").run.step == "consent"
    assert at_menu().taps("want.role").types("0", "4").run.step == "want"
    assert at_menu().types("0", "6").effects == (EraseAll(),)


def test_a_choice_of_the_question_can_be_tapped_while_the_list_is_shown() -> None:
    assert at_menu().types("0").taps("want.role").run.step == "role"


def test_the_list_of_languages_shows_their_own_names_and_switches() -> None:
    talk = at_menu().types("language")
    assert talk.said == ["word.language"]
    assert [choice.label for choice in talk.choices[:2]] == ["word.language_name", "ro word.language_name"]
    talk.types("2")
    assert talk.run.language == "ro"
    assert talk.said == ["want.text"]
    assert Remembered("language", "ro") in talk.effects


def test_a_global_word_of_another_language_works_only_for_hide_and_help_now() -> None:
    assert at_menu().types("ascunde").effects == (HideAll(),)
    assert at_menu().types("Ajutor acum!").run.step == "after_emergency"
    assert effects_of(at_menu().types("meniu"), TextKept)


def test_global_words_of_the_clients_language_and_english_work() -> None:
    around = replace(OPEN, client_language="ro")
    assert at_menu(around=around).taps("want.role").types("Înapoi").run.step == "want"
    assert at_menu(around=around).taps("want.role").types("back").run.step == "want"


def test_a_global_word_inside_a_sentence_is_free_text() -> None:
    talk = at_menu().types("please hide this from everybody")
    assert effects_of(talk, TextKept)
    assert not talk.run.over


def test_a_letter_is_kept_and_the_question_asked_again_without_a_miss() -> None:
    talk = at_menu().types(LETTER)
    assert effects_of(talk, TextKept)
    assert talk.said == ["word.kept", "want.text"]
    assert talk.run.misses == 0
    assert talk.types(LETTER, LETTER, LETTER).said == ["word.kept", "want.text"]


def test_a_very_long_letter_is_kept_whole() -> None:
    talk = at_menu().types("word " * 3000)
    assert effects_of(talk, TextKept)
    assert talk.run.misses == 0


def test_before_the_notice_the_acknowledgement_is_neutral() -> None:
    assert Talk().types(LETTER).said == ["word.kept_early", "hello.text"]


def test_the_first_miss_shows_the_choices_and_the_second_offers_a_person_or_the_menu() -> None:
    talk = at_menu().types("hm")
    assert talk.said == ["word.kept", "want.text"]
    talk.types("hm?")
    assert talk.said == ["word.kept", "word.lost"]
    assert talk.tokens == ["!person", "!menu", "!hide", "!more"]


def test_the_same_question_is_never_asked_a_third_time() -> None:
    talk = at_menu().types("hm", "hm")
    for _ in range(5):
        talk.types("hm")
        assert "want.text" not in talk.said
        assert "!person" in talk.tokens


def test_after_two_misses_one_and_two_mean_a_person_and_the_menu() -> None:
    assert at_menu().types("hm", "hm", "1").run.step == "consent"
    talk = at_menu().taps("want.role").types("hm", "hm", "2")
    assert talk.run.step == "want"
    assert talk.run.misses == 0


def test_a_stray_digit_is_a_miss_with_nothing_to_keep() -> None:
    talk = at_menu().taps("want.role").types("7")
    assert not effects_of(talk, TextKept)
    assert talk.said == ["role.text"]
    assert talk.types("7").said == ["word.lost"]


@pytest.mark.parametrize("typed", ["", "   ", "?!", "…"])
def test_nothing_typed_is_a_miss_with_nothing_to_keep(typed: str) -> None:
    talk = at_menu().types(typed)
    assert talk.said == ["want.text"]
    assert talk.run.misses == 1


def test_a_phone_number_is_kept() -> None:
    assert effects_of(at_menu().types("0722 555 000"), TextKept)


def test_an_older_choice_is_no_miss_and_the_question_is_asked_again() -> None:
    talk = at_menu().taps("hello.yes")
    assert talk.said == ["want.text"]
    assert talk.run.misses == 0


@pytest.mark.parametrize(
    "token",
    ["", "!", "!nothing", ".", "want.", "want.nobody", "region.RO", "grid.1", "language.ro", "x" * 500],
)
def test_a_garbage_token_asks_the_question_again(token: str) -> None:
    assert at_menu().taps(token).said == ["want.text"]


def test_the_first_picture_offers_a_person_and_the_second_asks_for_one() -> None:
    talk = at_menu().sends_media()
    assert talk.said == ["word.media"]
    assert talk.tokens == ["!person", "!hide", "!more"]
    assert talk.sends_media().said == ["consent.text"]


def test_one_after_a_picture_means_a_person() -> None:
    assert at_menu().sends_media().types("1").run.step == "consent"


def test_a_picture_before_the_gates_leads_through_them() -> None:
    assert Talk().sends_media().sends_media().said == ["safe.text"]


@pytest.mark.parametrize("emoji", ["👍", "🆘🆘", "❤️"])
def test_an_emoji_counts_as_a_picture(emoji: str) -> None:
    talk = at_menu().types(emoji)
    assert talk.said == ["word.media"]
    assert not effects_of(talk, TextKept)


def test_after_a_picture_the_question_comes_back_with_a_letter() -> None:
    talk = at_menu().sends_media().types(LETTER)
    assert talk.said == ["word.kept", "want.text"]
    assert talk.run.aside is Aside.NONE


def test_regions_come_six_a_page() -> None:
    talk = at_menu().taps("want.places")
    assert [choice.label for choice in talk.choices[:6]] == [
        "Romania", "Czechia", "Lithuania", "Moldova", "Ukraine", "Poland",
    ]  # fmt: skip
    assert talk.digits == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
    talk.types("7")
    assert [choice.label for choice in talk.choices[:2]] == ["Germany", "Spain"]
    assert talk.types("7").choices[0].label == "Romania"


def test_a_region_is_picked_by_digit_tap_name_or_code() -> None:
    for reply in ("2", "Czechia", "czechia!", "CZ", "cehia"):
        talk = at_menu().taps("want.places").types(reply)
        assert ShareResources("local", "shelter", "CZ") in talk.effects
        assert Remembered("region", "CZ") in talk.effects
    assert at_menu().taps("want.places", "region.ES").run.answers["region"] == "ES"


def test_a_region_of_another_page_can_be_typed() -> None:
    assert at_menu().taps("want.places").types("Spain").run.answers["region"] == "ES"


def test_skipping_the_region_forgets_an_older_one() -> None:
    talk = at_menu().taps("want.places", "region.CZ", "want.places").types("8")
    assert ShareResources("everywhere", "line", None) in talk.effects
    assert "region" not in talk.run.answers


def test_a_directory_without_regions_still_offers_to_skip() -> None:
    talk = at_menu(around=replace(OPEN, regions=())).taps("want.places")
    assert talk.digits == ["8", "9", "0"]


def test_back_goes_to_the_question_before() -> None:
    talk = at_menu().taps("want.role").types("back")
    assert talk.run.step == "want"
    assert talk.types("back").run.step == "notice2"
    assert Talk().types("back").said == ["hello.text"]


def test_back_from_the_queue_keeps_the_place() -> None:
    talk = in_queue().types("menu").types("back")
    assert talk.said == ["word.waiting"]
    assert talk.run.handoff == "queue"


def test_every_third_message_in_a_row_shows_how_to_hide() -> None:
    talk = at_menu().taps("want.role", "role.other", "helper.long")
    spoken = [effect for effect in talk.effects if isinstance(effect, Speak)]
    assert [bool(effect.choices) for effect in spoken] == [False, False, True, False, True]
    assert [choice.token for choice in spoken[2].choices] == ["!hide", "!more"]


def test_a_run_that_is_over_starts_afresh_with_any_act() -> None:
    over = Talk().taps("hello.later")
    assert over.run.over
    assert over.types("hello").said == ["hello.text"]
    assert not over.run.over


def test_hide_and_stop_work_in_a_run_that_is_over() -> None:
    assert Talk().taps("hello.later").types("hide").effects == (HideAll(),)
    assert Talk().taps("hello.later").types("9").effects == (HideAll(),)
    assert Talk().taps("hello.later").taps("!stop").effects == (EraseAll(),)
    assert Talk().taps("hello.later").types("help").run.step == "after_emergency"


def test_person_and_menu_work_in_a_run_that_is_over() -> None:
    assert Talk().taps("hello.later").types("person").said == ["safe.text"]
    assert Talk().taps("hello.later").taps("!menu").said == ["safe.text"]


def test_her_very_first_words_count() -> None:
    fresh = engine.new_run(LINE, None, OPEN)
    turn = engine.resume(LINE, fresh, Typed(LETTER), OPEN)
    talk = Talk(run=turn.run)
    talk.effects = turn.effects
    assert effects_of(talk, TextKept)
    assert talk.said == ["word.kept_early", "hello.text"]
    assert engine.resume(LINE, fresh, Typed("hide"), OPEN).effects == (HideAll(),)
