"""Made-up customers with a bad experience: the same day and seed always give the same list."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

CAUSES = {
    "voice": [
        "Calls dropped: {n} in one day, cell {cell}",
        "Call setup failed: {n} in one day",
        "Silent calls, one-way audio",
        "VoLTE to 3G fallback during the call",
        "Long call setup: {n} s on average, cell {cell}",
    ],
    "data": [
        "Video stalls: {n} in one hour, cell {cell}",
        "Web pages open slowly: {n} s on average",
        "No data session for {n} minutes",
        "Games: high latency in the evening, cell {cell}",
        "Cell {cell} overloaded from 19:00 on",
    ],
}
PREFIXES = ("134", "135", "138", "139", "150", "158", "187", "188")
ODD_NUMBERS = ("1380012", "+44 20 7946 0958", "13800138x00", "")  # what no tenant's rules let through
ODD_SHARE = 0.015


@dataclass(frozen=True, slots=True)
class Customers:
    """How many customers have a bad experience a day, by scene; `regulars`: so many numbers there are at all."""

    voice: int = 420
    data: int = 380
    regulars: int = 20_000
    seed: str = "smartcare"

    def of(self, day: date, scene: str, begin: int, end: int) -> list[dict[str, Any]]:
        """Return the customers of `scene` on `day`, whose events lie between `begin` and `end` (ms since 1970)."""
        chance = Random(f"{self.seed}/{day}/{scene}")  # noqa: S311 - the same again is what is wanted
        count = round(getattr(self, scene) * chance.uniform(0.85, 1.15)) if self.regulars else getattr(self, scene)
        return [self._customer(chance, scene, number, begin, end) for number in range(count)]

    def _customer(self, chance: Random, scene: str, number: int, begin: int, end: int) -> dict[str, Any]:
        cell = f"{chance.choice(['HZ', 'NB', 'WZ', 'SX'])}-{chance.randrange(1, 900):04}"
        return {
            "msisdn": self._msisdn(chance, number),
            "scene": scene,
            "qoeScore": round(chance.triangular(0, 5, 2.2), 1),
            "cause": chance.choice(CAUSES[scene]).format(n=chance.randrange(2, 12), cell=cell),
            "eventTime": chance.randrange(begin, end),
        }

    def _msisdn(self, chance: Random, number: int) -> str:
        """Return a regular's number; without regulars, one that nobody else of the list has."""
        if not self.regulars:
            return f"138{number:08}"
        if chance.random() < ODD_SHARE:
            return chance.choice(ODD_NUMBERS)
        person = chance.randrange(self.regulars)
        return f"{chance.choice(('', '+86', '0086'))}{PREFIXES[person % len(PREFIXES)]}{person:08}"
