"""`hotline rota change|plan|discard|publish|undo|changes|ask`: prepare, look, let it act, take it back."""

from collections.abc import Callable
from typing import TypeVar

from bot.cli.call import DONE, REFUSED, Call, Refused, SubWords, Words, WrongUse, add_format, add_word, show
from bot.cli.moments import moment
from bot.services import covering, people, rota_plans
from bot.services.audit import PROGRAM
from bot.services.house import House
from bot.services.loading import load_library
from bot.services.permissions import NotAllowed
from bot.services.premises import Premises, Transaction, open_premises
from bot.services.rota_plans import Looked, NoRota, NotForHer, NothingPlanned, Plan, StandsInTheWay
from bot.services.rota_telling import (
    act_told,
    difference_told,
    gap_told,
    moment as told_at,
    objection_told,
    when,
)
from bot.services.shift_checks import Planned
from bot.store.moments import to_moment
from handoff.model import Tier
from handoff.rota.changes import (
    Act,
    Add,
    CancelInstance,
    ChangeStatus,
    MoveInstance,
    Remove,
    Replace,
    Stretch,
)
from handoff.rota.planning import UnknownChange
from handoff.rota.zones import Zone, zone_named
from handoff.shifts import Wanted

T = TypeVar("T")
TIERS = tuple(tier.value for tier in Tier)


def add(words: SubWords) -> None:
    """Add the words."""
    change = add_word(
        words,
        "change",
        "Prepare one change of the rota as a draft: it binds nobody until `hotline rota publish`.",
        prepare,
    )
    change.add_argument("kind", choices=("replace", "add", "remove", "cancel", "move"))
    change.add_argument("--who", metavar="ALIAS", help="replace, remove: whose duty; add: who is on besides")
    change.add_argument("--by", metavar="ALIAS", help="replace: who is on instead")
    change.add_argument(
        "--shift", metavar="ID", help="such as night/2026-11-20; `hotline rota changes` and the console tell"
    )
    change.add_argument("--start", metavar="T", help="such as 2026-11-20T20:00+02:00")
    change.add_argument("--end", metavar="T")
    change.add_argument("--tier", choices=TIERS, default=Tier.PRIMARY.value, help="add: what for")
    _common(change)
    plan = add_word(
        words,
        "plan",
        "What is prepared, and what it would change for whom. Exit code 1: it cannot be published.",
        look,
    )
    _common(plan)
    discard = add_word(words, "discard", "Take a draft out of the plan, or all of them.", drop)
    discard.add_argument("number", nargs="?", type=int)
    _common(discard)
    publish = add_word(words, "publish", "Let what is prepared act from now on, all or nothing.", let_act)
    _common(publish)
    undo = add_word(words, "undo", "Undo the plan published last, or one change; the past stays.", take_back)
    undo.add_argument("number", nargs="?", type=int, help="of a change, as `hotline rota changes` tells it")
    _common(undo)
    changes = add_word(words, "changes", "Every change that was made or prepared, newest first.", tell)
    changes.add_argument("--desk", help="default the one of the settings")
    add_format(changes)
    ask = add_word(words, "ask", "Who may have a shift, in the order in which to ask for cover.", candidates)
    ask.add_argument("--start", metavar="T", required=True)
    ask.add_argument("--end", metavar="T", required=True)
    ask.add_argument("--tier", choices=TIERS, default=Tier.PRIMARY.value)
    ask.add_argument("--desk", help="default the one of the settings")
    add_format(ask)


def _common(parser: Words) -> None:
    parser.add_argument("--desk", help="default the one of the settings")
    parser.add_argument("--as", dest="who_acts", metavar="ALIAS", help="who does it; she needs the right")


def prepare(call: Call) -> int:
    """One draft more."""
    desk = desk_of(call)
    act = _act(call)
    with open_premises(call.settings) as premises, premises.write() as connection:
        by = actor(connection, premises, call)
        (made,) = asked(lambda: rota_plans.prepare(connection, premises.house(), desk, [act], by, call.now))
        zone = zone_named(rota_plans.plan_of(connection, premises.house(), desk, call.now).before.rota.zone)
    print(f"{made.seq}: {act_told(act, zone)}. Prepared; look with `hotline rota plan`.")
    return DONE


def look(call: Call) -> int:
    """The plan in words."""
    desk = desk_of(call)
    with open_premises(call.settings) as premises, premises.read() as connection:
        house = house_with_library(connection, premises, call)
        plan = asked(lambda: rota_plans.plan_of(connection, house, desk, call.now))
        looked = rota_plans.look(connection, house, plan, call.now)
    zone = zone_named(plan.before.rota.zone)
    for line in _told(plan, looked, zone):
        print(line)
    return REFUSED if looked.in_the_way else DONE


def drop(call: Call) -> int:
    """Drafts go."""
    desk, words = desk_of(call), call.words
    with open_premises(call.settings) as premises, premises.write() as connection:
        by = actor(connection, premises, call)
        gone = asked(
            lambda: rota_plans.discard(connection, premises.house(), desk, by, call.now, words.number)
        )
    print(f"{len(gone)} taken out of the plan.")
    return DONE


def let_act(call: Call) -> int:
    """Publish."""
    desk = desk_of(call)
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = house_with_library(connection, premises, call)
        by = actor(connection, premises, call)
        zone = zone_named(
            asked(lambda: rota_plans.plan_of(connection, house, desk, call.now)).before.rota.zone
        )
        try:
            done = asked(lambda: rota_plans.publish(connection, house, desk, by, call.now))
        except StandsInTheWay as refused:
            raise Refused(
                "\n".join(_against(refused.planned, zone))
                + "\nNothing was published. Change the plan, or have a coordinator allow it: "
                "`hotline people override`."
            ) from None
    print(f"{len(done.changes)} changes act from now on. `hotline rota undo` takes them back.")
    return DONE


