"""`hotline scripts`: the acts on texts: import, sign, publish, merge, roll back, put aside."""

import argparse
from collections.abc import Callable
from typing import TypeVar

from bot.cli.call import DONE, Call, Refused, SubWords, WrongUse, add_word
from bot.cli.proving import ask_who
from bot.cli.scripts_found import add_desk, add_path, chosen
from bot.services import (
    documents,
    overlaying,
    people,
    publishing,
    revisions,
    sign_in,
    signing,
    taking_back,
    vouching,
)
from bot.services.audit import PROGRAM
from bot.services.documents import ScriptSource
from bot.services.house import House
from bot.services.judging import HasErrors, Verdict, judge
from bot.services.permissions import NotAllowed
from bot.services.premises import Premises, open_premises
from bot.services.signing import Proof
from bot.services.taking_back import TakenBack

Result = TypeVar("Result")
NOT_ALLOWED = "{alias} may not do this at that desk. `hotline people grant` gives roles. Nothing was done."


def add(words: SubWords) -> None:
    """Add the words."""
    taken = add_word(words, "import", "Keep scripts as drafts.", take)
    add_path(taken)
    add_desk(taken)
    taken.add_argument("--as", dest="alias", metavar="ALIAS", help="who wrote it; she cannot review it then")
    _add_sign(words)
    out = add_word(
        words, "publish", "Make a script the one newcomers meet; errors stand in the way.", publish
    )
    add_path(out)
    add_desk(out)
    out.add_argument("--revision", type=int, help="a draft, in place of a path")
    out.add_argument(
        "--replacing", type=int, metavar="LIVE", help="it may undo this one, which went live meanwhile"
    )
    merged = add_word(
        words, "merge", "Lay a desk's changes over the network's script as it is now: a new draft.", merge
    )
    add_desk(merged, default=None, told="the desk")
    _add_back(words)
    aside = add_word(words, "discard", "Put a draft aside; it is kept, and nobody publishes it.", discard)
    aside.add_argument("revision", type=int)


def _add_sign(words: SubWords) -> None:
    sign_ = add_word(words, "sign", "Sign a revision; asks for password and one-time code.", sign)
    sign_.epilog = (
        "Two people sign, one of them a reviewer who did not write the text. The signature is over all\n"
        "files of the revision, every text of every language. Without a terminal, password and code are\n"
        "read as two lines."
    )
    sign_.formatter_class = argparse.RawDescriptionHelpFormatter
    sign_.add_argument("revision", type=int)
    sign_.add_argument("--as", dest="alias", required=True, metavar="ALIAS", help="who signs")
    sign_.add_argument(
        "--digest", metavar="HEX", help="what you read, as `revisions` shows it; another content is refused"
    )
    sign_.add_argument(
        "--language", metavar="TAG", help="vouch for one language: a reviewer who grew up with it"
    )
    sign_.add_argument(
        "--exception", action="store_true", help="with --language: let it pass for 30 days, by two people"
    )
    sign_.add_argument("--take-back", action="store_true", help="take your own signature under a draft back")


def _add_back(words: SubWords) -> None:
    back = add_word(words, "rollback", "Go back to the revision before; one person is enough.", roll_back)
    add_desk(back)
    back.add_argument(
        "--harmful",
        action="store_true",
        help="open conversations leave it too, at their next turn, and it never comes back",
    )
    back.add_argument(
        "--revision", type=int, help="with --harmful: recall this one, live or not; default the live one"
    )


def take(call: Call) -> int:
    """Import drafts."""
    with open_premises(call.settings) as premises:
        house = premises.house()
        sources = [_ready(premises, source) for source in chosen(call)[0]]
        if not sources:
            raise Refused(f"Desk {call.words.desk} has no folder of scripts. Name a path.")
        with premises.write() as connection:
            actor = PROGRAM
            if call.words.alias is not None:
                actor = people.find(connection, house, call.words.alias).id
            for source in sources:
                draft = _allowed(
                    call,
                    lambda one=source: publishing.import_source(
                        connection, house, actor, call.words.desk, one, call.now
                    ),
                )
                print(f"{source.name}: revision {draft.id} ({draft.state.value}), digest {draft.digest[:12]}")
    return DONE


def sign(call: Call) -> int:
    """Sign a revision, or one language of it."""
    words = call.words
    if words.exception and words.language is None:
        raise WrongUse("--exception goes with --language.")
    with open_premises(call.settings) as premises:
        house = premises.house()
        with premises.read() as connection:
            source = revisions.source_of(connection, premises.vault, words.revision)
        held = revisions.digest_of(source)
        if words.digest is not None and not (len(words.digest) >= 8 and held.startswith(words.digest)):
            raise Refused(
                f"Revision {words.revision} holds {held[:12]}, not {words.digest}: it is another text than "
                "you read. Nothing was signed."
            )
        proof = ask_who(call, premises, words.alias)
        if words.take_back:
            return _take_back(call, premises, house, proof)
        if words.language is not None:
            return _vouch(call, premises, house, proof)
        _judged(call, source).demand_clean(words.revision, held)
        with premises.write() as connection:
            standing = _allowed(
                call,
                lambda: signing.sign(connection, house, proof, words.revision, held, call.now),
            )
    print(f"Revision {words.revision}: {standing.told}.")
    return DONE


