"""`hotline rota feed`: secret calendar links, given out and revoked."""

from bot.cli.call import DONE, Call, Refused, SubWords, add_word
from bot.services import audit, feeds, people
from bot.services.feeds import NoSharedFeed
from bot.services.loading import load_library
from bot.services.premises import open_premises
from bot.store.moments import to_moment
from bot.web.feeds import PATH


def add(words: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        words,
        "feed",
        "A secret link to somebody's own shifts for her calendar, which shows them as busy and nothing "
        "else. A new link ends the one before.",
        link,
    )
    parser.add_argument("alias")
    parser.add_argument(
        "--everybody",
        action="store_true",
        help="everybody's shifts at a desk under their aliases; only where its rota.yaml allows it",
    )
    parser.add_argument("--desk", help="with --everybody; default the one of the settings")
    parser.add_argument("--revoke", action="store_true", help="end all her links, at once")


def link(call: Call) -> int:
    """Print a new link, or revoke."""
    words, now = call.words, to_moment(call.now)
    desk = (words.desk or call.settings.desk) if words.everybody else None
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        person = people.find(connection, house, words.alias)
        if words.revoke:
            ended = feeds.revoke(connection, person.id)
            audit.record(connection, premises.vault, audit.PROGRAM, "revoke", person.id, ("feed",), now)
            print(f"{ended} calendar links of {words.alias} are revoked.")
            return DONE
        if person.state != "active":
            raise Refused(f"{words.alias} has not signed in, or is shut out: there is nothing to show her.")
        if desk is not None:
            config = call.settings.config_dir
            house.library = load_library(connection, premises.vault, config, call.now)
        try:
            token = feeds.make_link(connection, house, person.id, desk, call.now)
        except NoSharedFeed as refused:
            raise Refused(str(refused)) from None
        codes = ("feed", desk or "own")
        audit.record(connection, premises.vault, audit.PROGRAM, "give", person.id, codes, now)
    bind = call.settings.public_bind
    print(f"{call.settings.public_url or f'http://{bind.shown}'}{PATH.replace('{token}', token)}")
    return DONE
