"""Which code was measured is said in one line."""

import re
from pathlib import Path

from tests.stamp import last_run


def test_it_names_commit_day_and_machine() -> None:
    line = r"Last run: commit (unknown|[0-9a-f]{7,}(-dirty)?), \d{4}-\d\d-\d\d, .+, \d+ cores, load .+"
    assert re.fullmatch(line, last_run())


def test_outside_a_checkout_the_commit_is_unknown(tmp_path: Path) -> None:
    assert last_run(tmp_path).startswith("Last run: commit unknown, ")
