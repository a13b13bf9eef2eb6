"""Killed at any point between import and publish, the hotline goes on with what was live."""

import os
import signal
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from bot.services import publishing, signing, taking_back
from bot.services.audit import PROGRAM
from bot.services.judging import judge
from bot.store.engine import open_engine
from tests.publishing.press import NETWORK, Press, changed

Step = Callable[[Connection], object]


def killed(press: Press, *steps: Step) -> None:
    """Another process does these steps in one transaction and is killed before it ends."""
    press.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            with open_engine(press.url).begin() as connection:
                for step in steps:
                    step(connection)
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(99)  # never back into the test
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


@pytest.mark.parametrize("reached", [1, 2])
def test_import_and_publish_are_one_or_nothing(either_press: Press, reached: int) -> None:
    press = either_press
    live = press.published_and_signed()
    new = changed(press.source, "hello.go", "Yes, go on")
    verdict, number = judge(new, press.config), live + 1
    steps: tuple[Step, ...] = (
        lambda c: publishing.import_source(c, press.house, PROGRAM, NETWORK, new, press.now),
        lambda c: publishing.publish(c, press.house, PROGRAM, number, verdict, press.now),
    )
    killed(press, *steps[:reached])
    assert press.live() == live
    assert press.library().live == {"network": live}
    assert len(press.write(press.rows_of)) == 1
    again = press.draft(new).id
    press.publish(again)
    assert press.live() == again


def test_a_draft_that_was_kept_outlives_the_kill_and_is_published_later(either_press: Press) -> None:
    press = either_press
    live = press.published_and_signed()
    draft = press.draft(changed(press.source, "hello.go", "Yes, go on")).id
    verdict = judge(press.source_of(draft), press.config)
    killed(press, lambda c: publishing.publish(c, press.house, PROGRAM, draft, verdict, press.now))
    assert (press.live(), press.state(draft)) == (live, "draft")
    press.publish(draft)
    assert press.live() == draft


def test_a_kill_in_a_recall_or_a_signature_leaves_all_as_it_was(either_press: Press) -> None:
    press = either_press
    press.published_and_signed()
    second = press.published_and_signed(changed(press.source, "hello.go", "Yes, go on"))
    killed(
        press,
        lambda c: taking_back.roll_back(c, press.house, PROGRAM, NETWORK, press.now, harmful=True),
    )
    assert (press.live(), press.state(second)) == (second, "published")
    draft = press.draft(changed(press.source, "hello.go", "Go on here")).id
    proof, content = press.proof("Reva"), press.holds(draft)
    killed(press, lambda c: signing.sign(c, press.house, proof, draft, content, press.now))
    assert press.sign("Reva", draft, proof=proof).people == 1  # the code was not used up either
