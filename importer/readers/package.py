"""The workbook as a package: which part is the first visible sheet, and what must not be in it at all."""

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from .container import Container, Part
from .refused import Refused
from .xmlpart import Prolog, XmlPart, local, names

if TYPE_CHECKING:
    from importer.limits import Limits

MACRO_PARTS = ("xl/vbaproject.bin", "xl/macrosheets/")
WORKBOOK_ELEMENTS = names("sheet", "workbookPr")
LONGEST_NAME = 100  # characters of a sheet's name that are shown; Excel allows 31


class Relation(NamedTuple):
    """One relationship of a part: `kind` is the last word of its type, `target` a part's full name."""

    key: str
    kind: str
    target: str


class SheetEntry(NamedTuple):
    """One sheet as the workbook lists it."""

    name: str
    part: str
    is_visible: bool


class Package:
    """The parts that matter of one workbook. Every check that needs no cell is made here."""

    def __init__(self, container: Container, limits: "Limits") -> None:
        self._container = container
        self._limits = limits
        if any(name.startswith(MACRO_PARTS) for name in container.parts):
            raise Refused("file_macro")
        if any(name.startswith("xl/externallinks/") for name in container.parts):
            raise Refused("file_external_link")
        container.check_sizes()
        self._check_parts()
        root = {relation.kind: relation.target for relation in self._relations("")}
        workbook = root.get("officeDocument", "")
        self._relation_by_key = {relation.key: relation for relation in self._relations(workbook)}
        contents = Workbook(workbook, limits)
        contents.read(container.read(self.part(workbook)))
        self.is_1904 = contents.is_1904
        self.sheets = [entry for sheet in contents.sheets for entry in self._entry(*sheet)]

    def part(self, name: str) -> Part:
        """Return a part that the workbook says it has."""
        try:
            return self._container.parts[name.lower()]
        except KeyError as missing:
            raise Refused("file_corrupt") from missing

    def related(self, kind: str) -> Part | None:
        """Return the workbook's part of one kind, "styles" or "sharedStrings", if it speaks of one."""
        targets = (relation.target for relation in self._relation_by_key.values() if relation.kind == kind)
        target = next(targets, None)
        return None if target is None else self.part(target)

    def _entry(self, name: str, key: str, state: str) -> list[SheetEntry]:
        """Return the sheet if it is one of rows and columns; charts and dialogs are passed over."""
        relation = self._relation_by_key.get(key)
        if relation is None:
            raise Refused("file_corrupt")
        if relation.kind == "xlMacrosheet":
            raise Refused("file_macro")
        if relation.kind != "worksheet":
            return []
        return [SheetEntry(name[:LONGEST_NAME], relation.target, state not in ("hidden", "veryHidden"))]

    def _check_parts(self) -> None:
        for name, part in self._container.parts.items():
            if name == "[content_types].xml":
                ContentTypes(name, self._limits).read(self._container.read(part))
            elif name.endswith(".rels"):
                Relations(name, self._limits, folder="").read(self._container.read(part))
            elif name.endswith(".xml"):
                Prolog(name, self._limits).read(self._container.read(part))

    def _relations(self, owner: str) -> list[Relation]:
        folder, name = posixpath.split(owner)
        part = self.part(posixpath.join(folder, "_rels", f"{name}.rels"))
        relations = Relations(part.name, self._limits, folder=folder)
        relations.read(self._container.read(part))
        return relations.found


class Relations(XmlPart):
    """Reads a .rels part. What points out of the file is refused, hyperlinks apart."""

    def __init__(self, name: str, limits: "Limits", *, folder: str) -> None:
        super().__init__(name, limits)
        self.folder = folder  # targets are given from here
        self.found: list[Relation] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        if attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", self.folder, attributes.get("Target", "")))
            self.found.append(Relation(attributes.get("Id", ""), kind, target.lstrip("/")))
        elif kind != "hyperlink":
            raise Refused("file_external_link")


class ContentTypes(XmlPart):
    """Reads [Content_Types].xml for the one thing that nothing else tells: that the workbook is made for macros."""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if "macroenabled" in attributes.get("ContentType", "").lower():
            raise Refused("file_macro")


class Workbook(XmlPart):
    """Reads workbook.xml: the sheets in their order, as (name, relation key, state), and the date system."""

    def __init__(self, name: str, limits: "Limits") -> None:
        super().__init__(name, limits)
        self.sheets: list[tuple[str, str, str]] = []
        self.is_1904 = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        element = WORKBOOK_ELEMENTS.get(name)
        if element == "workbookPr":
            self.is_1904 = attributes.get("date1904") in ("1", "true")
        elif element == "sheet":
            key = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            self.sheets.append((attributes.get("name", ""), key, attributes.get("state", "visible")))
            if len(self.sheets) > self.limits.sheets:
                raise Refused("file_too_many_sheets", max=self.limits.sheets)
