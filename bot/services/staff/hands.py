"""What a volunteer does from her messenger: the same acts as in the console, by the same services.

Each act is told back in one line. Words go to her who is named by topic, room or reply, checked against the
claim in the same transaction; else to nobody (PR8).
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.services import audit, calls, desk, jitter
from bot.services.desk import DeskRefusal, Flagged
from bot.services.house import House
from bot.services.messenger.addresses import StaffAddress
from bot.services.messenger.surfaces import shows_words
from bot.services.messenger.words import code_told, flags_told, staff_words
from bot.services.panes import NotYours, desk_of
from bot.services.peeking import chat_name
from bot.services.permissions import Action, NotAllowed, Thing, demand
from bot.services.staff import chat_acts, chats, day_acts, drafts
from bot.services.staff.chat_acts import Acting
from bot.services.staff.chats import Chat
from bot.services.staff.told import After, Told
from bot.store import tables as t
from handoff.commands import Asked, Verb, Where as Lists, shown
from handoff.model import Outcome

__all__ = ["After", "Hand", "Told"]
NOTE_ANYWAY = "!"  # before a note that is to be kept whatever it tells of her


@dataclass(frozen=True, slots=True)
class Hand:
    """One volunteer at one messenger, in one transaction."""

    connection: Connection
    house: House
    address: StaffAddress
    now: int

    @property
    def words(self) -> Callable[[str], str]:
        """The staff's words in her language."""
        return staff_words(self.connection, self.house, self.address.person)

    # --- words to her -----------------------------------------------------------------------------------
    def write(self, chat: Chat, text: str, *, anyway: bool = False) -> Told | None:
        """Words to her who is named; None when nothing needs to be said about it."""
        try:
            self._demand(Action.EDIT, Thing.LIVE_CHAT, chat.handoff)
            desk.write(
                self.connection, self.house, chat.handoff, chat.person, chat.version, text, self.now,
                anyway=anyway,
            )  # fmt: skip
            jitter.put_off(
                self.connection, self.house, (chat.handoff, chat.version, chat.person),
                self.address.channel, self.now,
            )  # fmt: skip
        except Flagged as flagged:
            told = flags_told(self.words, flagged.flags)
            return Told(told, self._list(Lists.DRAFT, chat.handoff), chat, draft=text)
        except (DeskRefusal, NotAllowed, NotYours) as refused:
            return Told(self._refused(refused), chat=chat)
        return None

    # --- commands ---------------------------------------------------------------------------------------
    def act(self, asked: Asked, chat: Chat | None) -> Told:
        """Carry out a command; `chat` is the one the place, the reply or the tap names."""
        try:
            return day_acts.act(self._acting, asked) or self._act(asked, chat)
        except (DeskRefusal, NotAllowed, LookupError) as refused:
            return Told(self._refused(refused), chat=chat)

    def _act(self, asked: Asked, chat: Chat | None) -> Told:
        match asked.verb:
            case Verb.ACCEPT | Verb.DECLINE:
                return self._answer_offer(asked)
            case Verb.READY | Verb.PAUSE:
                return self._say_ready(ready=asked.verb is Verb.READY)
            case Verb.MENU:
                return self.menu(chat)
            case Verb.JOIN:
                return chat_acts.join(self._acting, asked)
            case Verb.NUMBERS if asked.argument:
                return chat_acts.pick_number(self._acting, asked)
            case Verb.ANSWERS if asked.argument:
                return self._send_answer(asked)
            case _ if chat is None:
                return Told(self.words("staff.no_chat"))
            case _:
                return self._in_chat(asked, chat)

    def menu(self, chat: Chat | None) -> Told:
        """What can be done here."""
        if chat is None:
            return Told(self.words("staff.lobby"), self._list(Lists.LOBBY))
        where = Lists.GUEST if chats.is_visit(self.connection, chat) else Lists.CHAT
        return Told(chat_name(chat.handoff), self._list(where, chat.handoff), chat)

    @property
    def _acting(self) -> Acting:
        return Acting(self.connection, self.house, self.address, self.now, self.words, self._audit)

    def _answer_offer(self, asked: Asked) -> Told:
        handoff = asked.subject or self._offered()
        self._demand(Action.TAKE, Thing.LIVE_CHAT, handoff)
        person, words = self.address.person, self.words
        if asked.verb is Verb.DECLINE:
            desk.decline(self.connection, handoff, person, self.now)
            return Told(words("staff.declined"))
        if chats.holds_one_without_place(self.connection, self.address.id):
            return Told(words("staff.one_here"))
        version = desk.accept(self.connection, self.house, handoff, person, self.now)
        name = chat_name(handoff)
        if not shows_words(self.house, self.address.channel, desk_of(self.connection, handoff)):
            return Told(words("staff.taken_elsewhere").format(name=name))
        chats.begin(self.connection, self.house, self.address, handoff, version)
        self._audit("read", handoff)
        return Told(words("staff.taken").format(name=name))

    def _offered(self) -> str:
        """The one offer she has, when she types the word without naming it."""
        offer = t.offer.c
        rows = (
            self.connection.execute(
                select(offer.handoff).where(
                    offer.person == self.address.person, offer.state == "pending", offer.expires_at > self.now
                )
            )
            .scalars()
            .all()
        )
        if len(rows) != 1:
            raise NotYours("no offer, or several")
        return rows[0]

    def _say_ready(self, *, ready: bool) -> Told:
        desk.say_ready(self.connection, self.address.person, self.now, ready=ready)
        return Told(self.words("staff.is_ready" if ready else "staff.is_paused"))

    def _in_chat(self, asked: Asked, chat: Chat) -> Told:
        does: dict[Verb, Callable[[Asked, Chat], Told]] = {
            Verb.CHECK: self._check,
            Verb.SOMEONE_ELSE: self._ask_about_cover,
            Verb.COVER: self._cover,
            Verb.PASS_ON: self._pass_on,
            Verb.ASK_OVER: self._ask_over,
            Verb.ASK_STOP: self._ask_stop,
            Verb.MORE: self._more,
            Verb.NUMBERS: self._numbers,
            Verb.ANSWERS: self._answers,
            Verb.PART: self._part,
            Verb.BLOCK: self._block,
            Verb.CLOSE: self._close,
            Verb.NOTE: self._note,
            Verb.SUPERVISOR: self._call,
            Verb.SEND_ANYWAY: self._send_anyway,
        }
        return does[asked.verb](asked, chat)

    def _check(self, _: Asked, chat: Chat) -> Told:
        self._demand(Action.EDIT, Thing.LIVE_CHAT, chat.handoff)
        desk.check_it_is_her(self.connection, self.house, chat.handoff, chat.person, chat.version, self.now)
        self._audit("check", chat.handoff)
        return Told(self.words("staff.checked"), chat=chat)

    def _ask_about_cover(self, _: Asked, chat: Chat) -> Told:
        return Told(self.words("staff.sure_cover"), self._list(Lists.COVERING, chat.handoff), chat)

    def _cover(self, _: Asked, chat: Chat) -> Told:
        self._demand(Action.EDIT, Thing.LIVE_CHAT, chat.handoff)
        after = desk.someone_else(
            self.connection, self.house, chat.handoff, chat.person, chat.version, self.now
        )
        self._audit("cover", chat.handoff)
        return Told(self.words("staff.covered"), after=after)

    def _pass_on(self, asked: Asked, chat: Chat) -> Told:
        self._demand(Action.EDIT, Thing.LIVE_CHAT, chat.handoff)
        return chat_acts.pass_on(self._acting, asked, chat)

    def _ask_over(self, _: Asked, chat: Chat) -> Told:
        self._demand(Action.EDIT, Thing.LIVE_CHAT, chat.handoff)
        return chat_acts.ask_over(self._acting, chat)

    def _ask_stop(self, _: Asked, chat: Chat) -> Told:
        self._demand(Action.EDIT, Thing.LIVE_CHAT, chat.handoff)
        return chat_acts.ask_stop(self._acting, chat)

    def _more(self, _: Asked, chat: Chat) -> Told:
        return Told(chat_name(chat.handoff), self._list(Lists.MORE, chat.handoff), chat)

    def _numbers(self, asked: Asked, chat: Chat) -> Told:
        self._demand(Action.EDIT, Thing.LIVE_CHAT, chat.handoff)
        return chat_acts.look_for_numbers(self._acting, asked, chat)

    def _answers(self, _: Asked, chat: Chat) -> Told:
        return chat_acts.show_answers(self._acting, chat)

    def _send_answer(self, asked: Asked) -> Told:
        picked = chat_acts.picked_answer(self._acting, asked)
        refused = self.write(picked.chat, picked.value)
        return refused or Told(self.words("staff.sent").format(text=picked.value), chat=picked.chat)

    def _part(self, _: Asked, chat: Chat) -> Told:
        return chat_acts.part(self._acting, chat)

    def _block(self, _: Asked, chat: Chat) -> Told:
        self._demand(Action.CLOSE, Thing.LIVE_CHAT, chat.handoff)
        return chat_acts.block(self._acting, chat)

    def _send_anyway(self, _: Asked, chat: Chat) -> Told:
        text = drafts.take(self.connection, self.house, chat)
        if not text:
            return Told(self.words("staff.refusal_empty"), chat=chat)
        return self.write(chat, text, anyway=True) or Told("", chat=chat)

    def _close(self, asked: Asked, chat: Chat) -> Told:
        if asked.argument not in {outcome.value for outcome in Outcome}:
            return Told(self.words("staff.how_ended"), self._list(Lists.ENDING, chat.handoff), chat)
        self._demand(Action.CLOSE, Thing.LIVE_CHAT, chat.handoff)
        outcome = Outcome(asked.argument)
        desk.close(self.connection, self.house, chat.handoff, chat.person, chat.version, outcome, self.now)
        self._audit("close", chat.handoff)
        return Told(self.words("staff.closed"))

    def _note(self, asked: Asked, chat: Chat) -> Told:
        if not asked.text:
            return Told(self.words("staff.note_how"), chat=chat)
        self._demand(Action.EDIT, Thing.NOTE, chat.handoff)
        # Not by a kept draft and a button: what was never meant for her must not lie where words to her lie.
        anyway = asked.text.startswith(NOTE_ANYWAY)
        text = asked.text.removeprefix(NOTE_ANYWAY).strip()
        try:
            desk.note(
                self.connection, self.house, chat.handoff, chat.person, chat.version, text, self.now,
                anyway=anyway,
            )  # fmt: skip
        except Flagged as flagged:
            found = flagged.flags.numbers + flagged.flags.links + flagged.flags.addresses
            return Told(self.words("staff.note_flagged").format(found=", ".join(found)), chat=chat)
        return Told(self.words("staff.noted"), chat=chat)

    def _call(self, _: Asked, chat: Chat) -> Told:
        self._demand(Action.EDIT, Thing.CALL, chat.handoff)
        desk_id = desk_of(self.connection, chat.handoff)
        desk.call_supervisor(self.connection, self.house, chat.handoff, chat.person, chat.version, self.now)
        there = calls.supervisors(self.connection, self.house, desk_id, self.now)
        return Told(self.words("staff.called" if there else "staff.nobody_to_call"), chat=chat)

    # ----------------------------------------------------------------------------------------------------
    def _list(self, where: Lists, subject: str = "") -> list[list[str]]:
        return [[one.token, one.label, one.digit] for one in shown(where, self.words, subject)]

    def _demand(self, action: Action, thing: Thing, handoff: str) -> None:
        demand(self.connection, self.address.person, action, thing, desk_of(self.connection, handoff))

    def _audit(self, verb: str, handoff: str) -> None:
        person, vault = self.address.person, self.house.vault
        audit.record(self.connection, vault, person, verb, handoff, (self.address.channel,), self.now)

    def _refused(self, refused: Exception) -> str:
        code = refused.code if isinstance(refused, DeskRefusal) else "NOT_YOURS"
        if isinstance(refused, NotAllowed):
            code = "NOT_ALLOWED"
        return code_told(self.words, "refusal", code)
