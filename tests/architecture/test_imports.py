"""tenants <- marketing <- importer; nobody imports the wiring. import-linter judges."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .sources import APPS, CHECKOUT

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_point_one_way():
    done = lint(CHECKOUT)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("tenants/features.py", "import marketing.models", "wiring"),
        ("marketing/channels.py", "from importer import spool", "wiring"),
        ("importer/states.py", "import aicc_console.settings", "wiring"),
        ("importer/states.py", "import aicc_console.administration.apps", "wiring"),
        ("importer/states.py", "import importer.smartcare.states", "the importer knows it"),
        ("marketing/channels.py", "import phonenumbers", "phonenumbers"),
        ("importer/pipeline.py", "import openpyxl", "workbooks"),
        ("importer/pipeline.py", "import celery", "Celery"),
        ("importer/spool.py", "import asyncssh", "other machines"),
        ("marketing/channels.py", "import http.client", "other machines"),
    ],
)
def test_a_wrong_import_is_noticed(tmp_path, module, line, contract):
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    for app in APPS:
        shutil.copytree(CHECKOUT / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / module).open("a") as source:
        source.write(f"\n{line}\n")

    done = lint(tmp_path)

    assert done.returncode == 1
    assert f"{contract} BROKEN" in " ".join(done.stdout.split())
