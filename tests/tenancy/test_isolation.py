"""Each of these is closed twice. test_planted.py runs this file with one of the two locks taken out."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django_scopes import ScopeError, scopes_disabled

from importer.models import ImportBatch, RejectedRow
from marketing.models import MarketingTask, Recipient
from tenants.scoping import act_for, each_tenant
from tests import make


def test_a_tenant_sees_its_own_rows_only(alpha, beta):
    with act_for(alpha):
        assert [task.name for task in MarketingTask.objects.all()] == ["alpha spring"]
        assert Recipient.objects.count() == 3
        assert not MarketingTask.objects.filter(pk=beta.task.pk).exists()


@pytest.mark.net
def test_a_forgotten_filter_still_sees_no_foreign_row(alpha, beta):
    with act_for(alpha), scopes_disabled():
        assert [task.name for task in MarketingTask.objects.all()] == ["alpha spring"]
        assert MarketingTask.objects.filter(pk=beta.task.pk).update(name="stolen") == 0
        assert MarketingTask._base_manager.count() == 1


@pytest.mark.net
def test_without_a_tenant_there_are_no_rows(alpha):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM marketing_marketingtask")
        assert cursor.fetchone() == (0,)


@pytest.mark.net
def test_a_row_cannot_be_made_for_another_tenant(alpha, beta):
    with (
        act_for(alpha),
        pytest.raises(DatabaseError, match="violates row-level security policy"),
        transaction.atomic(),
    ):
        make.task(tenant=beta, name="planted")


@pytest.mark.net
def test_a_row_cannot_be_given_to_another_tenant(alpha, beta):
    with (
        act_for(alpha),
        pytest.raises(DatabaseError, match="violates row-level security policy"),
        transaction.atomic(),
    ):
        MarketingTask._base_manager.filter(pk=alpha.task.pk).update(tenant=beta.pk)


@pytest.mark.scope
def test_without_a_tenant_every_query_raises(alpha):
    for query in (
        MarketingTask.objects.all,
        MarketingTask.objects.count,
        alpha.marketing_tasks.all,
        alpha.task.recipients.count,
        lambda: MarketingTask.objects.get(pk=alpha.task.pk),
        lambda: list(MarketingTask.objects.exclude(pk=None)),
        MarketingTask,
    ):
        with pytest.raises(ScopeError):
            query()


def test_what_django_scopes_forgets_to_forbid_finds_no_row(alpha):
    assert not MarketingTask.objects.exists()
    assert not MarketingTask.objects.exclude(name="").exists()


def test_acting_for_two_tenants_at_once_is_refused(alpha, beta):
    with act_for(alpha), pytest.raises(ScopeError, match="another tenant"), act_for(beta):
        pass


def test_acting_for_nobody_is_refused():
    with pytest.raises(ValueError, match="badly formed"), act_for(None):
        pass


@pytest.mark.scope
def test_the_tenant_is_gone_after_the_block(alpha, beta):
    assert [Recipient.objects.count() for _ in each_tenant([alpha, beta])] == [3, 3]

    with pytest.raises(ZeroDivisionError), act_for(alpha):
        raise ZeroDivisionError

    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.tenant', true), '')")
        assert cursor.fetchone() == ("",)


@pytest.mark.parametrize(
    ("constraint", "plant"),
    [
        ("marketing_recipient_task", lambda beta: Recipient.objects.create(task=beta.task, address="+861")),
        ("marketing_task_template", lambda beta: make.task(template=beta.task.template)),
        ("marketing_task_created_by", lambda beta: make.task(created_by=beta.administrator)),
        ("importer_batch_task", lambda beta: ImportBatch.objects.create(task=beta.task, number=9)),
        ("importer_batch_operator", lambda beta: ImportBatch.objects.update(operator=beta.administrator)),
        ("importer_rejectedrow_batch", lambda beta: RejectedRow.objects.create(batch=beta.batch, row=9)),
        ("tenants_apitoken_user", lambda beta: make.token(beta.client)),
    ],
)
def test_a_foreign_parent_is_refused_by_the_composite_key(alpha, beta, constraint, plant):
    with (
        act_for(alpha),
        pytest.raises(DatabaseError, match=f'foreign key constraint "{constraint}"'),
        transaction.atomic(),
    ):
        plant(beta)


def test_two_tenants_may_use_one_name(alpha, beta):
    with act_for(alpha):
        copied = MarketingTask.objects.get()
        copied.pk, copied._state.adding, copied.name = beta.task.pk, True, "beta spring"
        copied.validate_constraints()
        copied.name = "alpha spring"
        with pytest.raises(ValidationError, match="already exists"):
            copied.validate_constraints()


def test_deleting_a_parent_takes_only_its_own_children(alpha, beta):
    with act_for(alpha):
        alpha.task.delete()
        assert not Recipient.objects.exists()
        assert not ImportBatch.objects.exists()

    with act_for(beta):
        assert (Recipient.objects.count(), ImportBatch.objects.count()) == (3, 1)
