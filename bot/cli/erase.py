"""`hotline erase`: one conversation, or everything of one contact, by what the live queue shows."""

from bot.cli.call import DONE, REFUSED, Call, Refused, SubWords, add_word
from bot.services import audit
from bot.services.aliases import contact_named, is_open
from bot.services.erasing_asked import erase_asked
from bot.services.premises import Premises, ask_and_wait, holding, open_premises
from bot.store.moments import to_moment
from bot.store.requests import RequestKind, RequestState
from channels.matrix.capabilities import CAPABILITIES as MATRIX
from channels.telegram.capabilities import CAPABILITIES as TELEGRAM
from channels.webchat.channel import CAPABILITIES as WEB

# Every channel there is, set up or not: what stands with her is deleted by whichever service runs next.
CHANNELS = {"web": WEB, "telegram": TELEGRAM, "matrix": MATRIX}


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(sub, "erase", "Erase a conversation or a contact, as if she had typed `stop`.", erase)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--conversation", metavar="ID", help="an id from the live queue; there is no search")
    which.add_argument("--contact", metavar="ALIAS", help="the chat's alias as the volunteer sees it")


def erase(call: Call) -> int:
    """Erase here, or have the running service do it."""
    with open_premises(call.settings) as premises, holding(call.settings.data_dir) as ours:
        subject = _subject(call, premises)
        if ours:
            with premises.write() as connection:
                house = premises.house()
                house.channels = dict(CHANNELS)
                erase_asked(connection, house, subject, to_moment(call.now))
        elif ask_and_wait(premises, RequestKind.ERASE, subject, call.now) is RequestState.ASKED:
            print("The service has been asked and has not done it yet. Look at the queue again.")
            return REFUSED
        with premises.engine.begin() as connection:
            kind, _, number = subject.partition(":")
            moment = to_moment(call.now)
            audit.record(connection, premises.vault, audit.PROGRAM, "erase", number, (kind,), moment)
    print("Erased. `hotline keys rotate` makes it final at once; without it, within 24 hours.")
    return DONE


def _subject(call: Call, premises: Premises) -> str:
    with premises.engine.begin() as connection:
        if call.words.conversation:
            if not is_open(connection, call.words.conversation):
                raise Refused("No open conversation has this id. Take it from the live queue.")
            return f"conversation:{call.words.conversation}"
        contacts = contact_named(connection, premises.house(), call.words.contact)
    if len(contacts) != 1:
        many = "More than one open chat has" if contacts else "No open chat has"
        raise Refused(f"{many} this alias. Take the conversation's id from the live queue.")
    return f"contact:{contacts[0]}"
