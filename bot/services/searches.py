"""One search for a volunteer, read from its row: the facts `handoff.offers` decides by.

How she says what kind of person she would like is a script's choice: it remembers coded answers.

| remembered key | codes | what follows |
| --- | --- | --- |
| `gender` | `woman_required`, `woman_preferred` | a woman, please: always, or if it can be |
| `tag_<kind>` | any code: `tag_town: brno` | nobody with the conflict tag `town:brno` is asked |
| `age_band` | `under_18` | only who may talk with the young is asked, as the desk says (B-053) |

Any other code of `gender` asks for nobody in particular.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from bot.services.handoff_facts import HandoffFacts, open_facts
from bot.services.house import House
from bot.services.opening import Opened
from bot.services.speech import skills_for
from bot.store import tables as t
from bot.store.moments import from_moment
from handoff.model import Offer, OfferState, Urgency, Waiting
from handoff.policy import Policy

Found = Row[*tuple[Any, ...]]
GENDER_KEY: Final = "gender"
TAG_KEY: Final = "tag_"
_REQUIRED, _PREFERRED = "_required", "_preferred"


@dataclass(frozen=True, slots=True)
class Search:
    """What is known of one hand-off that waits; `facts` are changed in place, and sealed by the caller."""

    waiting: Waiting
    policy: Policy
    facts: HandoffFacts
    opened: Opened


def search_of(house: House, row: Found, opened: Opened) -> Search:
    """The search behind a row of `handoff`. Its ladder is the one it began with, widened by the live one."""
    facts = HandoffFacts() if row.facts_sealed is None else open_facts(opened.key, row.id, row.facts_sealed)
    gender, required = gender_asked(facts.answers)
    waiting = Waiting(
        handoff=row.id,
        desk=row.desk,
        urgency=Urgency(row.urgency or "U2"),
        queued_at=from_moment(row.queued_at),
        language=facts.language,
        need=facts.need,
        country=facts.country,
        from_web=row.channel == "web",
        passed_on=row.front,
        crowded=bool(row.crowded),
        declined_by=frozenset(facts.declined_by),
        required_skills=skills_for(facts.answers, house.library.desks.get(row.desk)),
        since=from_moment(facts.since) if facts.since else None,
        gender=gender,
        gender_required=required,
        never_with=frozenset(facts.never_with),
        tags=tags_told(facts.answers),
    )
    began_with = Policy.from_plain(facts.policy) if facts.policy else Policy()
    live = house.library.staffing_of(row.desk).escalation.policy
    return Search(waiting, began_with.widened_by(live), facts, opened)


def gender_asked(answers: Mapping[str, str]) -> tuple[str, bool]:
    """Whom she asked for, and whether nobody else will do: ("woman", True); ("", False) for anybody."""
    code = answers.get(GENDER_KEY, "")
    for ending in (_REQUIRED, _PREFERRED):
        if code.endswith(ending) and code != ending:
            return code.removesuffix(ending), ending == _REQUIRED
    return "", False


def tags_told(answers: Mapping[str, str]) -> frozenset[str]:
    """Tags of what she told of where she lives or works: `tag_town: brno` is "town:brno"."""
    return frozenset(
        f"{key.removeprefix(TAG_KEY)}:{code}" for key, code in answers.items() if key.startswith(TAG_KEY)
    )


def read_offers(connection: Connection, handoffs: Iterable[str]) -> list[Offer]:
    """Every offer made of these hand-offs."""
    return [
        Offer(
            row.id,
            row.handoff,
            row.person,
            OfferState(row.state),
            from_moment(row.offered_at),
            from_moment(row.expires_at),
        )
        for row in connection.execute(_OFFERS, {"b_ids": sorted(handoffs)})
    ]


_OFFERS: Final = select(t.offer).where(t.offer.c.handoff.in_(bindparam("b_ids", expanding=True)))
