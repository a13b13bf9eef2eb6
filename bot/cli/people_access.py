"""`hotline people vouch | reset | suspend | leave`: who gets in, who is let in anew, who goes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.cli.call import DONE, Call, Refused, SubWords, WrongUse, add_word
from bot.cli.proof import proven
from bot.services import admitting, audit, departing, documents, leaves, people, resetting
from bot.services.admitting import CannotVouch
from bot.services.house import House
from bot.services.leaves import NotALeave
from bot.services.premises import Premises, Transaction, open_premises
from bot.services.resetting import CannotReset, Half
from bot.store.moments import to_moment


def add(words: SubWords) -> None:
    """Add the words."""
    vouching = add_word(words, "vouch", "Vouch for somebody who was invited; two others must.", vouch)
    vouching.add_argument("alias")
    vouching.add_argument("--as", dest="who", required=True, metavar="ALIAS", help="who vouches")
    vouching.epilog = (
        "Asks for password and one-time code of the one who vouches. Neither may be the one who invited "
        "her. She is active once two vouch for her and she has set up her sign-in."
    )
    resets = add_word(words, "reset", "Password or app lost: two people make her sign-in anew.", reset)
    resets.add_argument("alias")
    resets.add_argument("--as", dest="who", metavar="ALIAS", help="who agrees, a coordinator or supervisor")
    resets.add_argument("--withdraw", action="store_true", help="take back what was begun")
    resets.epilog = (
        "Each of the two gets one half and hands it to her in person or sealed; she needs both. Her browsers "
        "end, her chats go back to the queue, and nobody reads anything."
    )
    suspend = add_word(words, "suspend", "Shut somebody out at once: no sign-in, no chats.", shut_out)
    suspend.add_argument("alias")
    suspend.add_argument("--lift", action="store_true", help="let her in again")
    leave = add_word(words, "leave", "Away for a time, or gone for good.", go)
    leave.add_argument("alias")
    leave.add_argument("--from", dest="since", metavar="DAY", help="first day away, such as 2026-12-24")
    leave.add_argument("--until", metavar="DAY", help="last day away")
    leave.add_argument("--back", action="store_true", help="she is back: leaves end now")
    leave.add_argument(
        "--for-good", action="store_true", help="she leaves: everything is taken back, nothing can be undone"
    )


def vouch(call: Call) -> int:
    """Vouch for somebody."""
    words, now = call.words, to_moment(call.now)
    with open_premises(call.settings) as premises:

        def act(connection: Transaction, house: House, voucher: str) -> tuple[bool, int]:
            newcomer = people.find(connection, house, words.alias).id
            active = admitting.vouch(connection, house, newcomer, voucher, now)
            return active, admitting.still_needed(connection, house, newcomer)

        try:
            active, missing = proven(call, premises, words.who, act)
        except CannotVouch as refused:
            raise Refused(str(refused)) from refused
    if active:
        print(f"{words.alias} is active now.")
    elif missing:
        print(f"{words.who} vouches for {words.alias}. {missing} more must.")
    else:
        print(f"{words.who} vouches for {words.alias}. She is active once she has set up her sign-in.")
    return DONE


def reset(call: Call) -> int:
    """One of the two agrees to make a sign-in anew."""
    words, now = call.words, to_moment(call.now)
    with open_premises(call.settings) as premises:

        def act(connection: Transaction, house: House, by: str) -> Half | None:
            person = people.find(connection, house, words.alias).id
            if words.withdraw:
                resetting.withdraw(connection, house, person, by, now)
                return None
            return resetting.reset(connection, house, person, by, now)

        try:
            if words.who:
                half = proven(call, premises, words.who, act)
            else:
                with premises.write() as connection:
                    half = act(connection, premises.house(), audit.PROGRAM)
        except CannotReset as refused:
            raise Refused(str(refused)) from refused
    _tell_half(call, words.alias, half)
    return DONE


def _tell_half(call: Call, alias: str, half: Half | None) -> None:
    if half is None:
        print(f"What was begun for {alias} is taken back.")
    elif half.first:
        print(f"First half, for {alias} alone: {half.secret}\nSomebody else must agree within 24 hours.")
    else:
        page = f"{call.settings.console_url or f'http://{call.settings.console_bind.shown}'}/enter"
        print(
            f"Second half, for {alias} alone: {half.secret}\n"
            f"With both halves she sets up her sign-in anew at {page}, within 24 hours. Her old "
            "password, her codes and her browsers are void."
        )


def shut_out(call: Call) -> int:
    """Suspend a person, or let her in again."""
    words, now = call.words, to_moment(call.now)
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        person = people.find(connection, house, words.alias)
        if words.lift:
            if person.state != "suspended":
                raise Refused(f"{words.alias} is {person.state}, not suspended.")
            admitting.lift(connection, house, person.id, audit.PROGRAM, now)
        elif person.state == "left":
            raise Refused(f"{words.alias} has left: nothing of hers is open.")
        else:
            people.suspend(connection, person.id)
            audit.record(connection, premises.vault, audit.PROGRAM, "suspend", person.id, (), now)
    print(f"{words.alias} {'may sign in again' if words.lift else 'is shut out'}.")
    return DONE


def go(call: Call) -> int:
    """A leave, its end, or leaving for good."""
    words, now = call.words, to_moment(call.now)
    leave = words.since is not None or words.until is not None
    if [leave, words.back, words.for_good].count(True) != 1:
        raise WrongUse("Say one of: --from DAY --until DAY, --back, --for-good.")
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        person = people.find(connection, house, words.alias)
        if person.state == "left":
            raise Refused(f"{words.alias} has left already.")
        if words.for_good:
            departing.leave_for_good(connection, house, person.id, audit.PROGRAM, now)
            print(f"{words.alias} has left. Her chats are being passed on, her shifts hold no hours.")
        elif words.back:
            leaves.end(connection, house, person.id, audit.PROGRAM, call.now, now)
            print(f"{words.alias} is back.")
        else:
            since, until = _days(call, premises, words.since, words.until)
            try:
                leaves.take(connection, house, person.id, since, until, audit.PROGRAM, now)
            except NotALeave as wrong:
                raise WrongUse(str(wrong)) from wrong
            print(f"{words.alias} is away from {words.since} to {words.until}: her shifts count as missing.")
    return DONE


def _days(call: Call, premises: Premises, since: str | None, until: str | None) -> tuple[datetime, datetime]:
    """From the midnight that begins the first day to the one that ends the last, on the desk's clock."""
    if since is None or until is None:
        raise WrongUse("A leave needs both --from and --until.")
    config = documents.config_folder(call.settings.config_dir)
    zone = ZoneInfo(documents.desk(config, premises.settings.desk).zone)
    return (
        datetime.combine(day(since), time(), tzinfo=zone).astimezone(UTC),
        datetime.combine(day(until) + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC),
    )


def day(text: str) -> date:
    """A day as it was typed. Raises `WrongUse`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{text!r} is not a day such as 2026-12-24.") from None
