"""The texts of a workbook that its cells name by number."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .refused import Refused
from .texts import PLAIN, is_broken, resolve, unescape, whole
from .xmlpart import RegularPart, names, stretches

if TYPE_CHECKING:
    from importer.limits import Limits

    from .container import Part

ELEMENTS = names("si", "t", "rPh")
END = b"</si>"
REGULAR = re.compile(rf'<si><t(?: xml:space="preserve")?>({PLAIN}*+(?:&(?:amp|lt|gt|quot|apos);{PLAIN}*+)*+)</t></si>')


class SharedStrings(RegularPart):
    """Reads sharedStrings.xml into `texts`; what the part says about its own length is not believed."""

    def __init__(self, part: "Part", limits: "Limits") -> None:
        super().__init__(part.name, limits)
        if part.size > limits.shared_string_bytes:
            raise Refused("file_too_many_strings", max=limits.shared_strings)
        self.texts: list[str] = []
        self.broken: set[int] = set()  # numbers of texts that held what cannot be stored
        self._phonetic = 0  # depth of <rPh>: how to say the text, not part of it

    def read(self, blocks: Iterable[bytes]) -> None:
        for stretch in stretches(blocks, END):
            if not self.is_before_child(1):
                head, tag, stretch = stretch.partition(END)
                self.feed(head + tag)
            if not (self.is_before_child(1) and self._take_regular(stretch)):
                self.feed(stretch)
            if len(self.texts) > self.limits.shared_strings:
                raise Refused("file_too_many_strings", max=self.limits.shared_strings)
        self.feed(b"", last=True)

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        element = ELEMENTS.get(name)
        if element == "si" and self.depth == 2:
            self.begin_text()
        elif element == "rPh":
            self._phonetic = self.depth
        elif element == "t" and not self._phonetic:
            self.parser.CharacterDataHandler = self.add_text

    def end(self, name: str) -> None:
        element = ELEMENTS.get(name)
        if element == "t":
            self.parser.CharacterDataHandler = None
        elif element == "rPh" and self._phonetic == self.depth:
            self._phonetic = 0
        elif element == "si" and self.depth == 2:
            self._keep(unescape(self.whole_text()))

    def _keep(self, text: str) -> None:
        if is_broken(text):
            self.broken.add(len(self.texts))
            text = whole(text)
        self.texts.append(text)

    def _take_regular(self, stretch: bytes) -> bool:
        """Take a stretch that is nothing but plain texts; say whether it was."""
        try:
            between_and_texts = REGULAR.split(stretch.decode())
        except UnicodeDecodeError:
            return False
        texts = between_and_texts[1::2]
        if any(between_and_texts[::2]) or b"_x" in stretch:
            return False
        if b"&" in stretch:
            texts = [resolve(text) for text in texts]
        if max(map(len, texts), default=0) > self.limits.cell_characters:
            return False
        self.texts += texts
        return True
