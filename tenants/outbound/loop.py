"""An event loop in a thread of its own, so that who waits for it may have one too."""

import asyncio
from collections.abc import Coroutine
from threading import Thread
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class Loop:
    """Runs coroutines one after the other until it is closed."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Return what `work` returns, or raise what it raises."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def soon(self, call: Any) -> None:
        """Have `call` called in the loop's thread."""
        self._loop.call_soon_threadsafe(call)

    def close(self) -> None:
        """Stop the loop; what still runs in it is cancelled."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        closing = Thread(target=self._runner.close)  # which runs the loop once more, to cancel
        closing.start()
        closing.join()
