"""Which cell styles make a number a date, as far as Excel's number formats tell."""

import re
from typing import TYPE_CHECKING

from .refused import Refused
from .xmlpart import XmlPart, names

if TYPE_CHECKING:
    from importer.limits import Limits

ELEMENTS = names("numFmt", "cellXfs", "xf")
BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)])  # ECMA-376 part 1, 18.8.30
BUILT_IN_SPAN = 46  # [h]:mm:ss
SPAN = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
NOT_SHOWN = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')  # quoted text, escapes, fillers, colours and locales
DATE_LETTER = re.compile(r"[ymdhs]", re.IGNORECASE)

DATE, SPAN_OF_TIME = "date", "span"


def meaning_of(number_format: str) -> str:
    """Return "date", "span" (hours that may pass 24) or "" for a custom number format."""
    if SPAN.search(number_format):
        return SPAN_OF_TIME
    return DATE if DATE_LETTER.search(NOT_SHOWN.sub("", number_format)) else ""


class Styles(XmlPart):
    """Reads styles.xml. `meaning_by_style` has {cell style: "date" | "span"}; plain numbers are left out."""

    def __init__(self, name: str, limits: "Limits") -> None:
        super().__init__(name, limits)
        self.meaning_by_style: dict[str, str] = {}
        self._meaning_by_format = dict.fromkeys(map(str, BUILT_IN_DATES), DATE) | {str(BUILT_IN_SPAN): SPAN_OF_TIME}
        self._styles = 0
        self._in_cell_styles = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        element = ELEMENTS.get(name)
        if element == "numFmt":
            self._add_format(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
        elif element == "cellXfs":
            self._in_cell_styles = True
        elif element == "xf" and self._in_cell_styles:
            self._add_style(self._meaning_by_format.get(attributes.get("numFmtId", "0"), ""))

    def end(self, name: str) -> None:
        if ELEMENTS.get(name) == "cellXfs":
            self._in_cell_styles = False

    def _add_format(self, key: str, number_format: str) -> None:
        if len(number_format) > self.limits.format_characters:
            raise Refused("file_format_too_long", max=self.limits.format_characters)
        self._meaning_by_format[key] = meaning_of(number_format)

    def _add_style(self, meaning: str) -> None:
        if meaning:
            self.meaning_by_style[str(self._styles)] = meaning
        self._styles += 1
        if self._styles > self.limits.styles:
            raise Refused("file_too_many_styles", max=self.limits.styles)
