"""Between two rooms on Matrix nothing arrives at the moment it was written; elsewhere nobody waits."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.services import jitter
from bot.services.jitter import LONGEST, SHORTEST
from tests.fakes.channel import Person
from tests.fakes.messenger import Phone
from tests.staff.bureau import Bureau, open_bureau

pytestmark = pytest.mark.long

SECOND = 1_000_000


@dataclass
class Scene:
    """A chat under way; moments are seconds of the town's clock since it began to be watched."""

    bureau: Bureau
    phone: Phone
    woman: Person
    place: str
    began: int = 0
    seen: dict[str, float] = field(default_factory=dict[str, float])

    async def plays(self, seconds: float, *watched: tuple[str, str]) -> None:
        """Time goes by in tenths of a second; when each of `watched` (whose, words) first stood there."""
        for _ in range(int(seconds * 10)):
            await self.bureau.settle()
            for whose, words in watched:
                screen = (
                    self.phone.everything() if whose == "hers who answers" else "\n".join(self.woman.texts())
                )
                if words in screen:
                    self.seen.setdefault(words, (self.bureau.town.now - self.began) / SECOND)
            self.bureau.town.clock.move(seconds=0.1)


async def talking(folder: Path, hers: str, surface: str) -> Scene:
    bureau = open_bureau(folder, surface, hers=hers)
    phone, woman = await bureau.talking()
    scene = Scene(bureau, phone, woman, "")
    await scene.plays(20)
    scene.place = next(iter(phone.places))
    scene.began = bureau.town.now
    return scene


async def test_between_two_rooms_words_wait_one_to_five_seconds_both_ways(tmp_path: Path) -> None:
    scene = await talking(tmp_path, "matrix", "matrix-staff")
    scene.woman.types("what she wrote")
    await scene.plays(7, ("hers who answers", "what she wrote"))
    assert 1.0 <= scene.seen["what she wrote"] <= 5.2
    scene.began = scene.bureau.town.now
    scene.phone.types("what is answered", place=scene.place)
    await scene.plays(7, ("her", "what is answered"))
    assert 1.0 <= scene.seen["what is answered"] <= 5.2


async def test_a_burst_arrives_in_its_order(tmp_path: Path) -> None:
    scene = await talking(tmp_path, "matrix", "matrix-staff")
    for number in range(6):
        scene.woman.types(f"word {number}")
        scene.phone.types(f"reply {number}", place=scene.place)
        await scene.plays(0.3)
    await scene.plays(12)
    told = [text for text in scene.phone.texts(scene.place) if "word" in text]
    assert told == [f"She: word {number}" for number in range(6)]
    answers = [text for text in scene.woman.texts() if "reply" in text]
    assert answers == [f"reply {number}" for number in range(6)]


async def test_the_end_of_a_chat_is_not_seen_at_the_moment_she_hides(tmp_path: Path) -> None:
    scene = await talking(tmp_path, "matrix", "matrix-staff")
    scene.woman.types("hide")
    await scene.bureau.settle()
    assert scene.place in scene.phone.places
    await scene.plays(0.8)
    assert scene.place in scene.phone.places
    await scene.plays(6)
    assert scene.place not in scene.phone.places
    assert scene.phone.texts()[-1].startswith("She had to leave.")


@pytest.mark.parametrize(("hers", "surface"), [("web", "matrix-staff"), ("matrix", "telegram-staff+topics")])
async def test_where_no_server_sees_both_sides_nobody_waits(hers: str, surface: str, tmp_path: Path) -> None:
    scene = await talking(tmp_path, hers, surface)
    scene.woman.types("at once")
    await scene.bureau.settle()
    assert "at once" in scene.phone.everything()
    scene.phone.types("and back", place=scene.place)
    await scene.bureau.settle()
    assert "and back" in "\n".join(scene.woman.texts())


def test_waits_are_drawn_by_lot_and_never_shorter_or_longer(tmp_path: Path) -> None:
    house = open_bureau(tmp_path, "matrix-staff").town.house
    drawn = [jitter.wait(house, "matrix", "matrix-staff") for _ in range(2_000)]
    assert min(drawn) >= SHORTEST and max(drawn) <= LONGEST
    assert len(set(drawn)) > 1_900
    assert min(drawn) < 1.1 * SECOND and max(drawn) > 4.9 * SECOND
