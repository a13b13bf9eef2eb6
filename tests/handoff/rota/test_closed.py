"""A desk that is closed by a change: nobody is on, nobody is needed, until it is open again."""

from handoff.model import Tier
from handoff.rota.changes import Add, Close, Undo
from handoff.rota.coverage import gaps
from tests.handoff.rota.test_changes import a_rota, at, effective, on


def test_a_closed_desk_has_nobody_on_and_needs_nobody_until_it_is_open_again() -> None:
    shut = Close(at(22), at(10, 2))
    later = Add("cleo", at(23), at(24))  # whatever is agreed later: the desk stays closed
    rota = a_rota(shut, later)
    assert on(rota, at(20), at(12, 2)) == [("ann", "01 20:00", "01 22:00"), ("bao", "02 10:00", "02 12:00")]
    assert gaps(rota, at(21), at(11, 2), {Tier.PRIMARY: 1}) == ()
    reopened = effective(3, Undo(1), at(6, 2))
    rota = a_rota(shut, later, reopened)
    assert on(rota, at(20), at(9, 2)) == [("ann", "01 20:00", "01 22:00"), ("bao", "02 08:00", "02 09:00")]
    (gap,) = gaps(rota, at(21), at(9, 2), {Tier.PRIMARY: 1})
    assert (gap.start, gap.end) == (at(6, 2), at(8, 2))
