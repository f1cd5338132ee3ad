"""The browser files that are not ours are what their table says."""

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[1] / "static" / "vendor"
LINES = re.findall(r"^\| `(\S+)` \| .* \| `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.MULTILINE)
NOT_SERVED = {"README.md", "refresh.sh", "LICENSE", "LICENSE.md"}


@pytest.mark.parametrize(("name", "digest"), LINES)
def test_a_vendored_file_has_the_hash_of_the_table(name, digest):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest


def test_every_vendored_file_stands_in_the_table():
    served = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}

    assert {name for name in served if Path(name).name not in NOT_SERVED} == {name for name, _digest in LINES}


@pytest.mark.parametrize(
    "path", sorted(VENDOR.rglob("*.css")) + sorted(VENDOR.rglob("*.js")), ids=lambda path: path.name
)
def test_no_vendored_file_names_a_file_that_is_not_served(path):
    text = path.read_text()

    assert "sourceMappingURL" not in text
    for address in re.findall(r"url\([\"']?([^)\"']+)", text):
        assert address.startswith("data:") or (path.parent / address).exists()
