"""The files of a configuration folder: scripts, words, signals, desks, rotas (design §7).

Files are import sources. What is published lies in the database; words, signals and desks are read from here
at start. A file that cannot be used is told with its name, never half read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from ruamel.yaml.error import YAMLError

from bot.services.library import StaffWords
from bot.services.plain_yaml import read_plain
from handoff.accountability import Accountability, read_accountability
from handoff.desks import Desk, Network, read_desk, read_network
from handoff.issue import Complaint, blocks
from triage.global_words import GlobalWords
from triage.lint.facts import Facts, SentencesOf, tried
from triage.lint.words import UnknownList, WordLists
from triage.reading import SourceFile
from triage.signals import Signals

Folder = Traversable | Path
Value = TypeVar("Value")
SCRIPTS: Final = "scripts"
SIGNALS: Final = "signals"
HOLD: Final = "hold"
HOLD_KEYS: Final = frozenset(
    [
        "title",
        "lead",
        "leave",
        "languages",
        "trial",
        "demo",
        "exception",
        "kept",
        "kept_words",
        "kept_record",
        "kept_traces",
        "kept_counts",
        "not_kept",
        "not_kept_list",
        "read",
        "read_people",
        "read_machine",
        "erased",
        "erased_how",
        "erased_not",
        "danger",
        "danger_told",
        "asked",
        "asked_by",
        "answers",
        "answers_who",
        "answers_rights",
    ]
)
"""What the page "what we hold" says, by key."""


class UnusableFile(Exception):
    """A file of the configuration cannot be used; the text says which, where and why."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a desk changes of the network's script, by id, as its author keeps it (design §7 Desks).

    Attributes:
        document: `over: <script>` and the steps that differ.
        texts: language → the texts that differ.
        base: the revision of the network it is laid over, 0 while it lies in files only.
        base_digest: what that revision holds.
    """

    document: SourceFile
    texts: Mapping[str, SourceFile]
    base: int = 0
    base_digest: str = ""


@dataclass(frozen=True, slots=True)
class ScriptSource:
    """A script as its author keeps it: `<name>.yaml` and `<name>.<language>.yaml` beside it.

    Attributes:
        name: the script's name, its file's without ending.
        document: the script.
        texts: language → its text file.
        overlay: for a desk's changes: the files they stand in; `document` and `texts` are the merged ones.
    """

    name: str
    document: SourceFile
    texts: Mapping[str, SourceFile]
    overlay: Overlay | None = None

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The files its author keeps: of a desk's changes these alone."""
        kept = self.overlay or self
        return (kept.document, *kept.texts.values())


def config_folder(config_dir: Path | None) -> Folder:
    """The folder an operator named, else the one that comes with the program."""
    return files("config") if config_dir is None else config_dir


def script_sources(folder: Folder) -> tuple[ScriptSource, ...]:
    """Every script of a folder, by name. Raises UnusableFile when there is none."""
    found = {file.name: file for file in _yaml_files(folder)}
    names = sorted(name.removesuffix(".yaml") for name in found if name.count(".") == 1)
    if not names:
        raise UnusableFile(f"{folder}: there is no script here; a script is a file such as default.yaml")
    return tuple(
        ScriptSource(
            name,
            _source(found[f"{name}.yaml"]),
            {
                file.split(".")[1]: _source(found[file])
                for file in sorted(found)
                if file.count(".") == 2 and file.startswith(f"{name}.")
            },
        )
        for name in names
    )


def desk_scripts(config: Folder, desk: str) -> tuple[ScriptSource, ...]:
    """A desk's own scripts, whole or changes over the network's; none where it has no such folder."""
    folder = config / "desks" / desk / SCRIPTS
    return script_sources(folder) if folder.is_dir() else ()


def word_lists(config: Folder) -> dict[str, WordLists]:
    """Language → the lists the lint rules read."""
    return dict(_by_language(config / "words", "lists", WordLists.from_plain))


def global_words_plain(config: Folder) -> dict[str, dict[str, tuple[str, ...]]]:
    """Language → global action → the words that stand for it, the shown one first."""
    return dict(_by_language(config / "words", "globals", _lists))


