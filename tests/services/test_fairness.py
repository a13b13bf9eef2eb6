"""One page that floods takes one place of a batch, never everybody's (PR3, PR5)."""

from bot.services.turns import MOST_AT_ONCE, take_turns
from bot.store import tables as t
from tests.services.walks import past_the_notice
from tests.town import Town

FLOOD = 20 * MOST_AT_ONCE + 100


async def test_a_flood_on_one_page_delays_nobody_else_and_loses_nothing(either_town: Town) -> None:
    town = either_town
    flooding = town.woman("flooding", "web")
    ann = await past_the_notice(town, "ann", "web")
    for number in range(FLOOD):
        flooding.types(f"x{number}")
    ann.types("person")
    await town.intake()
    before = len(ann.texts())
    taken = town.write(lambda c: take_turns(c, town.house, town.now))
    await town.outbox()
    assert len(ann.texts()) > before
    assert taken.acts == 2
    assert taken.more
    assert sum(row.state == "new" for row in town.rows(t.inbox)) == FLOOD - 1


async def test_help_now_behind_a_flood_is_answered_in_the_first_batch(either_town: Town) -> None:
    town = either_town
    women = [town.woman(f"w{number}", "telegram") for number in range(MOST_AT_ONCE + 20)]
    ann = await past_the_notice(town, "ann", "telegram")
    for woman in women:
        woman.types("hello")
    ann.types("first something else")
    ann.types("help now")
    await town.intake()
    before = len(ann.texts())
    town.write(lambda c: take_turns(c, town.house, town.now))
    await town.outbox()
    assert len(ann.texts()) > before
