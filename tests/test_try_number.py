"""The command that tries numbers against parameters not yet set."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from tenants.management.commands.try_number import verdicts
from tenants.numbers import NumberPolicy

CN = NumberPolicy(area_code="86")


def try_numbers(monkeypatch, source: bytes, *options: str) -> list[dict[str, str]]:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source)))
    call_command("try_number", *options, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_it_prints_what_becomes_of_each_line(monkeypatch):
    printed = try_numbers(monkeypatch, b"138-0000-0000\r\n\n 110 \n0086 138 0000 0000", "--area-code", "86")

    assert printed == [
        {"input": "138-0000-0000", "address": "+8613800000000"},
        {"input": "", "code": "number_missing", "detail": "There is no recipient number."},
        {
            "input": " 110 ",
            "code": "number_length",
            "detail": "The number has 3 national digits; 5 to 20 are allowed.",
        },
        {"input": "0086 138 0000 0000", "address": "+8613800000000"},
    ]


def test_it_takes_every_number_parameter(monkeypatch):
    source = b"8 10 7 912 3456789\n9031234567\n91234\n9100000000\n00"
    limits = ["--min=10", "--max=10", "--begin=77,91", "--plan-check=valid"]

    printed = try_numbers(monkeypatch, source, "--area-code=7", "--crown-code=810", *limits)

    assert [verdict.get("address") or verdict["code"] for verdict in printed] == [
        "+79123456789",
        "number_begin",
        "number_length",
        "+79100000000",
        "number_length",
    ]


def test_only_the_line_end_is_taken_off():
    lines = [b"13800000000\r\r\n", b"\xef\xbb\xbf13800000000\n", b"1380\x0b0000000\n"]

    assert [json.loads(verdict)["input"] for verdict in verdicts(CN, lines)] == [
        "13800000000\r",
        "\ufeff13800000000",
        "1380\x0b0000000",
    ]


def test_what_is_not_ascii_is_readable_in_the_output():
    (verdict,) = verdicts(CN, ["１３８".encode()])

    assert '"input": "１３８"' in verdict
    assert "U+FF11" in verdict


@pytest.mark.parametrize(
    "line", [b"138\xff", b"\xed\xa0\x80138", b"\x00", b'"\\', b"138\xe2\x80\xa80", b"\x80" * 1_000]
)
def test_odd_bytes_come_out_as_json_in_utf_8(line):
    (verdict,) = verdicts(CN, [line])

    verdict.encode()
    assert json.loads(verdict)["input"].encode("utf-8", "surrogateescape") == line
    assert json.loads(verdict)["code"] == "number_characters"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--min 9 --max 5", r"--max: The maximum length \(5\) must not be below the minimum length \(9\)"),
        ("--min 0", "--min: This must be a whole number from 1 to 24"),
        ("--max 25", "--max: This must be a whole number from 1 to 24"),
        ("--area-code 999", "--area-code: No country has the calling code 999"),
        ("--area-code 800", "--area-code: No country has the calling code 800"),
        ("--area-code +86", "--area-code: This must be 0 to 3 digits"),
        ("--crown-code 1234567", "--crown-code: This must be 0 to 6 digits"),
        ("--begin 13,x", "--begin: "),
        ("--plan-check strict", "--plan-check: This must be one of: off, possible, valid"),
    ],
)
def test_odd_options_end_with_a_sentence(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("try_number", *options.split())
