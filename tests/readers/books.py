"""Small workbooks written by hand, part by part, so that each part can be right, odd or hostile."""

from collections.abc import Iterable, Mapping

from .zips import Entry, zipped

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SHEET = "xl/worksheets/sheet1.xml"
SHARED = "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
WORKBOOK = "xl/workbook.xml"
WORKBOOK_RELATIONS = "xl/_rels/workbook.xml.rels"
ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>13800000000</t></is></c></row>'
)

Parts = dict[str, bytes | str]


def sheet(rows: str = ROWS, *, before: str = "", after: str = "", prolog: str = "", space: str = MAIN) -> str:
    """Return a worksheet: `before` and `after` stand around <sheetData>, `prolog` before the root."""
    data = f"<sheetData>{rows}</sheetData>"
    return f'{HEAD}{prolog}<worksheet xmlns="{space}" xmlns:r="{RELATIONS}">{before}{data}{after}</worksheet>'


def row(cells: str, number: int = 1) -> str:
    return f'<row r="{number}">{cells}</row>'


def cell(raw: str, kind: str = "n", *, at: str = "A1", style: int = 0, formula: str = "") -> str:
    """Return a cell whose <v> is `raw`."""
    return f'<c r="{at}" s="{style}" t="{kind}">{formula}<v>{raw}</v></c>'


def inline(text: str, at: str = "A1") -> str:
    """Return a cell whose text, already XML, stands in place."""
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def shared(*items: str, prolog: str = "", count: int | None = None) -> str:
    """Return sharedStrings.xml of <si> with this content."""
    size = len(items) if count is None else count
    content = "".join(f"<si>{item}</si>" for item in items)
    return f'{HEAD}{prolog}<sst xmlns="{MAIN}" count="{size}" uniqueCount="{size}">{content}</sst>'


def styles(*formats: int | str, prolog: str = "") -> str:
    """Return styles.xml: cell style 0 is plain; each further one has a built-in format's id or a custom format."""
    custom = {200 + i: format_ for i, format_ in enumerate(formats) if isinstance(format_, str)}
    ids = [0, *(200 + i if isinstance(format_, str) else format_ for i, format_ in enumerate(formats))]
    codes = "".join(f'<numFmt numFmtId="{key}" formatCode="{code}"/>' for key, code in custom.items())
    cells = "".join(f'<xf numFmtId="{key}" applyNumberFormat="1"/>' for key in ids)
    fonts = f"<numFmts>{codes}</numFmts><fonts><font/></fonts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
    return f'{HEAD}{prolog}<styleSheet xmlns="{MAIN}">{fonts}<cellXfs>{cells}</cellXfs></styleSheet>'


def workbook(*sheets: str, prolog: str = "", properties: str = "", space: str = MAIN) -> str:
    """Return workbook.xml; each sheet is the attributes it has beyond sheetId and r:id, in their order."""
    listed = "".join(
        f'<sheet {attributes} sheetId="{i}" r:id="rId{i}"/>' for i, attributes in enumerate(sheets or ('name="S"',), 1)
    )
    root = f'<workbook xmlns="{space}" xmlns:r="{RELATIONS}">'
    return f"{HEAD}{prolog}{root}<workbookPr {properties}/><sheets>{listed}</sheets></workbook>"


def relation(key: str, kind: str, target: str, mode: str = "") -> str:
    return f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/>'


def relations(*entries: str, prolog: str = "") -> str:
    return f'{HEAD}{prolog}<Relationships xmlns="{PACKAGE}/relationships">{"".join(entries)}</Relationships>'


def workbook_relations(sheets: int = 1, *more: str) -> str:
    """Return the relations of a workbook with so many sheets, styles and shared strings."""
    own = [relation(f"rId{i}", "worksheet", f"worksheets/sheet{i}.xml") for i in range(1, sheets + 1)]
    fixed = [relation("rId901", "sharedStrings", "sharedStrings.xml"), relation("rId902", "styles", "styles.xml")]
    return relations(*own, *fixed, *more)


def content_types(workbook_type: str = CONTENT_TYPE, prolog: str = "") -> str:
    override = f'<Override PartName="/xl/workbook.xml" ContentType="{workbook_type}"/>'
    default = '<Default Extension="xml" ContentType="application/xml"/>'
    return f'{HEAD}{prolog}<Types xmlns="{PACKAGE}/content-types">{default}{override}</Types>'


def parts(changes: Mapping[str, bytes | str] | None = None, *, sheets: int = 1) -> Parts:
    """Return the parts of a good workbook of two rows, with some replaced or added."""
    good: Parts = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations(relation("rId1", "officeDocument", "xl/workbook.xml")),
        WORKBOOK: workbook(*(f'name="S{i}"' for i in range(1, sheets + 1))),
        WORKBOOK_RELATIONS: workbook_relations(sheets),
        SHARED: shared("<t>first</t>", "<t>last</t>"),
        STYLES: styles(14),
    }
    good |= {f"xl/worksheets/sheet{i}.xml": sheet() for i in range(1, sheets + 1)}
    return good | dict(changes or {})


def entries(contents: Parts, *, without: Iterable[str] = ()) -> list[Entry]:
    return [
        Entry(name, content.encode() if isinstance(content, str) else content)
        for name, content in contents.items()
        if name not in without
    ]


def book(changes: Mapping[str, bytes | str] | None = None, *more: Entry, sheets: int = 1) -> bytes:
    """Return a workbook file; an entry of `more` takes the place of the part it is named for."""
    names = [entry.name for entry in more]
    return zipped([*entries(parts(changes, sheets=sheets), without=names), *more])


def book_of(rows: str, **around: str) -> bytes:
    """Return a workbook with these rows, given as XML."""
    return book({SHEET: sheet(rows, **around)})
