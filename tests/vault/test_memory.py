"""No core dumps. Run in a process of its own: it cannot be undone."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import ctypes, resource
resource.setrlimit(resource.RLIMIT_CORE, (4096, resource.getrlimit(resource.RLIMIT_CORE)[1]))
from bot.vault.memory import forbid_core_dumps
dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
print(dumpable(), resource.getrlimit(resource.RLIMIT_CORE)[0])
print(forbid_core_dumps())
print(dumpable(), *resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_a_process_that_forbade_them_leaves_no_core_dump() -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert outcome.stdout.splitlines() == ["1 4096", "()", "0 0 0"], outcome.stderr
