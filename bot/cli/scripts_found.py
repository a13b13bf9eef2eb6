"""Which scripts a path means, and where the words the linter needs come from."""

from pathlib import Path

from bot.cli.call import Call, Refused, Words
from bot.model import NETWORK_DESK
from bot.services import documents, overlaying
from bot.services.documents import Folder, ScriptSource


def add_path(parser: Words) -> None:
    """The path of scripts."""
    parser.add_argument(
        "path", nargs="?", type=Path, help="a script, a folder of scripts, or a configuration folder"
    )


def add_desk(
    parser: Words,
    default: str | None = NETWORK_DESK,
    told: str = f"default {NETWORK_DESK}: every desk without its own",
) -> None:
    """The desk a script is for."""
    parser.add_argument("--desk", default=default, help=told)


def found(call: Call) -> tuple[tuple[ScriptSource, ...], Folder]:
    """The scripts a path means, and the configuration folder their words come from.

    A whole configuration brings the desks' changes too, each laid over the network's script.
    """
    typed: Path | None = call.words.path
    if typed is None:
        config = documents.config_folder(call.settings.config_dir)
        return _whole(config), config
    path = (call.cwd / typed).resolve()
    if (path / documents.SCRIPTS).is_dir():
        return _whole(path), path
    folder = path if path.is_dir() else path.parent
    config = _config_around(folder)
    sources = documents.script_sources(folder)
    if path.is_dir():
        return sources, config
    chosen = tuple(source for source in sources if source.document.name == path.name)
    if not chosen:
        raise Refused(f"{path}: there is no such script. A script is a file such as default.yaml.")
    return chosen, config


def chosen(call: Call) -> tuple[tuple[ScriptSource, ...], Folder]:
    """The scripts a path means for one desk: without one, those of the configuration for that desk."""
    if call.words.path is not None:
        return found(call)
    config = documents.config_folder(call.settings.config_dir)
    if call.words.desk == NETWORK_DESK:
        return documents.script_sources(config / documents.SCRIPTS), config
    return documents.desk_scripts(config, call.words.desk), config


def is_configuration(call: Call) -> bool:
    """True where the path means a whole configuration, sheets and all, not one script."""
    typed: Path | None = call.words.path
    return typed is None or (call.cwd / typed / documents.SCRIPTS).is_dir()


def _whole(config: Folder) -> tuple[ScriptSource, ...]:
    network = documents.script_sources(config / documents.SCRIPTS)
    desks = documents.desk_names(config) if (config / "desks").is_dir() else ()
    own = [source for desk in desks for source in documents.desk_scripts(config, desk)]
    return (*network, *(_laid_over(source, network) for source in own))


def _laid_over(source: ScriptSource, network: tuple[ScriptSource, ...]) -> ScriptSource:
    if not overlaying.is_overlay(source):
        return source
    base = next((one for one in network if one.name == source.name), None)
    if base is None:
        known = ", ".join(one.name for one in network)
        raise Refused(f"{source.document.name}: there is no such script of the network; there are: {known}")
    return overlaying.merge(base, source)


def _config_around(folder: Path) -> Folder:
    """The configuration folder a folder of scripts lies in: `scripts`, or `desks/<desk>/scripts`."""
    for around in folder.parents[:3]:
        if (around / "words").is_dir():
            return around
    return documents.config_folder(None)
