"""One XML part read as a stream by expat: no DOCTYPE, bounded depth, attributes and tags."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from xml.parsers import expat

from .refused import Refused

if TYPE_CHECKING:
    from importer.limits import Limits

MAIN = (  # the elements of a spreadsheet, in the usual and in the strict form of Office Open XML
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
ENCODINGS = ("utf-8", "utf-16", "us-ascii", "iso-8859-1")  # those that expat knows itself; others would load a codec
NO_MEMORY = 1  # XML_ERROR_NO_MEMORY
LONGEST_TAG = 128 * 1024  # bytes; expat scans an unfinished tag anew with every block


class XmlPart:
    """Base of the readers of single parts. Names reach `begin` and `end` as "namespace local"."""

    def __init__(self, name: str, limits: "Limits") -> None:
        self.name = name
        self.limits = limits
        self.depth = 0
        self.fed = 0  # bytes
        self.encoding = "utf-8"
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.buffer_size = 64 * 1024
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.XmlDeclHandler = self._check_encoding
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.EntityDeclHandler = self._refuse_doctype

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element; `self.depth` counts it already."""

    def end(self, name: str) -> None:
        """Take the end of an element; `self.depth` still counts it."""

    def read(self, blocks: Iterable[bytes]) -> None:
        """Parse a whole part."""
        for block in blocks:
            self.feed(block)
        self.feed(b"", last=True)

    def feed(self, block: bytes, *, last: bool = False) -> None:
        try:
            self.parser.Parse(block, last)
        except expat.ExpatError as problem:
            if problem.code == NO_MEMORY:
                raise MemoryError from problem
            raise Refused("file_bad_xml", part=self.name[:100], line=problem.lineno) from problem
        self.fed += len(block)
        if self.fed - self.parser.CurrentByteIndex > LONGEST_TAG and not last:
            raise Refused("file_xml_attributes", part=self.name[:100], max=self.limits.xml_attributes)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > self.limits.xml_depth:
            raise Refused("file_xml_depth", part=self.name[:100], max=self.limits.xml_depth)
        if len(attributes) > self.limits.xml_attributes:
            raise Refused("file_xml_attributes", part=self.name[:100], max=self.limits.xml_attributes)
        self.begin(name, attributes)

    def _end(self, name: str) -> None:
        self.end(name)
        self.depth -= 1

    def _check_encoding(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = (encoding or "utf-8").lower()
        if self.encoding not in ENCODINGS:
            raise Refused("file_bad_xml", part=self.name[:100], line=1)

    def _refuse_doctype(self, *_: object) -> None:
        raise Refused("file_doctype", part=self.name[:100])


class RegularPart(XmlPart):
    """A part that mostly repeats one simple pattern, whose regular stretches need not pass through expat.

    expat sees the part with those stretches left out. That is safe where whole elements are left out in a place
    that `is_before_child` has proven: expat has taken every byte so far and stands between two child elements.
    """

    def __init__(self, name: str, limits: "Limits") -> None:
        super().__init__(name, limits)
        self._is_regular = False
        self.parser.StartNamespaceDeclHandler = self._check_namespace
        self.parser.StartCdataSectionHandler = self._give_up
        self._runs: list[str] = []
        self._size = 0  # characters of the text being read

    def is_before_child(self, depth: int) -> bool:
        """Say whether the next byte is content of an element at `depth`, outside of any tag, comment and CDATA."""
        return self._is_regular and self.depth == depth and self.parser.CurrentByteIndex == self.fed

    def begin_text(self) -> None:
        self._runs, self._size = [], 0

    def add_text(self, run: str) -> None:
        """Take the next piece of a text; it comes in several when it is rich text, or long."""
        self._size += len(run)
        if self._size > self.limits.cell_characters:
            raise Refused("file_text_too_long", max=self.limits.cell_characters)
        self._runs.append(run)

    def whole_text(self) -> str:
        return "".join(self._runs)

    def _check_namespace(self, prefix: str | None, uri: str | None) -> None:
        if prefix is None:  # names without a prefix are spreadsheet elements from the root on, or nothing is regular
            self._is_regular = self.depth == 0 and self.encoding == "utf-8" and uri in MAIN

    def _give_up(self) -> None:
        self._is_regular = False


class Prolog(XmlPart):
    """Reads a part, of whatever kind, only as far as its root element, where no DOCTYPE may follow any more."""

    def read(self, blocks: Iterable[bytes]) -> None:
        for block in blocks:
            try:
                self.feed(block)
            except Refused as refused:
                if refused.code == "file_doctype":
                    raise
                return  # nobody will read this part, so its other faults are nobody's business
            if self.depth or self.fed > LONGEST_TAG:
                return


def local(name: str) -> str:
    """Return the element's name without its namespace."""
    return name.rpartition(" ")[2]


def names(*elements: str) -> dict[str, str]:
    """Return {"namespace local": local} of spreadsheet elements; all others are foreign and passed over."""
    return {f"{space} {element}": element for space in MAIN for element in elements}


def stretches(blocks: Iterable[bytes], end_tag: bytes) -> Iterator[bytes]:
    """Yield the same bytes, cut behind the last `end_tag` of each block, or anywhere if a block has none."""
    rest = b""
    for block in blocks:
        rest += block
        cut = rest.rfind(end_tag) + len(end_tag)
        if cut < len(end_tag):
            cut = len(rest)
        yield rest[:cut]
        rest = rest[cut:]
    yield rest
