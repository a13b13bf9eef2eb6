"""What is checked before the first visitor: settings that cannot work, colours that cannot be read."""

import re
from dataclasses import fields

import pytest

from channels.webchat.pages import STATIC, static
from channels.webchat.settings import UnusableSetting, WebChatSettings
from channels.webchat.words import WORDS, Words


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("exit_url", "javascript:alert(1)"),
        ("exit_url", "weather.example"),
        ("public_url", "notes.example"),
        ("trusted_proxies", ("10.0.0.0/8", "proxy.example")),
        ("words", {}),
    ],
)
def test_a_setting_that_cannot_work_is_refused_by_name(setting: str, value: object) -> None:
    with pytest.raises(UnusableSetting, match=setting):
        WebChatSettings(**{setting: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("language", WORDS)
def test_every_word_of_the_page_is_there_in_every_language(language: str) -> None:
    for word in fields(Words):
        assert getattr(WORDS[language], word.name).strip(), word.name


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_letters_and_edges_can_be_seen_in_light_and_dark(scheme: int) -> None:
    css = static("chat.css")
    block = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[scheme]
    colour = dict(re.findall(r"--([\w-]+): (#\w{6})", block))
    for ink, ground in (
        ("ink", "ground"),
        ("ink", "paper"),
        ("ink", "hers"),
        ("faint", "ground"),
        ("faint", "paper"),
        ("on-deep", "deep"),
    ):
        assert _contrast(colour[ink], colour[ground]) >= 4.5, (ink, ground)
    for edge, ground in (("rim", "ground"), ("rim", "paper"), ("faint", "ground"), ("ring", "ground")):
        assert _contrast(colour[edge], colour[ground]) >= 3, (edge, ground)


def test_nothing_of_the_page_keeps_or_asks_for_anything_elsewhere() -> None:
    for name in STATIC:
        text = static(name)
        kept = r"localStorage|sessionStorage|indexedDB|caches|document\.cookie|pushState|innerHTML|eval\("
        assert not re.search(kept, text), name
        addresses = re.findall(r"https?://[^\s\"'`$]+", text)
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, name
        assert len(text.splitlines()) <= 400
        if name.endswith(".css"):
            assert not re.search(r"\b(left|right|margin-(left|right)|padding-(left|right))\s*:", text)