def global_words(config: Folder) -> GlobalWords:
    """The words that work everywhere."""
    try:
        return GlobalWords(global_words_plain(config))
    except ValueError as error:
        raise UnusableFile(f"words/globals: there is no action named {error}") from None


def grids(config: Folder) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Language → rounds of words for the phrase."""
    return dict(_by_language(config / "words", "grid", lambda plain: tuple(_lists(plain["rounds"]))))


def staff_words(config: Folder) -> dict[str, StaffWords]:
    """Language → what volunteers read on a messenger, and what they may type for a command."""
    return dict(_by_language(config / "words", "staff", StaffWords.from_plain))


def ready_answers(config: Folder) -> dict[str, dict[str, str]]:
    """Language → id → ready answer of `sheets/canned.<language>.yaml`; none without such a folder."""
    return _of_sheets(config, "canned")


def ping_lines(config: Folder) -> dict[str, dict[str, str]]:
    """Language → id → neutral line of `sheets/pings.<language>.yaml`, for one later message (B-019)."""
    return _of_sheets(config, "pings")


def _of_sheets(config: Folder, stem: str) -> dict[str, dict[str, str]]:
    folder = config / "sheets"
    if not folder.is_dir():
        return {}
    return dict(_by_language(folder, stem, lambda plain: texts_of(plain["texts"])))


def sensitive(config: Folder) -> dict[str, tuple[str, ...]]:
    """Language → beginnings of words a locked screen must not show (D-20)."""
    lists = word_lists(config)
    return {tag: tuple(entry.rstrip("*") for entry in one.sensitive) for tag, one in lists.items()}


def signals(config: Folder) -> Signals:
    """The lists of words that may mean danger."""
    folder = config / SIGNALS
    plain = {
        file.name.removesuffix(".yaml"): _plain(file, _lists)
        for file in (_yaml_files(folder) if folder.is_dir() else ())
    }
    try:
        return Signals(plain)
    except ValueError as error:
        raise UnusableFile(f"signals: {error}") from None


def lint_facts(config: Folder, today: date | None = None) -> Facts:
    """What the linter is told beside a script: how the danger words did on the sentences written for them."""
    folder = config / SIGNALS / "sentences"
    sentences = {
        file.name.removesuffix(".yaml"): _plain(file, _lists)
        for file in (_yaml_files(folder) if folder.is_dir() else ())
    }
    return Facts(trials=tried(SentencesOf(signals(config), sentences)), today=today)


def sheets(config: Folder) -> tuple[SourceFile, ...]:
    """The sheets beside the scripts: canned answers, profiles, pings, group rules."""
    folder = config / "sheets"
    return tuple(_source(file) for file in (_yaml_files(folder) if folder.is_dir() else ()))


def hold_words(config: Folder) -> dict[str, dict[str, str]]:
    """Language → the words of the public page "what we hold". Raises `UnusableFile` if one lacks some."""
    found = dict(_by_language(config / "words", HOLD, texts_of))
    for tag, words in found.items():
        if odd := sorted(HOLD_KEYS ^ words.keys()):
            raise UnusableFile(
                f"words/{HOLD}.{tag}.yaml: it must have exactly the keys of the shipped one; look at: "
                f"{', '.join(odd)}"
            )
    return found


def read_by_her(config: Folder, language: str) -> bytes:
    """What a practitioner vouches for in files: the words of a language that reach her or are listened for.

    The signal list, the page "what we hold", and the global words, phrase words and country names.
    """
    files = [config / "signals" / f"{language}.yaml"]
    files += [config / "words" / f"{stem}.{language}.yaml" for stem in (HOLD, "globals", "grid", "regions")]
    return b"\0".join(text_of(file).encode() if file.is_file() else b"" for file in files)


def lacking_words(config: Folder, language: str) -> tuple[str, ...]:
    """Files of a language that `open` cannot do without and that are not there."""
    wanted = (f"signals/{language}.yaml", f"words/{HOLD}.{language}.yaml", f"words/globals.{language}.yaml")
    return tuple(name for name in wanted if not _at(config, name).is_file())


def _at(config: Folder, name: str) -> Folder:
    folder, _, file = name.partition("/")
    return config / folder / file


def accountability(config: Folder, desk: str, today: date) -> Accountability | None:
    """Who answers for a desk: its own document, else the network's; None where nobody wrote one."""
    for folder, shown in ((config / "desks" / desk, f"desks/{desk}"), (config / "network", "network")):
        file = folder / "accountability.yaml"
        if file.is_file():
            return _told(read_accountability(text_of(file), f"{shown}/accountability.yaml", today))
    return None


