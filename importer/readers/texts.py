"""Text as Office Open XML writes it: entities, `_x000D_` escapes, and what they make that cannot be stored."""

import re

ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# Text between tags that means the same to these patterns and to expat: no markup, no other entity than the five,
# no carriage return (expat makes it a newline), nothing that XML forbids.
PLAIN = r"[^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def resolve(text: str) -> str:
    """Return plain text with its entities resolved ("A&amp;B" -> "A&B")."""
    for entity, character in ENTITIES:
        text = text.replace(entity, character)
    return text


def unescape(text: str) -> str:
    """Return the text with Excel's escapes resolved: "_x0041_" -> "A", "_x005F_x0041_" -> "_x0041_".

    Two escaped halves make one character; a half that is alone stays, for `whole` to find.
    Source: ECMA-376 part 1, 22.9.2.19 ST_Xstring.
    """
    if "_x" not in text:
        return text
    text = ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass") if is_broken(text) else text


def is_broken(text: str) -> bool:
    """Say whether the text holds NUL or half of a character, which no database and no file can store."""
    return ("\0" in text or not text.isascii()) and UNSTORABLE.search(text) is not None


def whole(text: str) -> str:
    """Return the text with what cannot be stored replaced by U+FFFD."""
    return UNSTORABLE.sub("\ufffd", text)
