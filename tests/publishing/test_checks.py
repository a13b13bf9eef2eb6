"""What `doctor` says of texts: who signed them, how old that is, what somebody wrote into the database."""

from datetime import timedelta

from sqlalchemy import update

from bot.services import revisions
from bot.services.checking import Check, Level
from bot.services.checks_published import _signatures, _undone_recalls
from bot.store import tables as t
from tests.publishing.press import Press, changed


def found(press: Press) -> Check:
    """What is said of the signatures under the live text."""

    def work(connection):
        live = revisions.live_revision(connection, press.house.vault, "network")
        assert live is not None
        return list(_signatures(connection, press.house.vault, live, press.now))

    (check,) = press.write(work)
    return check


def test_signatures_older_than_half_a_year_are_to_be_renewed(press: Press) -> None:
    """D-57."""
    press.published_and_signed()
    assert found(press).level is Level.GOOD
    press.now += timedelta(days=179)
    assert found(press).level is Level.GOOD
    press.now += timedelta(days=2)
    check = found(press)
    assert check.level is Level.WARNING
    assert "more than 180 days ago" in check.found
    assert "Read it again" in check.cure


def test_what_nobody_signed_is_told_with_its_cure(press: Press) -> None:
    press.publish(press.draft().id)
    check = found(press)
    assert (check.level, check.found) == (Level.WARNING, "revision 1: not signed / not reviewed")
    assert "`hotline scripts sign 1 --as ALIAS`" in check.cure


def test_a_recall_undone_by_hand_is_seen(press: Press) -> None:
    press.published_and_signed()
    second = press.published_and_signed(changed(press.source, "hello.go", "Yes, go on"))
    press.roll_back(harmful=True)
    assert press.write(lambda c: _undone_recalls(c, press.house.vault)) == []
    press.write(
        lambda c: c.execute(
            update(t.script_revision).where(t.script_revision.c.id == second).values(state="replaced")
        )
    )
    assert press.write(lambda c: _undone_recalls(c, press.house.vault)) == [second]