def network(config: Folder) -> Network:
    """What all desks share."""
    file = config / "network" / "network.yaml"
    return _told(read_network(text_of(file), "network/network.yaml"))


def desk_names(config: Folder) -> tuple[str, ...]:
    """Folders under `desks/`."""
    return tuple(sorted(folder.name for folder in (config / "desks").iterdir() if folder.is_dir()))


def desk(config: Folder, name: str) -> Desk:
    """One desk's document."""
    shown = f"desks/{name}/desk.yaml"
    found = _told(read_desk(text_of(config / "desks" / name / "desk.yaml"), shown))
    if found.id != name:
        raise UnusableFile(f"{shown}: its id is {found.id}; it must be the folder's name, {name}")
    return found


def rota_text(config: Folder, name: str) -> SourceFile | None:
    """One desk's rota as it is written, None if it has none."""
    file = config / "desks" / name / "rota.yaml"
    return SourceFile(f"desks/{name}/rota.yaml", text_of(file)) if file.is_file() else None


def blocking(complaints: Iterable[Complaint]) -> str:
    """The complaints that stand in the way, a line each."""
    return "\n".join(str(one) for one in complaints if not one.warning)


def _told(read: tuple[Value | None, tuple[Complaint, ...]]) -> Value:
    value, complaints = read
    if value is None or blocks(complaints):
        raise UnusableFile(blocking(complaints))
    return value


def _by_language(folder: Folder, stem: str, read: Callable[[Any], Value]) -> Iterator[tuple[str, Value]]:
    for file in _yaml_files(folder):
        name, _, rest = file.name.partition(".")
        if name == stem and rest.endswith(".yaml"):
            yield rest.removesuffix(".yaml"), _plain(file, read)


def _plain(file: Folder, read: Callable[[Any], Value]) -> Value:
    """What `read` makes of a file's plain content."""
    try:
        document: Any = read_plain(text_of(file))
        return read(document)
    except YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise UnusableFile(f"{file.name}:{line}: it is not YAML") from None
    except (UnknownList, LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnusableFile(f"{file.name}: it does not have the form of the shipped one ({error})") from None


def texts_of(plain: Any) -> dict[str, str]:
    """A flat list of texts by id; TypeError or ValueError for anything else."""
    if not isinstance(plain, dict):
        raise TypeError("it is not a list of id: text")
    texts = cast("dict[Any, Any]", plain)
    if odd := [str(key) for key, text in texts.items() if not isinstance(text, str) or not text.strip()]:
        raise ValueError(f"{odd[0]} has no text")
    return {str(key): text for key, text in texts.items()}


def _lists(plain: Any) -> Any:
    """The same with every list of words as a tuple of texts."""
    if isinstance(plain, list):
        return tuple(_lists(each) for each in cast("list[Any]", plain))
    if isinstance(plain, dict):
        return {str(key): _lists(each) for key, each in cast("dict[Any, Any]", plain).items()}
    return str(plain)


def _yaml_files(folder: Folder) -> list[Folder]:
    if not folder.is_dir():
        raise UnusableFile(f"{folder}: there is no such folder")
    return sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda f: f.name)


def _source(file: Folder) -> SourceFile:
    return SourceFile(file.name, text_of(file))


def text_of(file: Folder) -> str:
    """The text of a file. Raises `UnusableFile`."""
    try:
        return file.read_bytes().decode("utf-8")  # line ends too stay as they are
    except OSError as error:
        raise UnusableFile(f"{file}: it cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UnusableFile(f"{file}: it is not UTF-8 text") from None
