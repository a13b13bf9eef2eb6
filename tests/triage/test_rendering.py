"""Which text she reads, and what becomes of placeholders."""

from collections.abc import Iterator, Mapping

import pytest

from tests.triage.builders import LINE, Talk, at_menu
from triage.effects import OfferedChoice, Speak
from triage.model import Script, TextEntry
from triage.rendering import PLAIN, Rendered, Variant, fill, numbered, render, variant_of


def script_with(en: Mapping[str, str], ro: Mapping[str, str] | None = None) -> Script:
    texts = {"en": en, "ro": ro or {}}
    return Script(
        "s",
        "a",
        ("en", "ro"),
        {},
        {tag: {k: TextEntry(v) for k, v in own.items()} for tag, own in texts.items()},
    )


@pytest.mark.parametrize(
    ("channel", "variant", "expected"),
    [
        ("web", Variant(), "plain"),
        ("telegram", Variant(), "telegram"),
        ("telegram", Variant(easy=True), "telegram easy"),
        ("telegram", Variant(easy=True, form="f"), "telegram easy f"),
        ("telegram", Variant(form="m"), "telegram"),
        ("web", Variant(easy=True, form="m"), "easy"),
        ("web", Variant(form="f"), "f"),
        ("", Variant(), "plain"),
    ],
)
def test_the_most_specific_text_is_taken(channel: str, variant: Variant, expected: str) -> None:
    script = script_with(
        {
            "a.text": "plain",
            "a.text.telegram": "telegram",
            "a.text.telegram.easy": "telegram easy",
            "a.text.telegram.easy.f": "telegram easy f",
            "a.text.easy": "easy",
            "a.text.f": "f",
        }
    )
    assert render(script, "en", channel, Speak("a", "a.text"), {}, variant=variant).text == expected


def test_the_form_she_reads_is_what_a_script_remembered() -> None:
    assert variant_of({}) is PLAIN
    assert variant_of({"reading": "easy"}) == Variant(easy=True)
    assert variant_of({"reading": "easy", "form": "f"}) == Variant(easy=True, form="f")
    assert variant_of({"reading": "long", "form": "x"}) == PLAIN


def test_her_language_goes_before_the_source_language() -> None:
    script = script_with({"a.text": "yes", "a.text.web": "yes on web"}, {"a.text": "da"})
    assert render(script, "ro", "web", Speak("a", "a.text"), {}).text == "da"
    assert render(script, "xx", "web", Speak("a", "a.text"), {}).text == "yes on web"


def test_a_missing_text_is_told_and_never_shown_as_its_key() -> None:
    rendered = render(
        script_with({}), "en", "web", Speak("a", "a.text", (OfferedChoice("a.b", "1", "a.b"),)), {}
    )
    assert rendered.text == ""
    assert rendered.choices == (("a.b", ""),)
    assert rendered.missing == ("a.text", "a.b")


def test_placeholders_are_filled_from_the_effect_before_the_host() -> None:
    script = script_with({"a.text": "{alias} and {org}"})
    speak = Speak("a", "a.text", values={"alias": "Mara"})
    assert render(script, "en", "web", speak, {"alias": "no", "org": "Ring"}).text == "Mara and Ring"


def test_a_placeholder_nobody_fills_is_dropped_and_told() -> None:
    rendered = render(script_with({"a.text": "Call {emergency} now."}), "en", "web", Speak("a", "a.text"), {})
    assert rendered.text == "Call now."
    assert rendered.missing == ("emergency",)


@pytest.mark.parametrize("text", ["{a.b}", "{a!r}", "{a:>9}", "{}", "{0}", "{A}", "{ a }", "{a"])
def test_only_plain_names_are_placeholders(text: str) -> None:
    assert fill(text, {"a": "filled", "A": "filled", "0": "filled"}) == (text, ())


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert fill("{a}", {"a": "{b}", "b": "no"}) == ("{b}", ())


def test_values_are_computed_only_when_a_text_asks_for_them() -> None:
    asked: list[str] = []

    class Lazy(Mapping[str, str]):
        def __getitem__(self, key: str) -> str:
            asked.append(key)
            return "x"

        def __iter__(self) -> Iterator[str]:
            raise AssertionError("nobody needs all values")

        def __len__(self) -> int:
            raise AssertionError("nobody needs all values")

    assert fill("{a} b", Lazy()) == ("x b", ())
    assert asked == ["a"]


def test_choices_are_numbered_for_channels_without_buttons() -> None:
    rendered = Rendered("Is now a good time?", (("a.yes", "Yes"), ("!hide", "Hide")), ("1", "9"))
    assert numbered(rendered) == "Is now a good time?\n\n1 Yes\n9 Hide"
    assert numbered(Rendered("Only words")) == "Only words"
    assert numbered(Rendered("", (("a.yes", "Yes"),), ("1",))) == "1 Yes"


def test_what_the_engine_says_can_be_rendered_without_gaps() -> None:
    for talk in (
        Talk(),
        at_menu(),
        at_menu().types("0"),
        at_menu().taps("want.places"),
        at_menu().taps("want.phrase"),
    ):
        for effect in talk.effects:
            if isinstance(effect, Speak):
                rendered = render(LINE, "ro", "web", effect, {})
                assert rendered.missing == ()
                assert all(label for _, label in rendered.choices)
