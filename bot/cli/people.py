"""`hotline people`: who belongs to the hotline, what each may do, and what is known of her."""

from bot.cli import people_access, people_care
from bot.cli.call import (
    DONE,
    Call,
    Refused,
    SubWords,
    Words,
    WrongUse,
    add_format,
    add_word,
    add_words,
    show,
    show_one,
)
from bot.model import NETWORK_DESK, Role
from bot.services import admitting, attendance, audit, leaves, overriding, people, qualifying, sign_in
from bot.services.house import House
from bot.services.people import Person
from bot.services.premises import Premises, Transaction, desks, open_premises
from bot.services.profile import NotAProfile, Profile, levelled
from bot.services.qualifying import Facts
from bot.store.moments import to_moment
from handoff.capacity import smallest_explicit
from handoff.model import LoadClass

LONGEST_ALIAS = 40
ROLES = tuple(role.value for role in Role)


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "people", "Invite people, vouch, train, grant roles, shut somebody out."))
    _add_invite(words)
    add_format(add_word(words, "list", "Everyone, by alias.", everyone))
    one = add_word(words, "show", "Everything that is known of one person.", tell_one)
    one.add_argument("alias")
    add_format(one)
    grant = add_word(words, "grant", "Give somebody a role, or take it back; works at once.", give)
    grant.add_argument("alias")
    grant.add_argument("role", choices=ROLES)
    _add_desk(grant)
    grant.add_argument("--take-back", action="store_true", help="take the role back")
    _add_edit(words)
    people_access.add(words)
    people_care.add(words)


def _add_invite(words: SubWords) -> None:
    parser = add_word(words, "invite", "Add somebody and print a link that works once, for 24 hours.", invite)
    parser.add_argument("alias", help="a name for the hotline, not her own")
    parser.add_argument("--role", choices=ROLES, default=Role.VOLUNTEER.value)
    _add_desk(parser)
    parser.add_argument("--languages", default="en", metavar="TAGS", help="such as en,ro:3 (default en)")
    parser.add_argument("--skills", default="", metavar="CODES", help="such as minors,suicide:3")
    parser.add_argument(
        "--max-chats", type=int, choices=(1, 2, 3), help="chats at once (default: by her load class)"
    )
    parser.add_argument("--as", dest="who", metavar="ALIAS", help="who invites her: she cannot vouch for her")
    parser.add_argument("--again", action="store_true", help="a new link for somebody who is known already")
    parser.epilog = (
        "She is active once she has set up her sign-in and two others vouch for her; "
        "the first three people found the organisation and need nobody. A level after a language or a skill "
        "is 1 to 5; without one it is a first language."
    )


def _add_edit(words: SubWords) -> None:
    parser = add_word(words, "edit", "Change what is known of somebody; what is not named stays.", edit)
    parser.add_argument("alias")
    parser.add_argument("--languages", metavar="TAGS", help="all of them, such as en,ro:3")
    parser.add_argument("--skills", metavar="CODES", help="all of them, such as minors,suicide:3")
    parser.add_argument("--gender", metavar="CODE", help="such as woman; '' if she does not wish it known")
    parser.add_argument("--regions", metavar="CODES", help="countries she answers for where that is bound")
    parser.add_argument("--conflicts", metavar="TAGS", help="whom not to meet, such as town:brno,school:x")
    parser.add_argument("--class", dest="load_class", choices=[one.value for one in LoadClass])
    parser.add_argument("--max-chats", type=int, choices=(0, 1, 2, 3), help="0: no limit of her own")
    parser.add_argument("--zone", metavar="ZONE", help="such as Europe/Prague; '' is the desk's")
    parser.add_argument("--probation-until", metavar="DAY", help="'' ends it now")


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
                call, premises, words.alias, Role(words.role), languages=listed(words.languages)
            )
    print(link)
    return DONE


