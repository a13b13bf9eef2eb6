"""People who are invited, enrol with a real password and a real code, and come in."""

from dataclasses import dataclass

import pyotp

from bot.model import Role
from bot.services import people, sign_in
from bot.services.people import Person
from bot.services.profile import Profile
from tests.town import Town

PASSWORD = "river candle north button"


@dataclass
class Enrolled:
    """Somebody with an app for one-time codes."""

    town: Town
    id: str
    secret: str

    def code(self) -> str:
        """The next code her app shows: time goes on to it, so that each is new."""
        self.town.clock.move(seconds=30)
        return pyotp.TOTP(self.secret).at(self.town.clock.now())

    def comes(self) -> str | None:
        """Sign in with password and code; None when she is refused."""
        town, code = self.town, self.code()
        alias = person(town, self.id).profile.alias
        claimed = town.read(lambda c: sign_in.claim(c, town.house, alias))
        if not sign_in.proven(claimed, PASSWORD, code, town.clock.now()):
            return None
        return town.write(lambda c: sign_in.begin_proven(c, town.house, claimed, code, town.clock.now()))


def person(town: Town, identifier: str) -> Person:
    return town.read(lambda c: people.get(c, town.house, identifier))


def invite(town: Town, alias: str, role: Role = Role.VOLUNTEER, by: str = "") -> str:
    """Somebody new, who has not signed in yet."""
    profile = Profile(alias, languages=["en", "ro"], invited_by=by)
    return town.write(lambda c: people.invite(c, town.house, profile, [(role, "demo")], town.now))


def link(town: Town, identifier: str) -> str:
    return town.write(lambda c: sign_in.issue_link(c, town.house, identifier, town.now))


def enrol(town: Town, identifier: str, token: str | None = None) -> Enrolled:
    """She uses her link and sets password and codes."""
    town.house.mode = "trial"  # in the demo nobody has a password
    token = token or link(town, identifier)
    assert town.write(lambda c: sign_in.enter(c, town.house, token, town.now)) is not None
    secret = person(town, identifier).profile.totp
    assert secret is not None
    one = Enrolled(town, identifier, secret)
    code, hashed = one.code(), sign_in.new_password(PASSWORD)
    town.write(lambda c: sign_in.finish_enrolment(c, town.house, identifier, hashed, code, town.clock.now()))
    return one
