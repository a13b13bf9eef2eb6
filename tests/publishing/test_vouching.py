"""In `open` a language is offered when a practitioner vouches for it, or two people for thirty days."""

from datetime import timedelta

import pytest

from bot.model import Role
from bot.services import vouching
from bot.services.permissions import NotAllowed
from bot.services.signing import NotProven, NotSignable, SignedAlready
from bot.services.vouching import NotNative, UnknownLanguage
from tests.publishing.press import Press, changed


@pytest.fixture
def opened(either_press: Press) -> Press:
    """A house in the mode `open` with a signed text."""
    either_press.published_and_signed()
    either_press.house.mode = "open"
    return either_press


def offered(press: Press) -> tuple[str, ...]:
    library = press.library()
    return library.scripts[1].languages if "network" in library.live else ()


def test_only_languages_somebody_vouches_for_are_offered(opened: Press) -> None:
    press = opened
    assert offered(press) == ()
    assert press.library().refused == {"network": 1}
    told = press.vouch("Reva", 1, "ro").told
    assert told == "Reva vouches for its texts, Reva for its lists and page words"
    assert offered(press) == ("ro",)
    press.vouch("Reva", 1, "en")
    assert offered(press) == ("en", "ro")
    script = press.library().scripts[1]
    assert set(script.texts) == {"en", "ro"}


def test_who_began_in_a_language_goes_on_in_it(opened: Press) -> None:
    opened.vouch("Reva", 1, "ro")
    assert "en" in opened.library().scripts[1].texts


def test_a_changed_text_is_vouched_for_anew_and_the_other_language_stays(opened: Press) -> None:
    press = opened
    press.vouch("Reva", 1, "en")
    press.vouch("Reva", 1, "ro")
    number = press.published_and_signed(changed(press.source, "hello.go", "Da, continuă", "ro"))
    assert press.library().scripts[number].languages == ("en",)
    press.vouch("Reva", number, "ro")
    assert press.library().scripts[number].languages == ("en", "ro")


@pytest.mark.parametrize("file", ["signals/ro.yaml", "words/hold.ro.yaml", "words/globals.ro.yaml"])
def test_a_changed_list_is_vouched_for_anew(opened: Press, file: str) -> None:
    press = opened
    for tag in ("en", "ro"):
        press.vouch("Reva", 1, tag)
    path = press.config / file
    path.write_text(path.read_text(encoding="utf-8") + "\n# anew\n", encoding="utf-8")
    assert offered(press) == ("en",)


def test_only_a_reviewer_of_that_language_vouches_for_it(press: Press) -> None:
    number = press.draft().id
    press.invite("Lina", Role.REVIEWER, languages=("lt",))
    for alias in ("Lina", "Rowan", "Edda"):
        with pytest.raises(NotNative, match="the role reviewer"):
            press.vouch(alias, number, "ro")
    with pytest.raises(UnknownLanguage, match="it has: en, ro"):
        press.vouch("Lina", number, "lt")
    with pytest.raises(NotAllowed):
        press.vouch("Maple", number, "en", exception=True)


def test_a_language_without_a_list_of_signals_cannot_be_vouched_for(press: Press) -> None:
    (press.config / "signals" / "ro.yaml").unlink()
    with pytest.raises(NotSignable, match=r"signals/ro\.yaml must be written"):
        press.vouch("Reva", press.draft().id, "ro")


def test_vouching_takes_a_code_and_counts_once(press: Press) -> None:
    number = press.draft().id
    press.vouch("Reva", number, "ro")
    with pytest.raises(SignedAlready):
        press.vouch("Reva", number, "ro")
    proof = press.proof("Reva", "000000")
    with pytest.raises(NotProven):
        press.write(lambda c: vouching.vouch(c, press.house, proof, number, "en", press.config, press.now))


# --- exceptions -------------------------------------------------------------------------------------------
def test_two_people_let_a_language_pass_for_thirty_days(opened: Press) -> None:
    press = opened
    press.vouch("Reva", 1, "en")
    press.vouch("Rowan", 1, "ro", exception=True)
    assert offered(press) == ("en",)
    with pytest.raises(SignedAlready):
        press.vouch("Rowan", 1, "ro", exception=True)
    assert offered(press) == ("en",)
    press.now += timedelta(hours=1)
    told = press.vouch("Edda", 1, "ro", exception=True).told
    assert "two people let it pass until 2026-12-18" in told
    assert "nobody vouches for its texts and its lists" in told
    assert offered(press) == ("en", "ro")
    library = press.library()
    assert library.passing == {"ro": library.stands_until}
    press.now += timedelta(days=30, minutes=-30)
    assert offered(press) == ("en",)  # the earlier of the two has ended
    press.vouch("Rowan", 1, "ro", exception=True)
    assert offered(press) == ("en", "ro")


def test_an_exception_falls_with_a_changed_text(opened: Press) -> None:
    press = opened
    press.vouch("Reva", 1, "en")
    for alias in ("Rowan", "Edda"):
        press.vouch(alias, 1, "ro", exception=True)
    number = press.published_and_signed(changed(press.source, "hello.go", "Da, continuă", "ro"))
    assert press.library().scripts[number].languages == ("en",)


def test_a_practitioner_who_vouches_ends_the_exception(opened: Press) -> None:
    press = opened
    press.vouch("Reva", 1, "en")
    for alias in ("Rowan", "Edda"):
        press.vouch(alias, 1, "ro", exception=True)
    press.vouch("Reva", 1, "ro")
    assert press.library().passing == {}
    press.now += timedelta(days=60)
    assert offered(press) == ("en", "ro")


# --- what `open` offers -----------------------------------------------------------------------------------
def test_an_unsigned_text_published_behind_the_back_of_open_is_not_offered(either_press: Press) -> None:
    press = either_press
    signed = press.published_and_signed()
    press.vouch("Reva", signed, "en")
    sneaked = press.draft(changed(press.source, "hello.later", "Another time")).id
    press.publish(sneaked)  # a command in the mode `trial` beside a service in `open`
    press.house.mode = "open"
    library = press.library()
    assert library.live == {"network": signed}
    assert library.refused == {"network": sneaked}
    press.begins(sneaked)
    assert press.library().script("demo", sneaked)[0] == signed


def test_nobody_is_left_without_an_answer_when_an_exception_ends(opened: Press) -> None:
    press = opened
    for alias in ("Rowan", "Edda"):
        press.vouch(alias, 1, "en", exception=True)
    before = press.library()
    press.now += timedelta(days=31)
    after = press.library()
    assert after.live == {}
    kept = after.or_else(before, "demo")
    assert kept.revision_for("demo") == 1
    assert kept.refused == {"network": 1}


def test_a_recalled_text_does_not_stay_for_want_of_another(press: Press) -> None:
    press.published_and_signed()
    before = press.library()
    number = press.published_and_signed(changed(press.source, "hello.go", "Yes, go on"))
    press.recall(1)
    press.house.mode = "open"
    after = press.library()
    assert after.live == {}
    assert number in after.refused.values()
    assert after.or_else(before, "demo").live == {}