def invite_one(call: Call, premises: Premises, alias: str, role: Role, *, languages: tuple[str, ...]) -> str:
    """Add a person with one role and return her one-time link. Raises `AliasTaken`, `WrongUse`."""
    if not alias.strip() or len(alias) > LONGEST_ALIAS or not alias.isprintable():
        raise WrongUse(f"An alias has 1 to {LONGEST_ALIAS} letters.")
    words, now = call.words, to_moment(call.now)
    skills = listed(getattr(words, "skills", ""))
    _check_levels(*languages, *skills)
    house = premises.house()
    with premises.write() as connection:
        who = getattr(words, "who", None)
        inviter = people.find(connection, house, who).id if who else ""
        profile = Profile(
            alias=alias.strip(),
            languages=list(languages),
            skills=list(skills),
            max_chats=getattr(words, "max_chats", None),
            invited_by=inviter,
        )
        desk = _desk(call, desks(connection))
        person = people.invite(connection, house, profile, [(role, desk)], now)
        actor = inviter or audit.PROGRAM
        audit.record(connection, premises.vault, actor, "invite", person, (role.value, desk), now)
        return _address(call, sign_in.issue_link(connection, house, person, now))


def everyone(call: Call) -> int:
    """List people: alias, state, roles, languages, skills."""
    with open_premises(call.settings) as premises, premises.read() as connection:
        show(call, [_row(call, person) for person in people.everyone(connection, premises.house())])
    return DONE


def tell_one(call: Call) -> int:
    """Everything known of one person that a coordinator needs."""
    with open_premises(call.settings) as premises, premises.read() as connection:
        house = premises.house()
        person = people.find(connection, house, call.words.alias)
        show_one(call, _row(call, person) | _more(connection, house, person, to_moment(call.now)))
    return DONE


def _row(call: Call, person: Person) -> dict[str, object]:
    profile = person.profile
    load_class = profile.class_on(call.now.date())
    return {
        "alias": profile.alias,
        "state": person.state,
        "roles": sorted(f"{role.value}@{desk}" for role, desk in person.grants),
        "languages": profile.languages,
        "skills": profile.skills,
        "max_chats": smallest_explicit([profile.max_chats], load_class),
    }


def _more(connection: Transaction, house: House, person: Person, now: int) -> dict[str, object]:
    profile, there = person.profile, attendance.of(connection, house, person.id)
    invited = person.state == "invited"
    return {
        "class": profile.load_class,
        "probation_until": profile.probation_until,
        "vouchers_missing": admitting.still_needed(connection, house, person.id) if invited else 0,
        "sign_in_set_up": profile.enrolled,
        "skill_ends": [f"{skill} {ends}" for skill, ends in sorted(profile.skill_ends.items())],
        "gender": profile.gender,
        "regions": profile.regions,
        "conflicts": profile.conflicts,
        "zone": profile.zones[-1][1] if profile.zones else "",
        "training": [f"{module} until {ends or 'for good'}" for module, _, ends, _ in profile.training],
        "away": [
            f"{since.isoformat()} to {until.isoformat()}"
            for since, until in leaves.of(connection, house, profile.alias)
        ],
        "ready": person.present,
        "pause": there.pause.value,
        "heavy_7_days": there.heavy_lately(now),
        "overrides": [
            f"{one.code} {one.since:%Y-%m-%d %H:%M} to {one.until:%Y-%m-%d %H:%M} UTC: {one.words}"
            for one in overriding.overrides_of(connection, house, person.id)
        ],
    }


def edit(call: Call) -> int:
    """Change what is known of a person."""
    words = call.words
    facts = Facts(
        languages=_all(words.languages),
        skills=_all(words.skills),
        gender=words.gender,
        regions=_all(words.regions),
        conflicts=_all(words.conflicts),
        load_class=words.load_class,
        max_chats=words.max_chats,
        zone=words.zone,
        probation_until=words.probation_until,
    )
    if facts == Facts():
        raise WrongUse("Say what to change; `hotline people edit --help` lists it.")
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        person = people.find(connection, house, words.alias).id
        try:
            today, now = call.now.date(), to_moment(call.now)
            qualifying.change(connection, house, person, facts, audit.PROGRAM, today, now)
        except NotAProfile as wrong:
            raise WrongUse(str(wrong)) from wrong
    print(f"{words.alias} is changed.")
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


def _link_again(call: Call, premises: Premises, alias: str) -> str:
    house, now = premises.house(), to_moment(call.now)
    with premises.write() as connection:
        person = people.find(connection, house, alias)
        if person.state != "invited":
            raise Refused(
                f"{alias} has signed in before, or is shut out; a link would open the account anew. "
                "Is her password or app lost? Two people do `hotline people reset`."
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


def listed(text: str) -> tuple[str, ...]:
    """What was typed with commas between."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _all(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else listed(text)


def _check_levels(*texts: str) -> None:
    try:
        for text in texts:
            levelled(text)
    except NotAProfile as wrong:
        raise WrongUse(str(wrong)) from wrong
