"""Ways the women of the tests go through the shipped script, by the labels they read."""

from channels.message import InboundKind
from tests.fakes.channel import Person
from tests.town import Chat, Town

ALONE = ("No",)
WATCHED = ("Yes", "Go on here")


def taps(woman: Person, wanted: str) -> None:
    """She taps a choice by label or token, on the newest line that has it."""
    shown = (choice for line in reversed(woman.screen) for choice in line.choices)
    choice = next((c for c in shown if wanted in (c.token, c.label)), None)
    assert choice is not None, (wanted, woman.texts())
    woman._acts_as(InboundKind.CHOICE, choice=choice.token, shown=choice.label)


async def tap(town: Town, woman: Person, *labels: str) -> None:
    """She taps these labels, one after the other, reading each answer first."""
    for label in labels:
        if woman.channel.capabilities.buttons:
            taps(woman, label)
        else:
            woman.types(label.removeprefix("!"))
        await town.settle()


async def say(town: Town, woman: Person, *texts: str) -> None:
    """She types, and reads each answer."""
    for text in texts:
        woman.types(text)
        await town.settle()


async def opens(town: Town, handle: str = "ann", channel: str = "") -> Person:
    """She opens the page, or starts the chat."""
    woman = town.woman(handle, channel)
    woman.arrives()
    await town.settle()
    return woman


async def past_the_notice(
    town: Town, handle: str = "ann", channel: str = "", *, safety: tuple[str, ...] = ALONE
) -> Person:
    """She has said whether anyone can see the phone, and stands at the notice."""
    woman = await opens(town, handle, channel)
    await tap(town, woman, "Yes", *safety)
    return woman


async def in_the_queue(
    town: Town, handle: str = "ann", channel: str = "", *, safety: tuple[str, ...] = ALONE
) -> Person:
    """She waits for a person: four taps when she is alone."""
    woman = await past_the_notice(town, handle, channel, safety=safety)
    await tap(town, woman, "Talk to a person", "Yes")
    return woman


async def asks_while_closed(town: Town, handle: str = "ann", channel: str = "") -> Person:
    """She asks for a person while the line is closed: no consent is asked for what cannot be."""
    woman = await past_the_notice(town, handle, channel)
    await tap(town, woman, "When people are here")
    return woman


async def in_a_chat(
    town: Town,
    handle: str = "ann",
    channel: str = "",
    *,
    safety: tuple[str, ...] = ALONE,
    with_whom: str = "Maple",
) -> tuple[Person, Chat]:
    """A volunteer has accepted and said hello, and she has answered."""
    before = {row.id for row in town.waiting()}
    woman = await in_the_queue(town, handle, channel, safety=safety)
    mine = next(row.id for row in town.waiting() if row.id not in before)
    chat = town.accept(with_whom, mine)
    await town.settle()
    chat.writes(f"Hello {handle}, I am here.")
    await town.settle()
    await say(town, woman, "hello")
    return woman, chat


def lines_of(woman: Person) -> str:
    """All she can read, as one text."""
    return "\n".join(woman.texts())
