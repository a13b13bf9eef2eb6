"""Coming back: with the four words, with wrong ones, and as a stranger; all are met the same."""

import pytest

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import Woman
from tests.journeys.program import Program

pytestmark = pytest.mark.timeout(120)

RIGHT = ("apple", "river", "cloud", "green")
WRONG = ("apple", "river", "cloud", "north")
QUESTION = "agreed on four words with us before. Did you?"


def agrees_on_words(woman: Woman, words: tuple[str, ...]) -> None:
    """She sets the words where someone may look, and later, alone, leaves with the numbers kept."""
    woman.past_the_safe_check("Yes")
    woman.taps("Agree on words")
    woman.sees("We can agree on four words")
    woman.picture("words")
    taps_words(woman, words)
    woman.sees("Your four words are set")
    woman.taps("Go on here")
    woman.sees("Type hide at any time")
    assert not any(word in line for word in words for line in woman.lines[:-3])
    woman.tab.reload()
    woman.sees("Is now a good time")
    woman.taps("Yes", "No")
    woman.sees("Type hide at any time")
    woman.taps("Only information", "That is all", "Leave the numbers")
    woman.sees("delete this chat yourself too")
    woman.picture("goodbye")


def taps_words(woman: Woman, words: tuple[str, ...]) -> None:
    for word in words:
        woman.taps(word)


def comes_back(woman: Woman) -> None:
    """The same browser opens the page again, and is asked what everybody is asked."""
    woman.opens()
    assert woman.lines == ["Hi. Is now a good time to write here?"]
    woman.taps("Yes", "No", "OK, go on")
    woman.sees(QUESTION)


def test_the_right_words_are_known_and_wrong_ones_and_strangers_look_the_same(
    program: Program, woman: WomanMaker
) -> None:
    ann, bea, eve = woman(), woman(), woman()
    agrees_on_words(ann, RIGHT)
    agrees_on_words(bea, RIGHT)
    program.puts_forward("close_anyway")
    program.waits_until("SELECT count(*) = 0 FROM due WHERE kind = 'close_anyway'")
    for one, tried in ((ann, RIGHT), (bea, WRONG)):
        comes_back(one)
        one.taps("Yes")
        one.sees("Tap your words, one in each row.")
        taps_words(one, tried)
    comes_back(eve)
    eve.taps("Yes")
    taps_words(eve, RIGHT)
    ann.sees("It is good that you are here again.")
    ann.picture("words-found")
    for one in (bea, eve):
        one.sees("Thank you. Let us go on from here.")
        one.picture("words-unknown")
    assert [line for line in bea.lines if line not in WRONG] == [
        line for line in eve.lines if line not in RIGHT
    ]
    counted = program.counted()
    assert (counted["phrase.set"], counted["phrase.found"]) == (2, 1)


def test_she_who_comes_back_without_words_simply_begins_anew(program: Program, woman: WomanMaker) -> None:
    ann = woman()
    ann.past_the_safe_check()
    ann.taps("Only information", "That is all", "Leave the numbers")
    ann.sees("delete this chat yourself too")
    program.puts_forward("close_anyway")
    program.waits_until("SELECT count(*) = 0 FROM due WHERE kind = 'close_anyway'")
    comes_back(ann)
    ann.taps("No")
    ann.sees("do you need urgent help right now?")
