"""`hotline demo`: a whole hotline on this machine only, with made-up people."""

from bot.cli.call import DONE, Call, SubWords, add_word
from bot.cli.serving import serve_here
from bot.services import first_start
from bot.vault.key_ring import KeyRing

BANNER = (
    "This is a demonstration. Nobody answers here who could help: in danger, call the emergency number.\n"
    "Everything it keeps lies in {folder}; delete that folder to begin anew. Stop with Ctrl-C."
)


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(
        sub, "demo", "A whole hotline on this machine only, with made-up people; nothing to set up.", demo
    )
    parser.set_defaults(serves=True)


def demo(call: Call) -> int:
    """Make a demo if there is none, and serve it on loopback."""
    settings = call.settings.for_demo()
    if not KeyRing.exists(settings.key_ring_folder):
        first_start.begin(settings, call.now)
    else:
        first_start.refresh(settings, call.now)
    print(BANNER.format(folder=settings.data_dir), flush=True)
    serve_here(settings, demo=True)
    return DONE
