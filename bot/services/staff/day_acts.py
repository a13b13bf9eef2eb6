"""Her own shifts from a messenger: the same services as the console's page; each act is told in a line."""

from collections.abc import Callable
from typing import Final

from bot.services import (
    aftercare,
    calling_back,
    check_in,
    cover_calls,
    feeds,
    own_day,
    own_shift,
    pauses,
    people,
    pulling,
    swap_checks,
    swaps,
)
from bot.services.check_in import Proof
from bot.services.desk import DeskRefusal
from bot.services.messenger.words import code_told, staff_words
from bot.services.own_day import Own
from bot.services.peeking import chat_name
from bot.services.permissions import Action, Thing, rights_of
from bot.services.profile import NotAProfile
from bot.services.staff import lists
from bot.services.staff.chat_acts import SEPARATOR, Acting
from bot.services.staff.told import Told
from bot.services.swap_checks import SeenSwap, SwapRefused
from bot.services.swaps import Offered
from bot.services.zones import own_zone
from bot.store.moments import from_moment
from handoff.commands import (
    DONE,
    NO,
    NOW,
    PLACES,
    TABLE,
    Asked,
    Verb,
    Where as Lists,
    picks,
    shown,
)
from handoff.model import Refusal
from handoff.rota.clock_face import clock_face, stretch_told
from handoff.swaps import SwapState

LATE_BY: Final = (10, 20, 30, 60)
"""Minutes that are offered; others are typed."""
FEED_PATH: Final = "/c/{token}.ics"
_AFTER_CHECK_IN: Final = frozenset({Verb.ACCEPT, Verb.READY, Verb.JOIN})
_TAKE, _WITHDRAW, _LET_GO = "take", "withdraw", "let_go"


def act(by: Acting, asked: Asked) -> Told | None:
    """Carry out a command about her own shifts; None where it is none of these.

    Whoever takes part in chats from here has shown, once in this shift, that it is she: asked for before it.
    """
    does = _DOES.get(asked.verb)
    if does is None:
        asks = asked.verb in _AFTER_CHECK_IN and needs_code(by)
        return Told(by.words("staff.check_in_how")) if asks else None
    rights = rights_of(by.connection, by.address.person)
    if not rights.anywhere(Action.EDIT, Thing.DUTY):
        raise DeskRefusal(Refusal.NOT_ALLOWED)
    try:
        return does(by, asked)
    except SwapRefused as refused:
        return Told(_refused(by, refused))


def needs_code(by: Acting) -> bool:
    """Whether she must check in before she does anything with a chat from here."""
    return check_in.asks_code(by.connection, by.house, by.address.person, by.now)


# --- looking ----------------------------------------------------------------------------------------------
def _day(by: Acting, _: Asked) -> Told:
    return Told(by.words("staff.day_head"), _list(by, Lists.DAY))


def _help(by: Acting, _: Asked) -> Told:
    """Every command with what is typed for it, in the order of the table, each once."""
    told: dict[str, None] = {}
    for where in (Lists.LOBBY, Lists.DAY, Lists.OFFER, Lists.CHAT, Lists.MORE, Lists.PASSING, Lists.GUEST):
        for command in TABLE:
            if command.where is where and command.verb is not Verb.MENU:
                typed = command.word.replace("_", "-")
                told.setdefault(f"!{typed}: {by.words(f'staff.{command.word}')}")
    return Told("\n".join([by.words("staff.help_head"), *told]), _list(by, Lists.LOBBY))


def _shifts(by: Acting, _: Asked) -> Told:
    own = own_day.shifts(by.connection, by.house, by.address.person, by.now)[: len(PLACES)]
    zone = own_zone(by.connection, by.house, by.address.person, by.now)
    lines = [
        f"{stretch_told(one.duty.start, one.duty.end, zone)} {by.words(f'staff.tier_{one.duty.tier.value}')}"
        for one in own
    ]
    head = by.words("staff.shifts_head" if own else "staff.shifts_none").format(zone=zone.key)
    return Told("\n".join([head, *lines]), _list(by, Lists.DAY))


