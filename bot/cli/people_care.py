"""`hotline people train | certify | hours | override… | apart | together`: what keeps people up or apart."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cli.call import DONE, Call, Refused, SubWords, Words, WrongUse, add_format, add_word, show
from bot.cli.people_access import day
from bot.services import documents, hours, overriding, pairs, people, qualifying
from bot.services.house import House
from bot.services.loading import load_library
from bot.services.overriding import NotAnOverride
from bot.services.pairs import NoSuchPair, PairKind
from bot.services.permissions import Action, Thing, rights_of
from bot.services.premises import Premises, Transaction, open_premises
from bot.services.profile import NotAProfile
from bot.services.qualifying import UnknownModule
from bot.services.staffing_files import training
from bot.store.moments import to_moment
from handoff.limits import OF_LIMITS, week_of
from handoff.model import Refusal


def add(words: SubWords) -> None:
    """Add the words."""
    train = add_word(words, "train", "Record that somebody passed a module of the training.", teach)
    train.add_argument("alias")
    train.add_argument("module", help="its code in network/training.yaml")
    train.add_argument("--passed", metavar="DAY", help="default today")
    train.add_argument("--withdraw", action="store_true", help="it counts no more")
    _add_who(train, "who assessed it, a trainer")
    grant = add_word(words, "certify", "Grant somebody a skill, until a day or for good.", certify)
    grant.add_argument("alias")
    grant.add_argument("skill", help="such as suicide, or suicide:3 with a level of 1 to 5")
    grant.add_argument(
        "--until", metavar="DAY", help="the first day on which it holds no more; default never"
    )
    _add_who(grant, "who grants it, a trainer")
    told = add_word(words, "hours", "Planned hours, nights and heavy chats of everybody.", tell_hours)
    told.add_argument("--from", dest="since", metavar="DAY", help="default Monday of this week")
    told.add_argument("--until", metavar="DAY", help="last day; default Sunday of that week")
    add_format(told)
    lift = add_word(words, "override", "Let somebody go over a limit for a time, with a reason.", lift_limit)
    lift.add_argument("alias")
    lift.add_argument("code", choices=[code.value for code in OF_LIMITS])
    lift.add_argument("--from", dest="since", required=True, metavar="T", help="2026-12-24T18:00+01:00")
    lift.add_argument("--until", required=True, metavar="T")
    lift.add_argument("--reason", required=True)
    _add_who(lift, "who allows it, a coordinator")
    lifted = add_word(
        words, "overrides", "Limits that are lifted for somebody, with why and until when.", list_lifted
    )
    lifted.add_argument("alias")
    add_format(lifted)
    again = add_word(words, "limit-again", "End an override: the limit holds again from now on.", hold_again)
    again.add_argument("override", help="its id, from `hotline people overrides ALIAS`")
    _add_who(again, "who ends it, a coordinator")
    part = add_word(words, "apart", "Keep two of the organisation apart: no offers, no joining.", keep_apart)
    part.add_argument("alias")
    part.add_argument("other")
    part.add_argument(
        "--kind", choices=[kind.value for kind in PairKind], default=PairKind.STAFF_REQUEST.value
    )
    part.add_argument("--reason", default="", help="for coordinators only")
    _add_who(part, "who asks for it")
    add_format(add_word(words, "pairs", "Who is kept apart from whom, and why.", list_pairs))
    join = add_word(words, "together", "End a pair that was kept apart.", bring_together)
    join.add_argument("pair", help="its id, from `hotline people pairs`")
    _add_who(join, "who ends it, a coordinator")


def teach(call: Call) -> int:
    """Record a completion."""
    words, now = call.words, to_moment(call.now)
    modules = training(documents.config_folder(call.settings.config_dir))
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        by = _somebody(connection, house, words.who, Action.VERIFY, Thing.PERSON)
        person = people.find(connection, house, words.alias).id
        if words.withdraw:
            qualifying.not_passed(connection, house, person, words.module, by, now)
            print(f"{words.alias}: {words.module} counts no more.")
            return DONE
        on = day(words.passed) if words.passed else call.now.date()
        try:
            lapses = qualifying.passed(connection, house, modules, person, words.module, on, by, now)
        except UnknownModule as unknown:
            raise Refused(str(unknown)) from unknown
    print(f"{words.alias}: {words.module} passed on {on}, {f'until {lapses}' if lapses else 'for good'}.")
    return DONE


def certify(call: Call) -> int:
    """Grant a skill; when its day has come it counts no more, and nobody is offered a chat by it."""
    words, now = call.words, to_moment(call.now)
    ends = day(words.until) if words.until else None
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        by = _somebody(connection, house, words.who, Action.VERIFY, Thing.PERSON)
        person = people.find(connection, house, words.alias).id
        try:
            qualifying.certify(connection, house, person, words.skill, ends, by, now)
        except NotAProfile as wrong:
            raise WrongUse(str(wrong)) from wrong
    print(f"{words.alias}: {words.skill}, {f'until {ends}' if ends else 'for good'}.")
    return DONE


def tell_hours(call: Call) -> int:
    """Hours of everybody in a time."""
    words = call.words
    with open_premises(call.settings) as premises, premises.read() as connection:
        house = _furnished(premises, connection, call)
        zone = hours.desk_zone(house)
        since, until = _span(call, zone)
        rows = hours.report(connection, house, since, until, to_moment(call.now))
    told = [
        {"alias": one.alias, "hours": one.hours, "nights": one.nights, "heavy_7_days": one.heavy}
        for one in rows
    ]
    if words.format == "text":
        print(f"From {since.astimezone(zone):%Y-%m-%d} to {until.astimezone(zone):%Y-%m-%d}, not included:")
    show(call, told)
    return DONE


def lift_limit(call: Call) -> int:
    """Override a limit."""
    words, now = call.words, to_moment(call.now)
    span = (_moment(words.since), _moment(words.until))
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        by = _somebody(connection, house, words.who, Action.OVERRIDE, Thing.LIMIT)
        person = people.find(connection, house, words.alias).id
        why = (by, words.reason)
        try:
            overriding.override(connection, house, person, Refusal(words.code), span, why, now)
        except NotAnOverride as wrong:
            raise WrongUse(str(wrong)) from wrong
    print(f"{words.code} does not hold for {words.alias} from {words.since} to {words.until}.")
    return DONE


def list_lifted(call: Call) -> int:
    """Every override of one person, those that are over too."""
    with open_premises(call.settings) as premises, premises.read() as connection:
        house = premises.house()
        person = people.find(connection, house, call.words.alias).id
        rows = [
            {
                "id": one.id,
                "limit": one.code.value,
                "from": f"{one.since:%Y-%m-%dT%H:%MZ}",
                "until": f"{one.until:%Y-%m-%dT%H:%MZ}",
                "holds": one.since <= call.now < one.until,
                "by": people.alias_of(connection, house, one.by),
                "reason": one.words,
            }
            for one in overriding.overrides_of(connection, house, person)
        ]
    show(call, rows)
    return DONE


def hold_again(call: Call) -> int:
    """Take an override back."""
    words, now = call.words, to_moment(call.now)
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        by = _somebody(connection, house, words.who, Action.OVERRIDE, Thing.LIMIT)
        try:
            overriding.take_back(connection, house, words.override, by, now)
        except NotAnOverride as unknown:
            raise Refused(f"{unknown} `hotline people overrides ALIAS` lists them.") from unknown
    print("The limit holds again.")
    return DONE


def keep_apart(call: Call) -> int:
    """Keep two people apart."""
    words, now = call.words, to_moment(call.now)
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        one, other = (people.find(connection, house, alias).id for alias in (words.alias, words.other))
        if one == other:
            raise WrongUse("Two different people are kept apart.")
        by = people.find(connection, house, words.who).id
        if by not in {one, other}:
            by = _somebody(connection, house, words.who, Action.EDIT, Thing.PAIR)
        pairs.keep_apart(connection, house, (one, other), (PairKind(words.kind), words.reason), by, now)
    print(f"{words.alias} and {words.other} are kept apart from now on. Neither is told why.")
    return DONE


def list_pairs(call: Call) -> int:
    """Every pair that holds."""
    with open_premises(call.settings) as premises, premises.read() as connection:
        house = premises.house()
        rows = [
            {
                "id": pair.id,
                "one": people.alias_of(connection, house, pair.person),
                "other": people.alias_of(connection, house, pair.other),
                "kind": pair.kind.value,
                "reason": pair.words,
            }
            for pair in pairs.known_pairs(connection, house, to_moment(call.now))
        ]
    show(call, rows)
    return DONE


def bring_together(call: Call) -> int:
    """End a pair."""
    words, now = call.words, to_moment(call.now)
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        by = _somebody(connection, house, words.who, Action.VIEW, Thing.PAIR)
        try:
            pairs.together_again(connection, house, words.pair, by, now)
        except NoSuchPair as unknown:
            raise Refused(f"{unknown} `hotline people pairs` lists them.") from unknown
    print("They are kept apart no more.")
    return DONE


def _add_who(parser: Words, help_: str) -> None:
    parser.add_argument("--as", dest="who", required=True, metavar="ALIAS", help=help_)


def _somebody(connection: Transaction, house: House, alias: str, action: Action, thing: Thing) -> str:
    """The person with this alias, who may do this somewhere. Raises `Refused`."""
    person = people.find(connection, house, alias)
    if not rights_of(connection, person.id).anywhere(action, thing):
        raise Refused(f"{alias} may not do this: {action.value} {thing.value}.")
    return person.id


def _furnished(premises: Premises, connection: Transaction, call: Call) -> House:
    """A house with rotas and desks."""
    house = premises.house()
    config = call.settings.config_dir
    house.library = load_library(connection, premises.vault, config, call.now)
    return house


def _span(call: Call, zone: ZoneInfo) -> tuple[datetime, datetime]:
    words = call.words
    if words.since is None and words.until is None:
        return week_of(call.now, zone)
    first = day(words.since) if words.since else day(words.until) - timedelta(days=6)
    last = day(words.until) if words.until else first + timedelta(days=6)
    if last < first:
        raise WrongUse("--until lies before --from.")
    begins = datetime.combine(first, datetime.min.time(), tzinfo=zone)
    ends = datetime.combine(last + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise WrongUse(f"{text!r} is not a moment with its offset, such as 2026-12-24T18:00+01:00.")
    return at.astimezone(UTC)
