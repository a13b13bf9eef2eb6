"""The default script passes its own rules."""

import re
from dataclasses import replace

import pytest

from bot.services import documents, linting
from tests.config.shipped import CHANNELS, CONFIG, GLOBALS, LANGUAGES, LISTS, script
from triage.lint.check import check
from triage.lint.matching import find, fold, sentences
from triage.model import End, Handoff, Share, Tag
from triage.words import ALL_WORDS

# Words that services and rendering look up by name.
WORDS_OF_THE_HOST = [
    "ask_pass_on",
    "ask_to_stop",
    "blocked",
    "busy",
    "card_again_danger",
    "card_again_medical",
    "card_again_suicide",
    "card_offer_danger",
    "card_offer_medical",
    "card_offer_minor",
    "card_offer_suicide",
    "check_it_is_her",
    "closed_by_volunteer",
    "closed_now",
    "country_of_number",
    "cover",
    "demo_notice",
    "emergency_line",
    "erased",
    "free",
    "hide_help",
    "idle_check",
    "idle_closed",
    "kept_for_volunteer",
    "kept_waiting",
    "local_time",
    "not_known",
    "object_label",
    "objected",
    "open_now",
    "pass_all_label",
    "pass_stay_label",
    "pass_topic_label",
    "passed_on",
    "passed_on_all",
    "other_language",
    "person_later_label",
    "phrase_row",
    "place_kept",
    "rescue_consent_only",
    "rescue_imminent_risk",
    "rescue_none",
    "resource_line",
    "resource_stale",
    "resource_unchecked",
    "returned_to_queue",
    "signal_offer",
    "status_open",
    "status_quiet_more",
    "status_quiet_one",
    "stays",
    "stop_no_label",
    "stop_yes_label",
    "supervisor_joined",
    "supervisor_left",
    "too_long",
    "trial_notice",
    "volunteer_joined",
    "volunteer_left",
    "waiting",
    "waiting_long",
    "waiting_text",
    "waiting_unknown",
    "written_earlier",
    "written_last_time",
]
TEXTS = [(language, key) for language in LANGUAGES for key in script().texts[language]]


def text(language: str, key: str) -> str:
    return script().texts[language][key].text


def is_label(key: str) -> bool:
    if key.startswith("word."):
        return key.endswith(("_label", "language_name"))
    return key.split(".")[1] != "text"


@pytest.mark.parametrize("seed", range(5))
def test_the_linter_finds_nothing(seed: int):
    facts = replace(documents.lint_facts(CONFIG), seed=seed)
    assert [str(issue) for issue in check(script(), LISTS, GLOBALS, ("Hearthline", "hotline"), facts)] == []


def test_the_sheets_beside_it_pass_too():
    sheets = documents.sheets(CONFIG)
    assert {sheet.name for sheet in sheets} >= {
        f"{kind}.{tag}.yaml" for kind in ("canned", "pings") for tag in LANGUAGES
    }
    assert linting.lint_sheets(sheets, CONFIG, "Hearthline demo") == []


def test_both_languages_have_the_same_keys_in_the_same_order():
    assert list(script().texts["en"]) == list(script().texts["ro"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_guide_and_of_the_host_is_there(language: str):
    wanted = {*ALL_WORDS, *(f"word.{name}" for name in WORDS_OF_THE_HOST)}
    assert wanted - script().texts[language].keys() == set()


def test_the_next_volunteer_is_said_to_see_her_choices_and_not_her_words():
    assert "never what you wrote" in text("en", "word.passed_on")
    assert "nu și ce ai scris" in text("ro", "word.passed_on")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_words_of_the_guide_have_names_for_one_thing(language: str):
    names = {key for key in script().texts[language] if key.startswith("word.")}
    twice = {"more_text", "language_text", "wait_here_on", "leave_queue_label", "next_page_label"}
    assert names & {f"word.{name}" for name in twice} == set()


@pytest.mark.parametrize(("language", "key"), TEXTS)
def test_a_text_is_short_calm_and_asks_one_thing(language: str, key: str):
    written = text(language, key)
    assert "!" not in written
    assert written == written.strip()
    assert "  " not in written
    assert re.search(r"\d{3}", written) is None
    assert written.count("?") <= 1
    assert len(sentences(written)) <= 3
    assert len(written) <= (20 if is_label(key) else 300)


@pytest.mark.parametrize(("language", "key"), TEXTS)
def test_no_preview_shows_a_sensitive_word(language: str, key: str):
    if is_label(key) and not key.startswith("word."):
        return  # labels follow a text; the linter looks at them as a channel without buttons shows them
    assert find(LISTS[language].sensitive, fold(text(language, key)[:80])) is None


@pytest.mark.parametrize("key", [key for key in script().texts["en"] if not is_label(key)])
def test_placeholders_agree(key: str):
    named = [sorted(re.findall(r"\{\w+\}", text(language, key))) for language in LANGUAGES]
    assert named[0] == named[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_romanian_commas_are_below_and_quotes_are_none(language: str):
    for entry in script().texts[language].values():
        assert not set(entry.text) & set('şţŞŢ"“”„')


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_the_notice_takes_less_than_a_minute(language: str, channel: str):
    texts = script().texts[language]
    keys = [f"{step.id}.text" for step in script().tagged(Tag.NOTICE)]
    said = [texts.get(f"{key}.{channel}", texts[key]).text for key in keys]
    longest_rescue = max(
        (text(language, f"word.rescue_{name}") for name in ("none", "consent_only", "imminent_risk")), key=len
    )
    words = " ".join([*said, longest_rescue, text(language, "word.trial_notice")]).split()
    assert len(words) <= 120  # B-004


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_says_what_each_channel_risks(language: str):
    said = {text(language, f"notice2.text.{channel}") for channel in CHANNELS} | {
        text(language, "notice2.text")
    }
    assert len(said) == 4  # B-005
    assert "Telegram" in text(language, "notice2.text.telegram")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_names_the_machine_the_person_and_the_word_to_hide(language: str):
    assert "{org}" in text(language, "notice1.text")
    assert "{retention}" in text(language, "notice2.text")
    assert "{hide}" in text(language, "notice3.text")


def test_every_need_is_a_kind_of_resource():
    known = {
        "child", "domestic_violence", "emergency", "general_women", "legal", "lgbtiq", "men", "online_abuse",
        "own_behaviour", "sexual_violence", "shelter", "silent", "suicide_crisis",
    }  # fmt: skip
    needs = {step.kind.need for step in script().steps.values() if isinstance(step.kind, Share)}
    needs |= {step.need for step in script().steps.values() if step.need}
    assert needs <= known


def test_global_person_asks_the_general_consent():
    assert script().tagged(Tag.CONSENT)[0].id == "consent"
    assert next(step.id for step in script().steps.values() if isinstance(step.kind, Handoff)) == "queue"


def test_an_end_before_the_notice_says_nothing_but_ok():
    for step in script().tagged(Tag.PRE_NOTICE):
        if isinstance(step.kind, End):
            assert text("en", f"{step.id}.text") == "OK."
            assert text("ro", f"{step.id}.text") == "Bine."