def take_back(call: Call) -> int:
    """Undo."""
    desk, number = desk_of(call), call.words.number
    with open_premises(call.settings) as premises, premises.write() as connection:
        house, by = house_with_library(connection, premises, call), actor(connection, premises, call)
        if number is None:
            done = asked(lambda: rota_plans.undo(connection, house, desk, by, call.now))
            print(f"{len(done.changes)} changes act no more, from now on.")
        else:
            asked(lambda: rota_plans.undo_change(connection, house, desk, number, by, call.now))
            print(f"Change {number} acts no more, from now on.")
    return DONE


def tell(call: Call) -> int:
    """The list of changes."""
    desk = desk_of(call)
    with open_premises(call.settings) as premises, premises.read() as connection:
        house = premises.house()
        rota = asked(lambda: rota_plans.plan_of(connection, house, desk, call.now)).before.rota
        names: dict[str, str] = {one.id: one.profile.alias for one in people.everyone(connection, house)}
    zone = zone_named(rota.zone)
    show(
        call,
        [
            {
                "number": one.seq,
                "state": one.status.value,
                "what": act_told(one.act, zone),
                "by": names.get(one.proposed_by or "", one.proposed_by or ""),
                "since": "" if one.effective_at is None else told_at(one.effective_at, zone),
            }
            for one in reversed(rota.changes)
            if one.status is not ChangeStatus.WITHDRAWN
        ],
    )
    return DONE


def candidates(call: Call) -> int:
    """Whom to ask for cover."""
    desk, words = desk_of(call), call.words
    wanted = Wanted(Tier(words.tier), moment(words.start, call.now), moment(words.end, call.now))
    if wanted.end <= wanted.start:
        raise WrongUse("--end lies after --start.")
    with open_premises(call.settings) as premises, premises.read() as connection:
        house = house_with_library(connection, premises, call)
        order = covering.ask_in_order(connection, house, desk, wanted, to_moment(call.now))
        names: dict[str, str] = {one.id: one.profile.alias for one in people.everyone(connection, house)}
    show(call, [{"place": place, "alias": names[one]} for place, one in enumerate(order, 1)])
    return DONE


def desk_of(call: Call) -> str:
    """The desk a command is about."""
    desk: str = call.words.desk or call.settings.desk
    return desk


def actor(connection: Transaction, premises: Premises, call: Call) -> str:
    """Who does it: the person named with --as, else whoever sits at the machine."""
    if call.words.who_acts is None:
        return PROGRAM
    return people.find(connection, premises.house(), call.words.who_acts).id


def asked(work: Callable[[], T]) -> T:
    """Do it; what is refused with a sentence becomes the command's answer."""
    try:
        return work()
    except (NoRota, NotForHer, NothingPlanned, UnknownChange) as refused:
        raise Refused(str(refused)) from None
    except NotAllowed:
        raise Refused("Her roles do not allow that at this desk.") from None


def house_with_library(connection: Transaction, premises: Premises, call: Call) -> House:
    """A house that knows every desk's rota and limits."""
    house = premises.house()
    house.library = load_library(connection, premises.vault, call.settings.config_dir, call.now)
    return house


def _act(call: Call) -> Act:
    words = call.words
    start = None if words.start is None else moment(words.start, call.now)
    end = None if words.end is None else moment(words.end, call.now)
    if (start is None) != (end is None) or (start is not None and end is not None and end <= start):
        raise WrongUse("--start and --end go together, and --end lies after --start.")
    match words.kind:
        case "add":
            if words.who is None or start is None or end is None:
                raise WrongUse("`add` needs --who, --start and --end.")
            return Add(words.who, start, end, Tier(words.tier), instance=words.shift)
        case "cancel":
            return CancelInstance(_shift(call))
        case "move":
            if start is None or end is None:
                raise WrongUse("`move` needs --start and --end.")
            return MoveInstance(_shift(call), start, end)
        case kind:
            if words.who is None or (words.shift is None and start is None):
                raise WrongUse(f"`{kind}` needs --who, and --shift or --start and --end.")
            stretch = Stretch(words.who, start, end, words.shift)
            if kind == "remove":
                return Remove(stretch)
            if words.by is None:
                raise WrongUse("`replace` needs --by: who is on instead.")
            return Replace(stretch, words.by)


def _shift(call: Call) -> str:
    shift: str | None = call.words.shift
    if shift is None:
        raise WrongUse(f"`{call.words.kind}` needs --shift.")
    return shift


def _told(plan: Plan, looked: Looked, zone: Zone) -> list[str]:
    if not plan.drafts:
        return ["Nothing is prepared."]
    told = ["Prepared:", *(f"  {one.seq}: {act_told(one.act, zone)}" for one in plan.drafts)]
    told.append("For whom what changes in the next 8 weeks:")
    told += [
        f"  {who} {line}"
        for who, difference in looked.differences.items()
        for line in difference_told(difference, zone)
    ] or ["  nothing"]
    for title, gaps in (("Gaps it makes:", looked.gaps.opened), ("Gaps it fills:", looked.gaps.closed)):
        if gaps:
            told += [title, *(f"  {gap_told(gap, zone)}" for gap in gaps)]
    if looked.against:
        told += ["What speaks against it:", *(f"  {line}" for line in _against(looked.against, zone))]
    return told


def _against(planned: tuple[Planned, ...], zone: Zone) -> list[str]:
    return [
        f"{one.alias} {objection_told(each, zone)}: {when(one.duty.start, one.duty.end, zone)}"
        for one in planned
        for each in one.objections
    ]
