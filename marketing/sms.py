"""How long an SMS is: in which alphabet it travels, in how many parts, and how much the parts hold.

Source: 3GPP TS 23.038 (GSM 03.38), 6.2.1, default alphabet and its extension table; TS 23.040, 9.2.3.24.1,
concatenation with a header of 6 octets. National language tables are not used: networks need not know them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a character: two septets, which stay in one part


class Alphabet(TextChoices):
    """What one unit is: a septet of GSM 7-bit, or 16 bits of UCS-2 (UTF-16 in practice)."""

    GSM = "gsm", _("GSM 7-bit")
    UNICODE = "unicode", _("Unicode")


# alphabet: units in a message of one part, units in each part of a longer one
ROOM = {Alphabet.GSM: (160, 153), Alphabet.UNICODE: (70, 67)}


@dataclass(frozen=True, slots=True)
class Length:
    """`units` of `room` are used in `parts`; `odd`: the characters that make it Unicode, in order of first use."""

    alphabet: Alphabet
    characters: int
    units: int
    parts: int
    odd: tuple[str, ...]

    @property
    def units_per_part(self) -> int:
        """Return how many units one of the parts holds."""
        return ROOM[self.alphabet][self.parts > 1]

    @property
    def room(self) -> int:
        """Return how many units the parts hold."""
        return self.parts * self.units_per_part


def length_of(text: str) -> Length:
    """Return the length of `text` as an SMS; a text without characters is one part."""
    odd = tuple(dict.fromkeys(character for character in text if not is_gsm(character)))
    alphabet = Alphabet.UNICODE if odd else Alphabet.GSM
    sizes = [_SIZE[alphabet](character) for character in text]
    return Length(alphabet, len(text), sum(sizes), _parts(sizes, *ROOM[alphabet]), odd)


def is_gsm(character: str) -> bool:
    """Return whether `character` can travel in GSM 7-bit."""
    return character in GSM or character in EXTENDED


def _parts(sizes: Iterable[int], whole: int, part: int) -> int:
    """Return how many parts hold characters of `sizes` units, none of them torn apart."""
    if sum(sizes) <= whole:
        return 1
    parts, used = 1, 0
    for size in sizes:
        parts, used = (parts, used + size) if used + size <= part else (parts + 1, size)
    return parts


_SIZE: dict[Alphabet, Callable[[str], int]] = {
    Alphabet.GSM: lambda character: 2 if character in EXTENDED else 1,
    Alphabet.UNICODE: lambda character: 2 if ord(character) > 0xFFFF else 1,
}
