"""Is the net a net? Runs the tests of isolation with one of the two locks taken out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PLANTED = [HERE / "test_isolation.py", HERE / "test_structure.py"]


def run_with(fault: str, which: str) -> subprocess.CompletedProcess[str]:
    """Run the tests marked `which` in a pytest of their own, in a database with the `fault`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PLANT": fault, "TEST_DATABASE": f"test_planted_{os.getpid()}"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", which, *PLANTED]
    return subprocess.run(
        command, env=environment, cwd=HERE.parent.parent, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize(
    ("fault", "which", "code"),
    [
        ("no-scope", "not scope", 0),  # every manager unscoped: the policies keep the tests green
        ("no-scope", "scope", 1),  # ... and the tests of the scope itself see it
        ("no-policy", "net", 1),  # one table without its policy: red
    ],
)
def test_a_lock_taken_out_is_noticed_and_the_other_holds(fault, which, code):
    done = run_with(fault, which)

    assert done.returncode == code, done.stdout[-3000:] + done.stderr[-2000:]
    assert "failed" in done.stdout or not code
