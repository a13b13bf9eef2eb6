"""`hotline people`: who belongs to the hotline, what each may do, and shutting somebody out."""

from bot.cli.call import DONE, Call, Refused, SubWords, Words, WrongUse, add_format, add_word, add_words, show
from bot.model import NETWORK_DESK, Role
from bot.services import audit, people, sign_in
from bot.services.people import Profile
from bot.services.premises import Premises, desks, open_premises
from bot.store.moments import to_moment

LONGEST_ALIAS = 40
ROLES = tuple(role.value for role in Role)


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "people", "Invite people, grant roles, shut somebody out."))
    _add_invite(words)
    add_format(add_word(words, "list", "Everyone, by alias.", everyone))
    grant = add_word(words, "grant", "Give somebody a role, or take it back; works at once.", give)
    grant.add_argument("alias")
    grant.add_argument("role", choices=ROLES)
    _add_desk(grant)
    grant.add_argument("--take-back", action="store_true", help="take the role back")
    suspend = add_word(words, "suspend", "Shut somebody out at once: no sign-in, no chats.", shut_out)
    suspend.add_argument("alias")


def _add_invite(words: SubWords) -> None:
    parser = add_word(words, "invite", "Add somebody and print a link that works once, for 24 hours.", invite)
    parser.add_argument("alias", help="a name for the hotline, not her own")
    parser.add_argument("--role", choices=ROLES, default=Role.VOLUNTEER.value)
    _add_desk(parser)
    parser.add_argument("--languages", default="en", metavar="TAGS", help="such as en,ro (default en)")
    parser.add_argument("--skills", default="", metavar="CODES", help="such as minors")
    parser.add_argument(
        "--max-chats", type=int, choices=(1, 2, 3), default=1, help="chats at once (default 1)"
    )
    parser.add_argument("--again", action="store_true", help="a new link for somebody who is known already")


def _add_desk(parser: Words) -> None:
    parser.add_argument("--desk", help=f"a desk, or {NETWORK_DESK} for all; default the one of the settings")


def invite(call: Call) -> int:
    """Add a person, or make a new link for one."""
    words = call.words
    with open_premises(call.settings) as premises:
        if words.again:
            link = _link_again(call, premises, words.alias)
        else:
            link = invite_one(
                call, premises, words.alias, Role(words.role), languages=_listed(words.languages)
            )
    print(link)
    return DONE


def invite_one(call: Call, premises: Premises, alias: str, role: Role, *, languages: tuple[str, ...]) -> str:
    """Add a person with one role and return her one-time link. Raises `AliasTaken`, `WrongUse`."""
    if not alias.strip() or len(alias) > LONGEST_ALIAS or not alias.isprintable():
        raise WrongUse(f"An alias has 1 to {LONGEST_ALIAS} letters.")
    words, now = call.words, to_moment(call.now)
    profile = Profile(
        alias=alias.strip(),
        languages=list(languages),
        skills=list(_listed(getattr(words, "skills", ""))),
        max_chats=getattr(words, "max_chats", 1),
    )
    house = premises.house()
    with premises.write() as connection:
        desk = _desk(call, desks(connection))
        person = people.invite(connection, house, profile, [(role, desk)], now)
        audit.record(connection, premises.vault, audit.PROGRAM, "invite", person, (role.value, desk), now)
        return _address(call, sign_in.issue_link(connection, house, person, now))


def everyone(call: Call) -> int:
    """List people: alias, state, roles, languages, skills."""
    with open_premises(call.settings) as premises, premises.read() as connection:
        show(
            call,
            [
                {
                    "alias": person.profile.alias,
                    "state": person.state,
                    "roles": sorted(f"{role.value}@{desk}" for role, desk in person.grants),
                    "languages": person.profile.languages,
                    "skills": person.profile.skills,
                    "max_chats": person.profile.max_chats,
                }
                for person in people.everyone(connection, premises.house())
            ],
        )
    return DONE


def give(call: Call) -> int:
    """Grant a role, or take it back."""
    words, now = call.words, to_moment(call.now)
    role = Role(words.role)
    with open_premises(call.settings) as premises, premises.write() as connection:
        desk = _desk(call, desks(connection))
        person = people.find(connection, premises.house(), words.alias)
        if words.take_back:
            people.revoke(connection, person.id, role, desk)
        else:
            people.grant(connection, person.id, role, desk, now)
        verb = "take_back" if words.take_back else "grant"
        audit.record(connection, premises.vault, audit.PROGRAM, verb, person.id, (role.value, desk), now)
    print(f"{words.alias}: {role.value} at {desk} {'taken back' if words.take_back else 'granted'}.")
    return DONE


def shut_out(call: Call) -> int:
    """Suspend a person."""
    with open_premises(call.settings) as premises, premises.write() as connection:
        person = people.find(connection, premises.house(), call.words.alias)
        people.suspend(connection, person.id)
        now = to_moment(call.now)
        audit.record(connection, premises.vault, audit.PROGRAM, "suspend", person.id, (), now)
    print(f"{call.words.alias} is shut out.")
    return DONE


def _link_again(call: Call, premises: Premises, alias: str) -> str:
    house, now = premises.house(), to_moment(call.now)
    with premises.write() as connection:
        person = people.find(connection, house, alias)
        if person.state != "invited":
            raise Refused(
                f"{alias} has signed in before, or is shut out; a link would open the account anew."
            )
        audit.record(connection, premises.vault, audit.PROGRAM, "invite", person.id, ("again",), now)
        return _address(call, sign_in.issue_link(connection, house, person.id, now))


def _desk(call: Call, known: tuple[str, ...]) -> str:
    desk: str = getattr(call.words, "desk", None) or call.settings.desk
    if desk not in known:
        raise WrongUse(f"There is no desk {desk}; there are: {', '.join(known)}.")
    return desk


def _address(call: Call, token: str) -> str:
    bind = call.settings.console_bind
    return f"{call.settings.console_url or f'http://{bind.shown}'}/enter/{token}"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