# --- coming, late, ill ------------------------------------------------------------------------------------
def _check_in(by: Acting, asked: Asked) -> Told:
    person = by.address.person
    if check_in.asks_code(by.connection, by.house, person, by.now):
        if not asked.text:
            return Told(by.words("staff.check_in_how"))
        lists.remove_what_she_wrote(by.connection, by.house, by.address.id, by.now)
        proof = check_in.prove(by.connection, by.house, person, asked.text, by.now)
        if proof is not Proof.RIGHT:
            return Told(by.words("staff.check_in_" + proof.value))
    check_in.check_in(by.connection, by.house, person, by.now)
    return Told(by.words("staff.checked_in"), _list(by, Lists.DAY))


def _late(by: Acting, asked: Asked) -> Told:
    """So many minutes, typed or picked; from a reminder it is about the shift of that reminder."""
    picked = (
        _picked_of_hers(by, asked) if asked.argument else f"{asked.text.strip()}{SEPARATOR}{asked.subject}"
    )
    minutes, _, watched = picked.partition(SEPARATOR)
    if not minutes.isdigit():
        values = [f"{one}{SEPARATOR}{asked.subject}" for one in LATE_BY]
        labels = [str(one) for one in LATE_BY]
        return _pick_list(by, Verb.LATE, by.words("staff.late_how"), labels, values)
    expected = own_day.late(by.connection, by.house, by.address.person, int(minutes), by.now, watched=watched)
    zone = own_zone(by.connection, by.house, by.address.person, by.now)
    return Told(by.words("staff.is_late").format(time=clock_face(expected, zone)))


def _ill(by: Acting, asked: Asked) -> Told:
    """Two taps: which shift it is about is told before she says yes."""
    person = by.address.person
    one = own_day.meant(by.connection, by.house, person, by.now, asked.subject)
    if asked.argument != NOW:
        when = own_day.told(by.connection, by.house, person, one.duty, by.now)
        told = by.words("staff.ill_sure_how").format(time=when)
        return Told(told, _list(by, Lists.ILLNESS, asked.subject))
    done = own_day.ill(by.connection, by.house, person, by.now, desk=one.desk, instance=one.duty.instance)
    return Told(by.words("staff.ill_free" if done.free else "staff.ill_until_covered").format(time=done.told))


def _break(by: Acting, _: Asked) -> Told:
    begun = own_shift.ask_for_a_break(by.connection, by.house, by.address.person, by.now)
    if begun.until is None:
        return Told(by.words("staff.break_asked"))
    zone = own_zone(by.connection, by.house, by.address.person, by.now)
    return Told(by.words("staff.break_begun").format(time=clock_face(from_moment(begun.until), zone)))


def _break_over(by: Acting, _: Asked) -> Told:
    pauses.end(by.connection, by.address.person, by.now)
    return Told(by.words("staff.break_ended"))


# --- swaps ------------------------------------------------------------------------------------------------
def _offer(by: Acting, asked: Asked) -> Told:
    """Pick a shift, or type its place in the list and, for one person only, her name: `!offer 2 Maple`."""
    person = by.address.person
    own = [
        one
        for one in own_day.shifts(by.connection, by.house, person, by.now)
        if one.duty.start > from_moment(by.now)
    ][: len(PLACES)]
    place, _, name = asked.text.strip().partition(" ")
    if asked.argument:
        desk, instance = _picked_of_hers(by, asked).split(SEPARATOR)
    elif place.isdigit() and 0 < int(place) <= len(own):
        chosen = own[int(place) - 1]
        desk, instance = chosen.desk, chosen.duty.instance
    else:
        zone = own_zone(by.connection, by.house, person, by.now)
        labels = [stretch_told(one.duty.start, one.duty.end, zone) for one in own]
        values = [SEPARATOR.join((one.desk, one.duty.instance)) for one in own]
        head = by.words("staff.offer_swap_how" if own else "staff.shifts_none_ahead")
        return _pick_list(by, Verb.OFFER, head, labels, values)
    to = (people.find(by.connection, by.house, name).id,) if name.strip() else ()
    swaps.offer(by.connection, by.house, Offered(person, desk, instance, to), person, by.now)
    return Told(by.words("staff.swap_offered"))


