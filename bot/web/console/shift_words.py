"""Words of the console about a shift: calls, debriefs, and why somebody is not asked."""

from typing import Final

CALL: Final = {
    "danger_now": "Somebody in danger now waits",
    "unaccepted": "Nobody has taken this chat",
    "unanswered": "She wrote and has no answer",
    "asked": "The volunteer asks for you",
    "callback": "A callback is due and nobody has written to her",
    "unstaffed": "A callback is promised and nobody is planned for it any more",
    "uncovered": "A break had to begin and nobody is left",
    "not_there": "Somebody's shift has begun and she has not come",
    "uncovered_shift": "Nobody has been found for a shift",
}

DEBRIEF: Final = {
    "danger_now": "danger now",
    "death_threat": "a threat to kill",
    "child": "a child or young person",
    "obscene": "an obscene contact",
}

DONE: Final = {
    "break": "Your break has begun. Nothing is offered to you until it ends.",
    "break-asked": "Asked. Your break begins as soon as the others can do without you.",
    "break-over": "You are back.",
    "one-more": "One more chat may be offered to you, once.",
    "called-back": "The line is on its way. If she answers, she stands at the front of the queue.",
    "here-already": "She has written here within the last minutes; no line was needed.",
    "on-it": "You are on it. Nobody further is called.",
    "debriefed": "Noted. Nothing of what was said is kept.",
}

DAY_DONE: Final = {
    "here": "You are checked in and ready. Thank you for being here.",
    "late": "Noted. Whoever is there knows.",
    "ill-free": "You are free of it. Others are asked. Get well.",
    "ill": "Others are asked. It is yours until somebody says yes; you are told. Get well.",
    "offered": "Offered. It stays yours until it is agreed; you are told.",
    "withdrawn": "Done. It stays yours.",
    "let-go": "Done. It is open again.",
    "taken": "You have it as soon as a coordinator agrees; you are told.",
    "approved": "It is yours.",
    "yes": "Thank you. It is yours.",
    "no": "That is fine. Somebody else is asked.",
    "no-calendar": "Your calendar links have ended.",
    "own": "Kept.",
}
TIER: Final = {
    "primary": "first line",
    "backup": "backup",
    "supervisor": "supervisor",
    "shadow": "looking on",
}
NO_MINUTES: Final = "How many minutes? Write a number."
NO_DAYS: Final = "From which day to which? Write both as 2026-11-20."
NO_ZONE: Final = "That is not a zone this program knows. Write a name such as Europe/Vilnius."
BAD_PIN: Final = "A PIN has six to twelve figures, not all the same and not in a row."

NOT_CALLED: Final = "This call is over, or it is not yours to answer."

WHY: Final = {
    "NOT_ON_DUTY": "not on duty",
    "NOT_PRESENT": "not ready for chats",
    "ON_BREAK": "has a break",
    "CAPACITY": "holds as many chats as she can",
    "LANGUAGE": "does not speak the language well enough",
    "SKILL": "lacks a skill this chat needs",
    "CERT_EXPIRED": "a part of her training is over",
    "MODULE_MISSING": "a part of the training is not recorded for her",
    "GENDER_REQUIRED": "she who waits asked for somebody else",
    "REGION": "does not answer for this country",
    "BLOCKED_PAIR": "the two are kept apart",
    "CONFLICT_TAG": "may know each other: the same place",
    "ALREADY_DECLINED": "has passed on it",
    "ENDING_SOON": "her shift ends soon",
    "COOLDOWN": "rests from a heavy chat",
    "SUPERVISOR_MISSING": "a trainee, and no supervisor is on duty",
    "SUSPENDED": "her access is suspended, or she is not admitted yet",
    "LEFT": "has left",
    "NOT_OPEN": "not asked",
}
"""Codes of `Refusal` for whoever looks after the queue; the code stands beside the words."""
