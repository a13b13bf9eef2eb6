"""Before an act that a signed-in browser alone must not do: password and one-time code, once more."""

import asyncio
from typing import Final

from bot.services import people, sign_in
from bot.services.sign_in import Visit
from bot.services.signing import Proof
from bot.web.console.doors import ConsoleDoors
from bot.web.console.throttle import Throttle

LONGEST_FIELD: Final = 200
OFTEN: Final = "That was tried too often. Wait a minute, then try again."
NOT_RIGHT: Final = "Password or code are not right, or the code was used already. Wait for the next code."


class NotProven(Exception):
    """She could not prove that it is her; the text says what to do."""


class Proving:
    """Asks who is at the browser. In the demo nobody has a password, and the browser is all there is."""

    def __init__(self, doors: ConsoleDoors) -> None:
        self._doors = doors
        self._throttle = Throttle()
        self._hashing = asyncio.Semaphore(1)

    async def proof(self, visit: Visit, form: dict[str, str]) -> Proof:
        """What she typed, found right; the code itself is used up by the act. Raises `NotProven`."""
        house, store, now = self._doors.house, self._doors.store, self._doors.clock.now()
        person, alias = visit.person.id, visit.person.profile.alias
        if house.mode == "demo":
            return Proof(person)
        index = people.alias_index(house, alias)
        if not self._throttle.allow(index, now):
            raise NotProven(OFTEN)
        password, code = (form.get(name, "")[:LONGEST_FIELD] for name in ("password", "code"))
        claimed = await store.read(lambda c: sign_in.claim(c, house, alias))
        async with self._hashing:
            right = await asyncio.to_thread(sign_in.proven, claimed, password, code, now)
        if not right or claimed.person != person:
            raise NotProven(NOT_RIGHT)
        self._throttle.clear(index)
        return Proof(person, claimed, code)
