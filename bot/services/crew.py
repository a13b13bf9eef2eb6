"""Everyone on duty at a desk as dispatch sees them: profile, attendance and load, set-wise (PR8, PR11)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, CompoundSelect, Connection, bindparam, select, true

from bot.model import DueKind
from bot.services import attendance, people
from bot.services.attendance import NOT_YET, Attendance, Pause
from bot.services.house import House
from bot.services.people import Person
from bot.store import tables as t
from bot.store.moments import from_moment
from handoff.capacity import smallest_explicit
from handoff.languages import FIRST_LANGUAGE
from handoff.limits import Force
from handoff.model import (
    HIGH_RISK,
    Duty,
    HandoffState,
    LoadClass,
    OfferState,
    Refusal,
    Tier,
    Urgency,
    Volunteer,
)
from handoff.rota.questions import offered
from handoff.standing import ONE_SHIFT
from handoff.training import lacking, lapsed_skills

RESTS_AFTER: Final = timedelta(minutes=15) // timedelta(microseconds=1)
"""A calm chat in which nothing is owed weighs less once she has been silent for so long."""


@dataclass(frozen=True, slots=True)
class Held:
    """One chat somebody has open or is being offered."""

    urgency: Urgency
    rests: bool


def volunteers_on_duty(
    connection: Connection, house: House, desk: str, now: int, *, lock: bool = False
) -> list[Volunteer]:
    """Everyone on duty at the desk, with what they hold.

    With `lock` nobody else claims or offers for them until the end of this transaction: ask it before any
    conversation or hand-off is locked.
    """
    board = house.library.boards.get(desk)
    duties = board.at(from_moment(now)) if board else ()
    return of_duties(connection, house, desk, duties, now, lock=lock)


def of_duties(
    connection: Connection,
    house: House,
    desk: str,
    duties: Collection[Duty],
    now: int,
    *,
    lock: bool = False,
) -> list[Volunteer]:
    """The volunteers of these duties; aliases nobody has are left out."""
    if not duties:
        return []
    known = people.called(connection, house, {duty.volunteer for duty in duties})
    ids = [person.id for person in known.values()]
    if lock:
        attendance.lock(connection, ids)
    there = attendance.load(connection, house, ids)
    held = _holding(connection, ids, now)
    return [
        _volunteer(house, person, duty, desk, there.get(person.id, NOT_YET), held.get(person.id, []), now)
        for duty in duties
        if (person := known.get(duty.volunteer.casefold())) is not None
    ]


def is_uncovered(volunteers: Iterable[Volunteer]) -> bool:
    """Whether none of the primary volunteers takes chats now, although some are on duty."""
    primary = [one for one in volunteers if one.tier is Tier.PRIMARY]
    return bool(primary) and not any(one.present and not one.on_break for one in primary)


def there_now(volunteers: Iterable[Volunteer]) -> Mapping[Tier, int]:
    """How many of each tier take chats now: what the live coverage shows beside the planned one."""
    there = {
        (one.tier, one.person) for one in volunteers if one.present and not one.on_break and not one.unfit
    }
    return Counter(tier for tier, _ in there)


def _volunteer(
    house: House, person: Person, duty: Duty, desk: str, there: Attendance, held: list[Held], now: int
) -> Volunteer:
    profile, staffing = person.profile, house.library.staffing_of(desk)
    at = from_moment(now)
    day = at.astimezone(_zone(house, desk)).date()
    if duty.desk:  # she helps out: what her own desk's rota says of her goes with her
        brings = duty.offers
    else:
        brings = offered(house.library.boards[desk].rota, duty.volunteer, duty.tier, at)
    skills = profile.skill_levels(day)
    if brings.skills:  # the rota speaks first; her profile where it is silent, and for how well
        skills = {skill: skills.get(skill, FIRST_LANGUAGE) for skill in brings.skills - profile.lapsed(day)}
    lapsed = profile.lapsed(day) | lapsed_skills(skills, staffing.training, profile.completions, day)
    levels = profile.levels
    load_class = profile.class_on(day)
    limits = (profile.max_chats, staffing.escalation.max_chats)
    return Volunteer(
        person=person.id,
        alias=profile.alias,
        tier=duty.tier,
        duty_ends=duty.end,
        languages={tag: levels.get(tag, FIRST_LANGUAGE) for tag in brings.languages} or levels,
        skills={skill: level for skill, level in skills.items() if skill not in lapsed} | _of_tier(duty.tier),
        present=person.present,
        holding=tuple(one.urgency for one in held),
        max_chats=smallest_explicit(limits, load_class),
        idle_since=None if there.idle_since is None else from_moment(there.idle_since),
        suspended=person.state != "active",
        resting_chats=sum(one.rests for one in held),
        load_class=load_class,
        gender=profile.gender,
        regions=frozenset(profile.regions),
        conflicts=frozenset(profile.conflicts),
        lapsed_skills=lapsed,
        on_break=there.pause is Pause.BREAK,
        cooling_until=None if there.cooling_until is None else from_moment(there.cooling_until),
        cooling_is_hard=staffing.care.after.cooldown_force is Force.HARD,
        one_more=there.one_more and load_class is not LoadClass.TRAINEE,
        unfit=_unfit(house, person, duty, desk, at),
        recent_high_risk=there.heavy_lately(now),
    )


def _of_tier(tier: Tier) -> dict[str, int]:
    """A supervisor may be asked for as one: under 18, where a desk says so (`speech.skills_for`)."""
    return {tier.value: FIRST_LANGUAGE} if tier is Tier.SUPERVISOR else {}


def _unfit(house: House, person: Person, duty: Duty, desk: str, at: datetime) -> frozenset[Refusal]:
    """What keeps her from this duty whatever the chat; the gate is asked again as long as it lasts."""
    roles = [role.value for role, where in person.grants if where in {desk, "network"}]
    needed = house.library.staffing_of(desk).training.needed(duty.tier, roles)
    ends = min(duty.end, at + ONE_SHIFT)
    found = set(lacking(needed, person.profile.completions, ends, _zone(house, desk)).values())
    if person.state == "left":
        found.add(Refusal.LEFT)
    return frozenset(found)


def _zone(house: House, desk: str) -> ZoneInfo:
    known = house.library.desks.get(desk)
    return ZoneInfo(known.zone if known else "UTC")


def _holding(connection: Connection, ids: list[Any], now: int) -> dict[str, list[Held]]:
    """The chats each has open or is being offered."""
    held: dict[str, list[Held]] = {}
    calm_since = now - RESTS_AFTER
    for row in connection.execute(_HELD, {"b_ids": ids}):
        urgency = Urgency(row.urgency or "U2")
        rests = bool(row.last_act_at) and row.last_act_at < calm_since and not row.owed
        held.setdefault(row.person, []).append(Held(urgency, rests and urgency not in HIGH_RISK))
    return held


def _held() -> CompoundSelect[*tuple[Any, ...]]:
    chat, talk, offer = t.handoff.c, t.conversation.c, t.offer.c
    owed = (
        select(t.due.c.id)
        .where(t.due.c.kind == DueKind.TAKE_BACK.value, t.due.c.subject == chat.conversation)
        .exists()
    )
    ids: BindParameter[Any] = bindparam("b_ids", expanding=True)
    active = (
        select(chat.person, chat.urgency, talk.last_act_at, owed.label("owed"))
        .join(t.conversation, talk.id == chat.conversation)
        .where(chat.person.in_(ids), chat.state == HandoffState.ACTIVE.value)
    )
    pending = (
        select(offer.person, chat.urgency, talk.last_act_at, true().label("owed"))
        .join(t.handoff, chat.id == offer.handoff)
        .join(t.conversation, talk.id == chat.conversation)
        .where(offer.person.in_(ids), offer.state == OfferState.PENDING.value)
    )
    return active.union_all(pending)


_HELD: Final = _held()
