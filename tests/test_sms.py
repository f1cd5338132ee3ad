"""The length of an SMS: alphabet, units and parts, as networks count them."""

import pytest

from marketing.sms import EXTENDED, GSM, Alphabet, length_of

# The default alphabet of 3GPP TS 23.038, 6.2.1, by rows of its table; 0x1B is the escape.
TABLE = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7, UNICODE = Alphabet.GSM, Alphabet.UNICODE


def test_the_alphabet_is_the_standard_one():
    assert GSM == TABLE
    assert len(GSM) == 127  # 128 codes, one of them the escape
    assert set("\f^{}\\[~]|€") == EXTENDED


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts", "room"),
    [
        ("", GSM_7, 0, 1, 160),
        ("a" * 160, GSM_7, 160, 1, 160),
        ("a" * 161, GSM_7, 161, 2, 306),
        ("a" * 306, GSM_7, 306, 2, 306),
        ("a" * 307, GSM_7, 307, 3, 459),
        ("a" * 1530, GSM_7, 1530, 10, 1530),
        ("€" * 80, GSM_7, 160, 1, 160),  # two septets each
        ("€" * 80 + "a", GSM_7, 161, 2, 306),
        ("a" * 152 + "€" + "a" * 10, GSM_7, 164, 2, 306),
        ("a" * 152 + "€" + "a" * 152, GSM_7, 306, 3, 459),  # an escape is not torn from its character
        ("[" + "a" * 158, GSM_7, 160, 1, 160),
        ("à la carte ñ ü ß", GSM_7, 16, 1, 160),
        ("ç", UNICODE, 1, 1, 70),  # only Ç is in the table
        ("’", UNICODE, 1, 1, 70),
        ("\t", UNICODE, 1, 1, 70),
        ("a" * 69 + "’", UNICODE, 70, 1, 70),
        ("a" * 70 + "’", UNICODE, 71, 2, 134),
        ("你" * 70, UNICODE, 70, 1, 70),
        ("你" * 71, UNICODE, 71, 2, 134),
        ("你" * 134, UNICODE, 134, 2, 134),
        ("你" * 135, UNICODE, 135, 3, 201),
        ("😀" * 35, UNICODE, 70, 1, 70),  # two units each
        ("😀" * 36, UNICODE, 72, 2, 134),
        ("你" * 66 + "😀" + "你" * 66, UNICODE, 134, 3, 201),  # nor one half of a pair from the other
        ("€" + "你" * 69, UNICODE, 70, 1, 70),  # in Unicode it is one unit
    ],
)
def test_an_sms_is_counted(text, alphabet, units, parts, room):
    length = length_of(text)

    assert (length.alphabet, length.units, length.parts, length.room) == (alphabet, units, parts, room)


def test_what_makes_it_unicode_is_named_once_in_its_order():
    assert length_of("It’s “5G”, it’s").odd == ("’", "“", "”")
    assert length_of("It's 5G").odd == ()


def test_a_character_is_not_a_unit():
    assert length_of("😀€").characters == 2