def _swaps(by: Acting, asked: Asked) -> Told:
    person = by.address.person
    if asked.argument:
        verb, swap = _picked_of_hers(by, asked).split(SEPARATOR)
        return _swap_act(by, verb, swap)
    zone = own_zone(by.connection, by.house, person, by.now)

    def when(one: SeenSwap) -> str:
        return stretch_told(one.swap.gives.start, one.swap.gives.end, zone)

    labels: list[str] = []
    values: list[str] = []
    for one in swap_checks.on_offer(by.connection, by.house, person, by.now):
        labels.append(by.words("staff.swap_take").format(time=when(one), name=one.offered_by))
        values.append(SEPARATOR.join((_TAKE, one.swap.id)))
    for one in swap_checks.own(by.connection, by.house, person):
        mine = one.swap.offered_by == person
        word = "swap_withdraw" if mine else "swap_let_go"
        labels.append(by.words(f"staff.{word}").format(time=when(one)))
        values.append(SEPARATOR.join((_WITHDRAW if mine else _LET_GO, one.swap.id)))
    head = by.words("staff.swaps_head" if labels else "staff.swaps_none")
    return _pick_list(by, Verb.SWAPS, head, labels, values)


def _swap_act(by: Acting, verb: str, swap: str) -> Told:
    person = by.address.person
    if verb == _TAKE:
        state = swaps.take(by.connection, by.house, swap, person, person, by.now)
        return Told(by.words("staff.swap_yours" if state is SwapState.APPROVED else "staff.swap_taken"))
    end = swaps.withdraw if verb == _WITHDRAW else swaps.let_go
    end(by.connection, by.house, swap, person, by.now)
    return Told(by.words("staff.swap_ended"))


def _step_in(by: Acting, asked: Asked) -> Told:
    person = by.address.person
    if asked.verb is Verb.STAY_OUT:
        cover_calls.say_no(by.connection, by.house, asked.subject, person, by.now)
        return Told(by.words("staff.stays_out"))
    cover_calls.say_yes(by.connection, by.house, asked.subject, person, person, by.now)
    return Told(by.words("staff.steps_in"), _list(by, Lists.DAY))


# --- chats --------------------------------------------------------------------------------------------------
def _one_more(by: Acting, _: Asked) -> Told:
    pulling.take_one_more(by.connection, by.house, by.address.person, by.now)
    return Told(by.words("staff.may_have_more"))


def _next(by: Acting, _: Asked) -> Told:
    """What is taken so is opened in the console: here chats come as offers."""
    handoff, _version = pulling.take_next(by.connection, by.house, by.address.person, by.now)
    by.audit("take", handoff)
    return Told(by.words("staff.taken_elsewhere").format(name=chat_name(handoff)))


def _call_back(by: Acting, asked: Asked) -> Told:
    """She is ready for one who was promised a line: picking her sends it. Who answers comes as an offer."""
    if needs_code(by):
        return Told(by.words("staff.check_in_how"))
    person = by.address.person
    if asked.argument:
        sent = calling_back.take(by.connection, by.house, _picked_of_hers(by, asked), person, by.now)
        return Told(by.words("staff.called_back" if sent else "staff.called_back_here"))
    zone = own_zone(by.connection, by.house, person, by.now)
    due = [one for one in calling_back.promised_for(by.connection, by.house, person, by.now) if one.due]
    labels = [stretch_told(from_moment(one.starts_at), from_moment(one.ends_at), zone) for one in due]
    head = by.words("staff.call_back_how" if due else "staff.call_back_none")
    return _pick_list(by, Verb.CALL_BACK, head, labels, [one.id for one in due])


