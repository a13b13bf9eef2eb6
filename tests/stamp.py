"""The line that says which code was measured, when and on what: pasted with the figures."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]


def last_run(folder: Path = ROOT) -> str:
    """One line; outside a git checkout, as in a source tarball, the commit is unknown."""
    day = datetime.now(UTC).date().isoformat()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return f"Last run: commit {_commit(folder)}, {day}, {machine}, Python {platform.python_version()}"


def _commit(folder: Path) -> str:
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--exclude=*"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return told.stdout.strip() or "unknown"
