"""Nobody on duty: never a dead end, always numbers, and a note that waits for her."""

from collections.abc import Iterator

import pytest

from tests.journeys.conftest import WomanMaker
from tests.journeys.people import words
from tests.journeys.program import NOBODY, Program, config_with_rota

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Running, with a rota nobody stands in."""
    folder = tmp_path_factory.mktemp("nobody")
    program = Program(folder, {"HOTLINE_CONFIG_DIR": str(config_with_rota(folder, NOBODY))})
    program.start()
    yield program
    program.stop()


def test_out_of_hours_she_gets_numbers_and_can_leave_a_note(program: Program, woman: WomanMaker) -> None:
    ann = woman()
    ann.past_the_safe_check()
    ann.taps("When people are here")
    ann.sees("people are here again:")
    ann.sees("If it is urgent, call 112")
    assert ann.said("I am asking a person").count() == 0
    assert ann.said("Shall I ask one?").count() == 0
    ann.picture("out-of-hours")
    ann.taps("Leave a message")
    ann.types(words("please read this"))
    ann.sees("It is kept, locked.")
    ann.picture("note-left")
    ann.taps("Only when I write")
    ann.sees("I will send nothing until you write again.")
    ann.taps("Numbers to call")
    ann.sees("Choose a country")
    ann.taps("Skip")
    ann.sees("112")
    ann.picture("numbers-without-country")
    counted = program.counted()
    assert counted["handoff.out_of_hours"] == 1
    assert program.rows("SELECT * FROM handoff") == []