def _vouch(call: Call, premises: Premises, house: House, proof: Proof) -> int:
    words, config = call.words, documents.config_folder(call.settings.config_dir)
    with premises.write() as connection:
        stands = _allowed(
            call,
            lambda: vouching.vouch(
                connection,
                house,
                proof,
                words.revision,
                words.language,
                config,
                call.now,
                exception=words.exception,
            ),
        )
    print(f"{stands.tag}: {stands.told}.")
    return DONE


def _take_back(call: Call, premises: Premises, house: House, proof: Proof) -> int:
    with premises.write() as connection:
        if proof.claimed is None or not sign_in.spend_code(
            connection, house, proof.claimed, proof.code, call.now
        ):
            raise Refused(signing.NOT_PROVEN)
        signing.take_back(connection, house, proof.person, call.words.revision, call.now)
    print(f"The signature of {call.words.alias} under revision {call.words.revision} is taken back.")
    return DONE


def publish(call: Call) -> int:
    """Publish one script; errors block (PR14), and in `open` so do missing signatures."""
    words = call.words
    with open_premises(call.settings) as premises:
        house = premises.house()
        draft = _draft(call, premises)
        number = words.revision if draft is None else 0
        if draft is None:
            with premises.read() as connection:
                draft = revisions.source_of(connection, premises.vault, number)
        verdict = _judged(call, draft)
        if verdict.errors:
            raise HasErrors(verdict.issues)
        if not number and house.mode == publishing.OPEN:
            # Kept whatever follows: what two people must sign first has to be there.
            with premises.write() as connection:
                number = publishing.import_source(connection, house, PROGRAM, words.desk, draft, call.now).id
        with premises.write() as connection:
            if not number:
                number = publishing.import_source(connection, house, PROGRAM, words.desk, draft, call.now).id
            done = publishing.publish(
                connection, house, PROGRAM, number, verdict, call.now, replacing=words.replacing
            )
    for issue in verdict.issues:
        print(issue)
    print(f"Revision {number} is published: {done.standing.told}.")
    print("Open conversations keep the one they began with.")
    return DONE


def merge(call: Call) -> int:
    """Lay a desk's changes over the network's live script."""
    if call.words.desk is None:
        raise WrongUse("Name the desk: --desk DESK.")
    with open_premises(call.settings) as premises, premises.write() as connection:
        draft = overlaying.merge_anew(connection, premises.house(), PROGRAM, call.words.desk, call.now)
    print(f"Revision {draft.id} (draft): the changes of desk {draft.desk} over the network's live script.")
    return DONE


def roll_back(call: Call) -> int:
    """Put the revision before back, or recall a harmful one."""
    words = call.words
    if words.revision is not None and not words.harmful:
        raise WrongUse("--revision goes with --harmful: without it the live revision is taken back.")
    with open_premises(call.settings) as premises, premises.write() as connection:
        house = premises.house()
        if words.revision is not None:
            gone = taking_back.recall(connection, house, PROGRAM, words.revision, call.now)
        else:
            gone = taking_back.roll_back(
                connection, house, PROGRAM, words.desk, call.now, harmful=words.harmful
            )
    _tell_gone(gone)
    return DONE


def _tell_gone(gone: TakenBack) -> None:
    one = gone.revision
    live = f"Revision {gone.live.id} is live" if gone.live is not None else "The network's script is live"
    print(f"{live} again; {one.id} is {one.state.value}.")
    for other in gone.others:
        print(f"Revision {other.id} of desk {other.desk} holds the same texts: {other.state.value} too.")


def discard(call: Call) -> int:
    """Put a draft aside."""
    with open_premises(call.settings) as premises, premises.write() as connection:
        taking_back.discard(connection, premises.house(), PROGRAM, call.words.revision, call.now)
    print(f"Revision {call.words.revision} is put aside.")
    return DONE


def _draft(call: Call, premises: Premises) -> ScriptSource | None:
    """The script of the path; None where a revision is named."""
    if call.words.revision is not None:
        return None
    sources, _ = chosen(call)
    if len(sources) != 1:
        names = ", ".join(source.name for source in sources) or "none"
        raise Refused(f"Several scripts, or none, lie there ({names}): name the file of one.")
    return _ready(premises, sources[0])


def _ready(premises: Premises, source: ScriptSource) -> ScriptSource:
    """A desk's changes are laid over what the network has published."""
    if source.overlay is not None:
        source = overlaying.changes_of(source)
    elif not overlaying.is_overlay(source):
        return source
    with premises.read() as connection:
        return overlaying.lay_over_live(connection, premises.vault, source)


def _allowed(call: Call, act: Callable[[], Result]) -> Result:
    try:
        return act()
    except NotAllowed:
        raise Refused(NOT_ALLOWED.format(alias=call.words.alias)) from None


def _judged(call: Call, source: ScriptSource) -> Verdict:
    config = documents.config_folder(call.settings.config_dir)
    organisation = call.settings.organisation or documents.network(config).organisation
    return judge(source, config, organisation)
