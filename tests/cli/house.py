"""A small configuration, a new hotline in a folder, and the real program as a subprocess."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryFile

from bot.cli.main import main
from tests.architecture.tree import ROOT

PROGRAM = Path(sys.executable).parent / "hotline"
CLEAN = ROOT / "tests" / "broken_scripts"


def small_config(folder: Path) -> Path:
    """The shipped configuration with a short script that the linter likes, and few resources."""
    config = folder / "config"
    with_shipped = Path(str(files("config")))
    shutil.copytree(with_shipped, config, ignore=shutil.ignore_patterns("*.py", "__pycache__", "scripts"))
    for file in (config / "resources").glob("[A-Z][A-Z].yaml"):
        if file.stem not in {"RO", "EU", "XX"}:
            file.unlink()
    (config / "scripts").mkdir()
    for name in ("clean.yaml", "clean.en.yaml", "clean.ro.yaml"):
        shutil.copy(CLEAN / name, config / "scripts" / name)
    return config


def environ_of(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a hotline in `folder`."""
    return {
        "PATH": os.environ["PATH"],
        "HOTLINE_DATA_DIR": str(folder / "data"),
        "HOTLINE_CONFIG_DIR": str(folder / "config"),
        "HOTLINE_PUBLIC_BIND": "127.0.0.1:0",
        "HOTLINE_CONSOLE_BIND": "127.0.0.1:0",
        "HOTLINE_OPS_BIND": "127.0.0.1:0",
        **more,
    }


def program(
    folder: Path, *words: str, typed: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the installed `hotline` in `folder` to its end."""
    return subprocess.run(
        [PROGRAM, *words],
        cwd=folder,
        env=environ_of(folder) if environ is None else dict(environ),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def hotline(
    folder: Path, *words: str, typed: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own that need not import everything once more."""
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(typed.encode())
        given.seek(0)
        child = os.fork()
        if child == 0:
            try:
                for number, file in enumerate((given, out, err)):
                    os.dup2(file.fileno(), number)
                _become(folder, words, environ_of(folder) if environ is None else environ)
            finally:
                os._exit(99)  # never back into the test
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        code = os.waitstatus_to_exitcode(status)
        return subprocess.CompletedProcess(words, code, out.read().decode(), err.read().decode())


def signed_in(house: Path) -> None:
    """Everyone invited has signed in."""
    database = sqlite3.connect(house / "data/hotline.db")
    with database:
        database.execute("UPDATE person SET state = 'active'")
    database.close()


def changed_script(house: Path, old: str = "spec: 1", new: str = "spec: 1 # anew") -> Path:
    """Change the small configuration's script; returns its file."""
    file = house / "config/scripts/clean.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def checks(house: Path, *words: str, **more: str) -> dict[str, dict[str, str]]:
    """What `doctor` tells, by check; of several under one name the worst."""
    told = hotline(house, "doctor", "--format", "json", *words, environ=environ_of(house, **more))
    listed = json.loads(told.stdout)
    assert told.returncode == (1 if any(one["level"] == "fault" for one in listed) else 0)
    worst = sorted(listed, key=lambda one: ("good", "warning", "fault").index(one["level"]))
    return {one["check"]: one for one in worst}


def _become(folder: Path, words: tuple[str, ...], environ: Mapping[str, str]) -> None:
    """What the entry point does, in this process, which ends with it."""
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - same
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - same
    sys.argv[0] = "hotline"
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        sys.excepthook(*sys.exc_info())
        code = 1
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)
