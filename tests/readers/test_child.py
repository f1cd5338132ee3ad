"""The child process can do nothing but read and report, and whatever befalls it, this process goes on."""

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

import psutil
import pytest
from django.core.exceptions import ValidationError

from importer.limits import MIB, Limits
from importer.readers.process import frames
from importer.readers.reading import read

from . import books
from .books import SHARED, book

LIMITS = Limits.by_file()
ROOT = str(Path(__file__).parents[2])
CONFINED = (
    f"import sys; sys.path.insert(0, {ROOT!r}); from importer.readers import child; from types import SimpleNamespace\n"
    "import os, socket, resource, signal, subprocess\n"
    "child.confine(SimpleNamespace(memory_bytes=256 << 20, cpu_seconds=1))\n"
)


def isolated_children() -> list[psutil.Process]:
    """Return the children of this process that were started like readers; the test's servers are others."""
    return [child for child in psutil.Process().children() if child.cmdline()[1:3] == ["-I", "-S"]]


def ended(program: str, wall_seconds: float = 20) -> str:
    """Run a child that does something else than reading; return the code that comes of it."""
    with TemporaryFile() as source, pytest.raises(ValidationError) as refused:
        list(frames([sys.executable, "-I", "-S", "-c", program], source, wall_seconds))
    return refused.value.code


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import os; os.abort()", "parse_crash"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "parse_crash"),
        ("raise ValueError", "parse_crash"),
        ("import sys; sys.exit(3)", "parse_crash"),
        ("import sys; sys.stdout.write('C' + 'x' * 100); sys.stdout.flush()", "parse_crash"),  # no frame, far too long
        ("import os; os._exit(77)", "parse_memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "parse_memory"),  # as the kernel does
        (f"{CONFINED}\nwhile True: pass", "parse_timeout"),  # after a second of CPU
    ],
)
def test_an_end_has_its_code(program, code):
    assert ended(program) == code


@pytest.mark.parametrize("program", ["import time; time.sleep(60)", "import os, time; os.close(1); time.sleep(60)"])
def test_a_child_that_hangs_is_ended(program):
    begun = time.monotonic()

    assert ended(program, wall_seconds=0.5) == "parse_timeout"

    assert time.monotonic() - begun < 5
    assert isolated_children() == []


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/hostname')",
        "open('/tmp/x', 'w')",
        "socket.socket()",
        "os.fork()",
        "subprocess.run(['true'])",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
        "bytearray(512 << 20)",
    ],
)
def test_a_confined_child_cannot(attempt):
    program = f"{CONFINED}\ntry: {attempt}\nexcept (OSError, ValueError, MemoryError): os._exit(77)"

    assert ended(program) == "parse_memory"  # 77: it was refused


def test_a_confined_child_is_nobody():
    if os.geteuid() != 0:
        pytest.skip("only root can become nobody")

    assert (
        ended(f"{CONFINED}\nos._exit(77 if os.getresuid() == os.getresgid() == (65534,) * 3 else 1)") == "parse_memory"
    )


def test_the_child_sees_no_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    seen: list[tuple[bytes, str, set[str]]] = []
    watcher = threading.Thread(target=watch, args=(seen,))
    watcher.start()

    read_slowly(tmp_path)

    watcher.join()
    environment, folder, files = seen[0]
    assert environment == b""
    assert folder == "/"
    assert files == {"0", "1", "2"}


def watch(seen: list[tuple[bytes, str, set[str]]]) -> None:
    """Look into the first child that can be seen: its environment, its folder and its open files."""
    until = time.monotonic() + 10
    while not seen and time.monotonic() < until:
        for child in isolated_children():
            place = Path(f"/proc/{child.pid}")
            if child.cpu_times().user > 0.2:  # it has come as far as reading
                files = {file.name for file in (place / "fd").iterdir()}
                seen.append(((place / "environ").read_bytes(), os.readlink(place / "cwd"), files))


def read_slowly(into: Path) -> None:
    strings = books.shared(*(f"<r><t>{i}</t></r>" for i in range(200_000)))
    source = into / "source"
    source.write_bytes(book({SHARED: strings}))
    read(source, name="a.xlsx", into=into, limits=LIMITS)


def test_too_little_memory_is_told(tmp_path):
    strings = books.shared(*(f"<t>{i}{'x' * 50}</t>" for i in range(300_000)))
    source = tmp_path / "source"
    source.write_bytes(book({SHARED: strings}))

    with pytest.raises(ValidationError) as refused:
        read(source, name="a.xlsx", into=tmp_path, limits=replace(LIMITS, memory_bytes=48 * MIB))

    assert refused.value.code == "parse_memory"


def test_a_broken_child_tells_where_but_not_what(caplog):
    program = f"{CONFINED}\ndef read(): raise ValueError('+8613800000000')\nread()"

    assert ended(program) == "parse_crash"

    assert "ValueError at <string>:" in caplog.text
    assert "13800000000" not in caplog.text


def test_a_consumer_that_gives_up_leaves_no_child():
    endless = "import sys\nwhile True: sys.stdout.buffer.write(b'C\\0\\0\\0\\1x')"
    with TemporaryFile() as source:
        told = frames([sys.executable, "-I", "-S", "-c", endless], source, 20)
        next(told)
        told.close()

    assert isolated_children() == []
