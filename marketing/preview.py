"""What a message looks like with values in it, and how long it is: judged here, shown by pages, kept nowhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError

from .channels import MAX_WHATSAPP, Medium
from .models import MessageTemplate
from .sms import Length, is_gsm, length_of
from .variables import PLACEHOLDER, names_in

NAMED = 5  # characters that are named one by one


@dataclass(frozen=True)
class Preview:
    """A message of `medium` as `values` fill it; a variable without a value stands as it is written."""

    medium: str
    subject: str
    body: str
    values: Mapping[str, str]

    @cached_property
    def names(self) -> list[str]:
        """Return the variables as far as they are written right."""
        try:
            return list(names_in(self._subject, self.body))
        except ValidationError:
            return []

    @cached_property
    def fault(self) -> str:
        """Return what is wrong with the variables, in the reader's language; empty if nothing is."""
        try:
            names_in(self._subject, self.body)
        except ValidationError as refused:
            return str(refused.messages[0])
        return ""

    @cached_property
    def subject_pieces(self) -> list[tuple[str, str]]:
        return list(self._pieces(self._subject))

    @cached_property
    def body_pieces(self) -> list[tuple[str, str]]:
        """Return the text in pieces, each with its kind: "" (as written), value, missing, odd (makes it Unicode)."""
        return list(self._pieces(self.body))

    @cached_property
    def characters(self) -> int:
        return sum(len(text) for text, _kind in self.body_pieces)

    @cached_property
    def sms(self) -> Length | None:
        """Return the length of an SMS; None of another medium."""
        return length_of("".join(text for text, _kind in self.body_pieces)) if self.medium == Medium.SMS else None

    @property
    def odd_characters(self) -> str:
        """Return the first characters that make an SMS Unicode, with their numbers."""
        odd = self.sms.odd[:NAMED] if self.sms else ()
        return ", ".join(f"{character} (U+{ord(character):04X})" for character in odd)

    @property
    def has_gaps(self) -> bool:
        return any(kind == "missing" for _text, kind in self.body_pieces + self.subject_pieces)

    @property
    def whatsapp_room(self) -> int:
        """Return how many characters a WhatsApp message holds; 0 of another medium."""
        return MAX_WHATSAPP if self.medium == Medium.WHATSAPP else 0

    @property
    def _subject(self) -> str:
        return self.subject if self.medium == Medium.EMAIL else ""

    def _pieces(self, message: str) -> Iterator[tuple[str, str]]:
        for index, written in enumerate(PLACEHOLDER.split(message)):  # text, name, text, ...
            if not index % 2:
                yield from self._judged(written, "")
            elif value := self.values.get(written, ""):
                yield from self._judged(value, "value")
            else:
                yield f"${{{written}}}", "missing"

    def _judged(self, text: str, kind: str) -> Iterator[tuple[str, str]]:
        """Yield `text` of `kind`, and each run of characters that make an SMS Unicode as odd."""
        start = 0
        for end in range(1, len(text) + 1):
            if end == len(text) or self._is_odd(text[end]) != self._is_odd(text[start]):
                yield text[start:end], "odd" if self._is_odd(text[start]) else kind
                start = end

    def _is_odd(self, character: str) -> bool:
        return self.medium == Medium.SMS and not is_gsm(character)


def preview_of(template: MessageTemplate | None, medium: str, values: Mapping[str, str]) -> Preview:
    """Return the preview of `template`, filled with its defaults where there is no value."""
    if template is None:
        return Preview(medium or Medium.SMS, "", "", {})
    defaults = {variable.name: variable.default for variable in template.variable_list() if variable.default}
    return Preview(medium or template.medium, template.subject, template.body, defaults | dict(values))
