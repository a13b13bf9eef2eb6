"""The words of the pages about texts: codes told plainly, refusals with what to do next."""

from typing import Final

from bot.services.comparing import HOW, KIND

STATE: Final = {
    "draft": "Draft",
    "revised": "Changed since",
    "discarded": "Put aside",
    "published": "Live",
    "replaced": "Was live",
    "withdrawn": "Taken back",
    "recalled": "Recalled as harmful",
}

STATE_TOLD: Final = {
    "draft": "Nobody meets this text yet.",
    "revised": "Somebody saved a later draft, which took its place.",
    "discarded": "Somebody put this draft aside. It is kept, and nobody meets it.",
    "published": "This is what women meet now.",
    "replaced": "A newer text took its place. Whoever began with it ends with it.",
    "withdrawn": "It was taken back. Whoever began with it ends with it.",
    "recalled": "It did harm. Nothing of it is said any more, and it never comes back.",
}

KINDS: Final = KIND | {"": "words the guide uses everywhere"}
LEADS: Final = HOW

TAG: Final = {
    "safe_check": "asks whether it is safe",
    "notice": "the notice",
    "limit": "tells the limit of silence",
    "age": "asks the age",
    "consent": "asks for her yes",
    "emergency": "the emergency card",
    "pre_notice": "before the notice",
    "exit": "leads out",
    "menu": "the menu",
    "queue": "while she waits",
}

WARNS: Final = {
    "removal_noticed": "that removing something may be noticed",
    "keep_proof": "to keep proof",
    "leaving_danger": "that leaving can be dangerous",
}

DONE: Final = {
    "saved": "Saved as a new draft. What the rules say of it stands below.",
    "same": "Nothing was different, so nothing was saved.",
    "signed": "Your signature is under this text.",
    "vouched": "Your signature is under this language.",
    "unsigned": "Your signature is taken back.",
    "published": "This text is live. Open chats go on with the one they began with.",
    "back": "Taken back. The text before it is live again; open chats end with what they began with.",
    "recalled": "Recalled. Nothing more of it is said; open chats go to the menu of the live text.",
    "discarded": "The draft is put aside.",
    "begun": "A draft for this desk. Change what must differ; everything else stays as the network says it.",
    "merged": "The desk's own texts lie over the network's newest. Read it, then sign and publish.",
}

REFUSED: Final = {
    "UnknownRevision": "There is no such text.",
    "NotAllowed": "Your roles do not allow this at this desk. Nothing was done.",
    "FAILED": "Something failed on our side and nothing was done. Try once more.",
    "NO_ERRORS_FIRST": "There are errors in this text. Mend them first; each stands beside its text.",
}

ROTA: Final = {
    "on": "A volunteer and a supervisor are there",
    "none": "The line is open, and nobody is there",
    "closed": "The line is closed",
}

ACTS: Final = (
    ("!accept", "A volunteer accepts"),
    ("!close", "The volunteer closes the chat"),
    ("!nobody", "Nobody answers"),
    ("!media", "She sends a picture"),
    ("!open", "She opens the chat anew"),
    ("@+10m", "10 minutes go by"),
)
"""What the hotline, the clock or she can do in a rehearsal beside writing and tapping."""

EFFECT: Final = {
    "request_handoff": "A person is asked for",
    "line_closed": "Nobody can come, so nobody is asked",
    "request_callback": "Hours for one line are agreed, or none",
    "raise_urgency": "It becomes more urgent",
    "remembered": "Remembered",
    "text_kept": "Her words are kept",
    "signals": "Heard in her words",
    "share_resources": "Numbers are given",
    "safety_answer": "How safe it is to write",
    "hide_all": "Everything is hidden",
    "erase_all": "Everything is erased",
    "leave_queue": "She leaves the queue",
    "end_run": "The chat ends",
    "phrase_chosen": "Her words are set",
    "phrase_tried": "Her words are compared",
    "wait_here": "News may come for 30 minutes",
    "show_held": "What was held is shown",
    "accepted": "A volunteer accepted",
    "declined": "All volunteers declined",
    "closed": "The volunteer closed the chat",
    "nobody": "Nobody answered",
    "out_of_hours": "The line is closed",
    "nothing_to_tap": "There is no such choice here",
    "missing": "Nobody fills this placeholder",
}
