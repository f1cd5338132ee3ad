"""Nobody writes a tenant_id: Python's default, the column's default, COPY."""

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from marketing import intake
from marketing.intake import Incoming
from marketing.models import OptOut, Recipient
from marketing.rules import Draft
from tenants.scoping import act_for


def test_every_way_to_make_a_row_fills_the_tenant(alpha):
    with act_for(alpha):
        made = [
            OptOut.objects.create(medium="sms", address="1"),
            alpha.opt_outs.create(medium="sms", address="2"),
            *OptOut.objects.bulk_create([OptOut(medium="sms", address="3")]),
            OptOut.objects.update_or_create(medium="sms", address="4")[0],
            alpha.task.recipients.create(address="5"),
        ]

        assert {row.tenant_id for row in made} == {alpha.pk}


def test_many_rows_by_copy_belong_to_the_tenant(alpha):
    with act_for(alpha), intake.lock(alpha.task.pk) as task:
        intake.admit_many(task, Incoming.of({2: Draft("+8610", {}), 3: Draft("alpha0", {})}), origin=None)

        assert Recipient.objects.get(address="+8610").tenant_id == alpha.pk
        assert Recipient.objects.count() == 4


def test_copy_into_a_foreign_task_is_refused(alpha, beta):
    with act_for(beta):
        foreign = beta.task
        foreign.template, foreign.tenant = foreign.template, foreign.tenant
    with act_for(alpha), pytest.raises(DatabaseError, match="marketing_recipient_task"), transaction.atomic():
        intake.admit_many(foreign, Incoming.of({2: Draft("+8610", {})}), origin=None)


def test_copy_straight_into_the_table_is_refused(alpha):
    with (
        act_for(alpha),
        pytest.raises((DatabaseError, psycopg.Error), match="COPY FROM not supported with row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy("COPY marketing_recipient (address) FROM STDIN"),
    ):
        pass


def test_without_a_tenant_the_column_has_no_default_and_the_row_is_refused(alpha):
    insert = "INSERT INTO marketing_optout (medium, address, created_at) VALUES ('sms', '1', now())"
    with (
        pytest.raises(DatabaseError, match=r"row-level security policy|null value"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(insert)
