"""The console's own words: codes of the services told plainly. An unknown code is shown as it is."""

from collections.abc import Mapping
from typing import Final

from bot.model import DueKind

URGENCY: Final = {"U0": "Danger now", "U1": "Flagged", "U2": "Ordinary", "U3": "Information"}

NEED: Final = {
    "domestic_violence": "Someone close to her",
    "sexual_violence": "Sexual violence",
    "suicide_crisis": "She cannot go on",
    "online_abuse": "Online or by phone",
    "child": "A child or young person",
    "men": "A man asks for help",
    "lgbtiq": "LGBTIQ",
    "own_behaviour": "Own behaviour",
    "legal": "Law and papers",
    "shelter": "A place to stay",
    "emergency": "Emergency numbers",
    "any": "Not said",
    "": "Not said",
}

LOOKED_FOR: Final = {
    "general_women": "Any line for women",
    "domestic_violence": "Someone close to her",
    "sexual_violence": "Sexual violence",
    "shelter": "A place to stay",
    "legal": "Law and papers",
    "online_abuse": "Online or by phone",
    "suicide_crisis": "She cannot go on",
    "medical": "A doctor, an ambulance",
    "child": "A child or young person",
    "lgbtiq": "LGBTIQ",
    "men": "A man asks for help",
    "own_behaviour": "Own behaviour",
    "crime_victims": "After a crime",
    "silent": "Only by writing",
    "emergency": "Emergency numbers",
}
"""What a volunteer can look for numbers for; keys of `triage.directory_needs.NEEDS`."""

REASON: Final = {
    "signal.immediate_danger": "Her words speak of danger now",
    "signal.suicide": "Her words speak of ending her life",
    "signal.medical": "Her words speak of an injury or illness",
    "signal.minor": "Her words speak of being under 18",
    "signal.child": "Her words speak of a child",
    "step.danger_yes": "She said: in danger right now",
    "step.danger_unsure": "Not sure whether she is in danger right now",
    "step.sexual_soon": "She said: sexual violence within the last days",
    "step.neck": "She chose: neck or breathing",
    "step.hurt": "She chose: I am hurt",
    "step.low": "She chose: I cannot go on",
    "step.t_images_close": "Threats with pictures, by someone close",
    "step.t_threats": "She said: threats",
    "step.minor": "Under 18",
    "step.minor_low": "Under 18, and cannot go on",
    "step.minor_hurt": "Under 18, and hurt",
    "place.held": "She was here before, and her place was kept",
}

ANSWER: Final = {
    "safety": ("Others see it", {"alone": "No", "seen": "Yes", "unsure": "Not sure"}),
    "danger": ("In danger now", {"yes": "Yes", "unsure": "Not sure"}),
    "age_band": ("Age", {"adult": "18 or over", "under_18": "Under 18", "unsaid": "Not said"}),
    "role": (
        "Who writes",
        {
            "self": "For herself",
            "helper": "For someone else",
            "own": "About own behaviour",
            "professional": "At work",
            "looking": "Looking around",
            "unsaid": "Not said",
        },
    ),
    "topic": (
        "Topic",
        {
            "close": "Someone close",
            "sexual": "Unwanted sexual acts",
            "online": "Online or by phone",
            "low": "Cannot go on",
            "neck": "Neck or breathing",
            "hurt": "Hurt",
            "unsure": "Not sure",
        },
    ),
    "recent": ("Last days", {"yes": "Yes", "no": "No", "unsaid": "Not said"}),
}
"""What she chose, worth knowing in a chat; other keys are the guide's own book-keeping."""

DELIVERY: Final = {
    "pending": "sending",
    "sending": "sending",
    "sent": "sent",
    "delivered": "on her screen",
    "held": "held until she writes",
    "unknown": "may or may not have arrived",
    "failed_for_now": "not through yet, trying again",
    "failed_for_good": "not delivered: she has blocked us or the chat is gone",
    "cancelled": "withdrawn, not sent",
}

TIER: Final = {
    "primary": "answers",
    "backup": "backup",
    "supervisor": "supervisor",
    "shadow": "learning along",
}

