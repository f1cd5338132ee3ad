"""Keeps children running: restarts the one that dies, passes on its warnings, stops all in order."""

import time
from collections.abc import Callable, Iterable, Sequence

from .log_tail import LogTail
from .processes import Child

TICK_SECONDS = 0.2
YOUNG_SECONDS = 30  # a child that leaves by itself before this has failed to start
YOUNG_WHEN_KILLED = 1  # seconds; a signal comes from outside, and says little about the child
LONGEST_DELAY = 10  # seconds
MOST_FAILURES = 10  # in a row, about a minute; then the console gives up

Say = Callable[[str], None]


class GaveUp(Exception):  # noqa: N818  the end of a story
    """A child failed too often in a row."""


class Kept:
    """A child under supervision: how often it failed in a row, and when it starts again (monotonic seconds)."""

    def __init__(self, child: Child) -> None:
        self.child, self.log = child, LogTail(child.program.log)
        self.failures = 0
        self.due: float | None = None

    def revive(self, say: Say) -> bool:
        """Start the child again if it is dead and its delay is over, and tell whether it did. Raises GaveUp."""
        if self.child.is_running:
            return False
        if self.due is None:
            self._note_death(say)
        if self.due is None or time.monotonic() < self.due:
            return False
        self.due = None
        self.child.start()
        return True

    def _note_death(self, say: Say) -> None:
        self.child.kill()  # what is left of its group
        age = YOUNG_WHEN_KILLED if self.child.was_killed else YOUNG_SECONDS
        died_young = time.monotonic() - self.child.started < age
        self.failures = self.failures + 1 if died_young else 1
        if self.failures > MOST_FAILURES:
            raise GaveUp(f"{self.child.name} failed {MOST_FAILURES} times in a row. Its log: {self.child.program.log}")
        delay = min(0.1 * 2**self.failures, LONGEST_DELAY)
        self.due = time.monotonic() + delay
        say(f"{self.child.name} ended unexpectedly ({self.child.end_reason}); it starts again in {delay:.1f} s.")


class Supervisor:
    """All children. `say` shows a line at the terminal; `started` is called after every start of a child."""

    def __init__(self, say: Say, started: Callable[[], None] = lambda: None) -> None:
        self.say, self.started = say, started
        self.kept: list[Kept] = []

    @property
    def children(self) -> list[Child]:
        return [kept.child for kept in self.kept]

    def start(self, child: Child) -> None:
        """Start a child and keep it running from now on."""
        self.kept.append(Kept(child))
        child.start()
        self.started()

    def watch_once(self) -> None:
        """Revive the dead and show new warnings. Raises GaveUp."""
        for kept in self.kept:
            if kept.revive(self.say):
                self._forgive_others(kept)
                self.started()
            for line in kept.log.warnings():
                self.say(f"{kept.child.name}: {line}")
            kept.log.bound()

    def _forgive_others(self, revived: Kept) -> None:
        """Count anew for those that may have failed for want of the revived server."""
        for kept in self.kept:
            if revived.child.program.is_server and kept is not revived:
                kept.failures = 0

    def watch(self) -> None:
        """Watch until an exception ends it, such as KeyboardInterrupt."""
        while True:
            self.watch_once()
            time.sleep(TICK_SECONDS)

    def stop(self, stages: Sequence[Iterable[str]]) -> None:
        """Stop the children by name, all of a stage at once, a stage after the one before it."""
        for stage in stages:
            _stop_together([child for child in self.children if child.name in stage], self.say)


def _stop_together(children: Sequence[Child], say: Say) -> None:
    """Ask all, then wait. A second Ctrl-C meanwhile kills those that still work."""
    try:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop()
    except KeyboardInterrupt:
        say("Asked again: not waiting for work in progress.")
        for child in children:
            child.kill()