def _debrief(by: Acting, asked: Asked) -> Told:
    person = by.address.person
    owed = aftercare.debriefs_of(by.connection, by.house, person)
    if not owed:
        return Told(by.words("staff.debrief_none"))
    if asked.argument not in {DONE, NO}:
        return Told(by.words("staff.debrief_how"), _list(by, Lists.TALKING))
    for one in owed:
        aftercare.debriefed(by.connection, by.house, one.id, person, by.now, declined=asked.argument == NO)
    return Told(by.words("staff.debriefed"))


# --- hers ---------------------------------------------------------------------------------------------------
def _calendar(by: Acting, _: Asked) -> Told:
    if not by.house.public_url:
        return Told(by.words("staff.calendar_none"))
    token = feeds.make_link(by.connection, by.house, by.address.person, None, from_moment(by.now))
    link = by.house.public_url + FEED_PATH.replace("{token}", token)
    return Told(by.words("staff.calendar_link").format(link=link))


def _language(by: Acting, asked: Asked) -> Told:
    known = tuple(by.house.library.staff)
    chosen = _picked_of_hers(by, asked) if asked.argument else asked.text.strip().casefold()
    if chosen not in known:
        return _pick_list(by, Verb.LANGUAGE, by.words("staff.language_how"), list(known))
    person = by.address.person
    own_day.keep_own(by.connection, by.house, person, Own(reads=chosen), by.now)
    words = staff_words(by.connection, by.house, person)
    return Told(words("staff.language_is"), [])


def _zone(by: Acting, asked: Asked) -> Told:
    person, typed = by.address.person, asked.text.strip().replace(" ", "_")
    zone = own_zone(by.connection, by.house, person, by.now)
    if not typed:
        return Told(by.words("staff.zone_how").format(zone=zone.key))
    try:
        own_day.keep_own(by.connection, by.house, person, Own(zone=typed), by.now)
    except NotAProfile:
        return Told(by.words("staff.zone_unknown").format(zone=typed))
    return Told(by.words("staff.zone_is").format(zone=typed))


# ----------------------------------------------------------------------------------------------------------
def _list(by: Acting, where: Lists, subject: str = "") -> list[list[str]]:
    return [[one.token, one.label, one.digit] for one in shown(where, by.words, subject)]


def _pick_list(by: Acting, verb: Verb, text: str, labels: list[str], values: list[str] | None = None) -> Told:
    name = by.house.identifiers.new_id()
    choices = [[one.token, one.label, one.digit] for one in picks(verb, labels, name)]
    return Told(text, choices, picks=labels if values is None else values, name=name)


def _picked_of_hers(by: Acting, asked: Asked) -> str:
    value = lists.picked_value(by.connection, by.house, by.address.id, asked.subject, asked.argument)
    if value is None:
        raise DeskRefusal(Refusal.NOT_OPEN)
    return value


def _refused(by: Acting, refused: SwapRefused) -> str:
    told = code_told(by.words, "rota", refused.code.value)
    later = [one.next_start for one in refused.objections if one.next_start is not None]
    if not later:
        return told
    zone = own_zone(by.connection, by.house, by.address.person, by.now)
    when = stretch_told(min(later), min(later), zone).partition(" – ")[0]
    return f"{told} {by.words('staff.rota_from').format(time=when)}"


_DOES: Final[dict[Verb, Callable[[Acting, Asked], Told]]] = {
    Verb.DAY: _day,
    Verb.HELP: _help,
    Verb.SHIFTS: _shifts,
    Verb.CHECK_IN: _check_in,
    Verb.LATE: _late,
    Verb.ILL: _ill,
    Verb.BREAK: _break,
    Verb.BREAK_OVER: _break_over,
    Verb.OFFER: _offer,
    Verb.SWAPS: _swaps,
    Verb.STEP_IN: _step_in,
    Verb.STAY_OUT: _step_in,
    Verb.ONE_MORE: _one_more,
    Verb.NEXT: _next,
    Verb.CALL_BACK: _call_back,
    Verb.DEBRIEF: _debrief,
    Verb.CALENDAR: _calendar,
    Verb.LANGUAGE: _language,
    Verb.ZONE: _zone,
}