REFUSAL: Final = {
    "NOT_ON_DUTY": "You are not on duty now.",
    "NOT_PRESENT": "You are not marked as ready for chats. Turn that on first.",
    "CAPACITY": "You hold as many chats as you can hold well. Close or pass on one first.",
    "LANGUAGE": "This chat is in a language you have not listed.",
    "SKILL": "This chat needs a skill that is not in your profile.",
    "ALREADY_DECLINED": "You have passed on this chat before.",
    "ALREADY_TAKEN": "Somebody else was faster, or she no longer waits. Nothing else happened.",
    "ENDING_SOON": "Your shift ends soon.",
    "SUSPENDED": "Your access is suspended.",
    "ON_BREAK": "You have a break. End it first, if you want to go on.",
    "COOLDOWN": "You are resting from a heavy chat.",
    "GENDER_REQUIRED": "She asked for somebody else.",
    "REGION": "This chat needs somebody who answers for her country.",
    "SUPERVISOR_MISSING": "While you are new you take chats only with a supervisor on duty, and none is.",
    "CERT_EXPIRED": "A part of your training is over. Your trainer can tell you which.",
    "MODULE_MISSING": "A part of the training is not recorded for you. Your trainer can tell you which.",
    "LEFT": "You have left the organisation.",
    "NOBODY_WAITS": "Nobody waits.",
    "NOT_YOURS": "This chat is not with you any more. Nothing was sent.",
    "NOT_OPEN": "This chat is not open any more. Nothing was sent.",
    "NOT_ALLOWED": "You may not do this now. Nothing was done.",
    "SHE_LEFT": "She had to leave. Nothing was sent.",
    "GONE": "This chat has ended and is erased. Nothing was sent.",
    "FLAGGED": "Nothing was sent yet. Look at it once more:",
    "empty": "There was nothing to send.",
    "looks_like_command": "Nothing was sent: a line begins with / . or ! like a command. Change that line.",
    "too_long": "That is too long: a note has at most 280 characters. Nothing was kept.",
    "STALE_FORM": "This page is from an earlier sign-in. Nothing was done. Open it again.",
    "FAILED": "Something failed on our side and nothing was done. Your text is still here; try once more.",
    "NOT_OURS": "This form did not come from a page of ours. Nothing was done.",
    "WRONG_HOST": "This is not the console's address. Whoever runs it sets HOTLINE_CONSOLE_URL.",
    "ASKED_ALREADY": "She is being asked something already. Wait for her answer.",
    "SHE_STAYS": "She said that she would rather stay with you. Finish, or pass on at once if you must.",
    "NOT_TOLD_YET": "She has not been told yet that you are here. Nothing was sent.",
    "YOURS": "This chat is yours already.",
    "SOMEBODY_JOINED": "Another supervisor has joined this chat already.",
    "NOT_SENDABLE": "That number may not be sent there now. Nothing was sent.",
    "BLOCK_DANGER": "No block where danger was seen: close this chat without one. Nothing was done.",
    "BLOCK_NEEDS_MISUSE": "A block is for misuse alone. Choose “Misuse”, or take the tick away.",
    "UNKNOWN_BLOCK": "That block is not there any more: it was lifted, or its time is over.",
    "OWN_BLOCK": "Whoever asked for a block does not confirm it: another person does, or it ends by itself.",
    "HTTP_404": "There is no such page.",
    "HTTP_413": "That is too long. Nothing was done.",
    "UNKNOWN_OUTCOME": "Choose how the chat ended, then close it.",
}

WHY_NOT: Final = REFUSAL | {"NOT_ALLOWED": "The volunteers on duty are asked first."}
"""The same beside one who waits, before anything was tried."""

OUTCOME: Final = {
    "talked": "We talked",
    "resources": "She has numbers and places",
    "planned": "We made a plan",
    "referred": "She goes on to another service",
    "she_left": "She left or stopped writing",
    "not_her": "It was not her",
    "misuse": "Misuse",
    "other": "Other",
}

DONE: Final = {
    "closed": "The chat is closed. What was said in it is erased.",
    "passed-on": "Passed on. She goes to the head of the queue and is told so.",
    "apart": "Passed on. You are not asked for her again, and nobody is told why.",
    "covered": "Done. Ordinary words stand on that screen now; nothing more is sent.",
    "declined": "Declined. Somebody else is asked.",
    "left": "Thank you. That chat is over.",
    "checked": "The question was sent to her.",
    "called": "A supervisor is called. The chat goes on meanwhile.",
    "asked-over": "She is asked. You stay with her until she answers, at most five minutes.",
    "asked-stop": "She is asked whether this is a good place to stop.",
    "given": "The card is on its way to her.",
    "sent": "Sent.",
    "blocked": "The chat is closed and erased. That address meets only the emergency card for a day; "
    "a supervisor reviews it.",
    "parted": "You have left that chat. She is told.",
    "lifted": "Lifted. Whoever writes from there is met as always.",
    "confirmed": "Confirmed. It ends by itself.",
    "noted": "Note kept. She never sees it.",
    "unlinked": "Taken away. Nothing more goes there, and what stands there is being removed.",
}

HER_WORDS: Final = {
    "asked": "Asked for her words: not all tapped yet.",
    "right": "Words right: they are the ones that were set.",
    "wrong": "Words wrong, or tried too often today. Confirm nothing to whoever writes.",
    "none": "No words were set, so nothing can be said of who writes.",
}

QUESTION: Final = {
    "pass_on": "She is being asked whether another person may take over",
    "to_stop": "She is being asked whether this is a good place to stop",
}

BLOCK: Final = {"asked": "asked for, not reviewed", "confirmed": "confirmed"}

DEADLINE: Final = {
    DueKind.NUDGE: "you are reminded",
    DueKind.ALERT_SUPERVISOR: "a supervisor is told",
    DueKind.TAKE_BACK: "the chat goes back to the queue",
}

LANGUAGE: Final = {
    "en": "English", "ro": "Romanian", "cs": "Czech", "lt": "Lithuanian", "es": "Spanish", "hu": "Hungarian",
    "uk": "Ukrainian", "ru": "Russian", "fr": "French", "de": "German", "ar": "Arabic", "tr": "Turkish",
}  # fmt: skip

CHANNEL: Final = {"web": "web page", "telegram": "Telegram", "matrix": "Matrix"}


def told(code: str, table: Mapping[str, str]) -> str:
    """The words for a code; a code without words is shown in its own letters."""
    return table.get(code) or code.replace("_", " ").replace(".", ": ")


def answers_told(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """What she chose, as (question, answer), in a fixed order."""
    return [
        (question, told(answers[key], codes)) for key, (question, codes) in ANSWER.items() if key in answers
    ]
