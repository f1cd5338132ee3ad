"""What stands in the logs: what went wrong and where, and nobody's address."""

import logging
import traceback

import pytest
from django.db import DatabaseError, connection, transaction

from aicc_console.logs import formatter
from marketing.models import Recipient

from . import make

ADDRESS = "+8613800000001"


def nul_in_json(task):
    Recipient.objects.create(task=task, address=ADDRESS, variables={"name": "a\0b"})


def nul_in_a_chunk(task):
    connection.cursor().execute("SELECT %s::jsonb", [f'["{ADDRESS}", "a\\u0000b"]'])


def no_such_table(task):
    connection.cursor().execute("SELECT nothing FROM nowhere WHERE address = %s", [ADDRESS])


def line_of(text: str, exc_info=None) -> str:
    return formatter().format(logging.LogRecord("celery.app.trace", logging.ERROR, "", 1, "%s", (text,), exc_info))


@pytest.mark.parametrize("fail", [nul_in_json, nul_in_a_chunk, no_such_table])
def test_an_error_of_the_database_does_not_quote_its_row(acting, fail):
    task = make.task()
    with pytest.raises(DatabaseError) as raised, transaction.atomic():
        fail(task)
    error = raised.value
    by_traceback = "".join(traceback.format_exception(error))  # as Celery writes it into the message
    first = str(error).partition("\n")[0].replace('"', '\\"')

    lines = [line_of("raised", (type(error), error, error.__traceback__)), line_of(by_traceback)]

    assert ADDRESS in by_traceback
    assert [(ADDRESS in line, first in line) for line in lines] == [(False, True)] * 2
