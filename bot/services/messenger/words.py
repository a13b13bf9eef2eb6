"""The staff's words in the language of the one who reads them."""

from collections.abc import Callable

from sqlalchemy import Connection

from bot.services import people
from bot.services.house import House
from handoff.commands import TABLE
from handoff.flags import Flags

SOURCE = "en"
_COMMANDS = {command.word for command in TABLE}


def staff_words(connection: Connection, house: House, person: str) -> Callable[[str], str]:
    """A look-up of `staff.…` in the language she chose, else her first the program speaks, else English."""
    known = house.library.staff
    profile = people.get(connection, house, person).profile
    spoken = (profile.reads, *(tag.partition(":")[0] for tag in profile.languages))
    return words_in(house, next((tag for tag in spoken if tag in known), SOURCE))


def words_in(house: House, language: str) -> Callable[[str], str]:
    """A look-up of `staff.…` in one language."""
    known = house.library.staff
    source = known[SOURCE].told
    table = known[language].told if language in known else source

    def look_up(key: str) -> str:
        name = key.removeprefix("staff.")
        return table.get(name) or source[name]

    return look_up


def code_told(words: Callable[[str], str], kind: str, code: str) -> str:
    """The words for a code of the queue; a code without words is told in its own letters."""
    try:
        return words(f"staff.{kind}_{code}")
    except KeyError:
        return code.replace("_", " ").replace(".", ": ")


def flags_told(words: Callable[[str], str], flags: Flags) -> str:
    """What to look at before words go out, and that nothing was sent yet."""
    kinds = (("topic", flags.topics), ("link", flags.links), ("number", flags.numbers))
    told = [words(f"staff.flag_{kind}").format(found=", ".join(found)) for kind, found in kinds if found]
    return "\n".join([words("staff.flagged"), *told])


def typed_words(house: House) -> dict[str, tuple[str, ...]]:
    """Command → what may be typed for it, in every language."""
    found: dict[str, tuple[str, ...]] = {}
    for one in house.library.staff.values():
        for name, words in one.typed.items():
            found[name] = (*found.get(name, ()), *words)
        for name in _COMMANDS & one.told.keys():  # a label may be typed as it is shown
            found[name] = (*found.get(name, ()), one.told[name])
    return found
