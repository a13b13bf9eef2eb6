"""Words the whole host shares: ids, stages, roles, due kinds (design §3 to §6, §10)."""

from enum import StrEnum
from typing import NewType

ContactId = NewType("ContactId", str)
ConversationId = NewType("ConversationId", str)
HandoffId = NewType("HandoffId", str)
EntryId = NewType("EntryId", str)
PersonId = NewType("PersonId", str)
DeskId = NewType("DeskId", str)

NETWORK_DESK = DeskId("network")


class Stage(StrEnum):
    """Where a conversation stands."""

    TRIAGE = "triage"  # with the guide
    WAITING = "waiting"  # in the queue; the guide still answers
    LIVE = "live"  # with a volunteer
    CLOSING = "closing"  # announced; the one question "remove all / leave the numbers"
    CLOSED = "closed"  # key destroyed; tombstone


class InboxState(StrEnum):
    """Where an inbox entry stands."""

    NEW = "new"
    DONE = "done"
    POISON = "poison"
    WITHDRAWN = "withdrawn"  # overtaken by hide or stop


class DueKind(StrEnum):
    """Everything with a deadline is a due row of one of these kinds."""

    NUDGE = "nudge"  # live chat, last word hers: tell the volunteer (PR9)
    ALERT_SUPERVISOR = "alert_supervisor"
    TAKE_BACK = "take_back"  # back to the head of her urgency, with an honest line
    TAKEOVER_UNANSWERED = "takeover_unanswered"  # she did not say whether another person may take over
    SHIFT_ENDS = "shift_ends"  # live chat: look when the shift of the volunteer who has it ends (B-098)
    SILENCE = "silence"  # live chat, last word ours: is she still there, and later a quiet close (B-099)
    HOLDER_GONE = "holder_gone"  # whoever held it is shut out or signed out: back to the queue at once
    OFFER_EXPIRES = "offer_expires"
    CALL_STEP = "call_step"  # next rung of a call for a supervisor, or a look at an acknowledged one
    BREAK_ENDS = "break_ends"  # subject: the person
    COOLING_ENDS = "cooling_ends"  # a volunteer has rested from a heavy chat
    EXPOSURE = "exposure"  # subject: a person who had many heavy chats; her coordinator is told
    DEBRIEF_OPEN = "debrief_open"  # nobody has talked with her yet: a supervisor is told, once
    SHIFT_STEP = "shift_step"  # next stage of one shift of one person: reminders, is she there, over
    COVER_STEP = "cover_step"  # next wave of a call for cover, its alarms, its end
    SWAP_ENDS = "swap_ends"  # nobody took it, or nobody said yes to it
    CALLBACK = "callback"  # a callback falls due, is rung again, alarms, or its hours are over
    QUEUE_STEP = "queue_step"  # next step of the escalation of one waiting hand-off
    WAIT_NEWS = "wait_news"  # honest wait text, only inside her window
    PLACE_HELD_ENDS = "place_held_ends"
    COVER_SHOWN_TEXT = "cover_shown_text"  # quiet mode: 60 s after she tapped show
    IDLE_CLOSE = "idle_close"
    ERASE_CONVERSATION = "erase_conversation"  # close or session end, at most 24 h later (B-107)
    ERASE_CONTACT = "erase_contact"
    DELETE_OLD_LINES = "delete_old_lines"  # open chat: what has stood for a day goes from her screen (B-014)
    COMPARE_PHRASE = "compare_phrase"  # hash or compare a phrase, outside the writer thread
    CLOSE_ANYWAY = "close_anyway"  # the closing question was not answered
    ANSWER_AGAIN = "answer_again"  # what she was to be told was recalled: the live revision answers
    TURN_EPOCH = "turn_epoch"
    PERIODIC = "periodic"


class AddressState(StrEnum):
    """Where a linked address stands."""

    LINKED = "linked"
    BLOCKED = "blocked"  # the network says that she blocked the bot
    UNLINKED = "unlinked"


class ChatState(StrEnum):
    """Where a chat on a messenger stands."""

    OPEN = "open"
    ENDING = "ending"  # what was posted of it is being removed


class Job(StrEnum):
    """What is done over and over; subject of a due row of kind `periodic`."""

    TURN_KEYS = "turn_keys"
    FORGET_OLD = "forget_old"
    REPAIR_DEADLINES = "repair_deadlines"
    LOOK_FOR_CHANGES = "look_for_changes"


class Role(StrEnum):
    """What a person may be; granted per desk (design §10)."""

    TRAINEE = "trainee"
    VOLUNTEER = "volunteer"
    SUPERVISOR = "supervisor"
    COORDINATOR = "coordinator"
    TRAINER = "trainer"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    STEWARD = "steward"
    OPERATOR = "operator"
