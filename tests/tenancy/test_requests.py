"""A request acts for its caller's tenant, whole or not at all, and leaves nothing behind."""

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import call_command
from django.db import connection
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django_scopes import ScopeError

from marketing.models import MarketingTask, OptOut
from tenants.models import Tenant
from tenants.scoping import act_for


def forgetful(request: HttpRequest) -> HttpResponse:
    """A view whose writer did not think of tenants."""
    return HttpResponse(MarketingTask.objects.count())


def rendered_late(request: HttpRequest) -> HttpResponse:
    template = engines["django"].from_string("{% for task in tasks %}{{ task.name }};{% endfor %}")
    return TemplateResponse(request, template, {"tasks": MarketingTask.objects.all()})


def writes_and_fails(request: HttpRequest) -> HttpResponse:
    OptOut.objects.create(medium="sms", address="1")
    raise ZeroDivisionError


urlpatterns = [path(view.__name__, view) for view in (forgetful, rendered_late, writes_and_fails)]
handler500 = "aicc_console.errors.server_error"


@pytest.fixture
def views_of_this_test(settings):
    settings.ROOT_URLCONF = __name__


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_brings_its_tenant(client, alpha, beta):
    for tenant in (alpha, beta):
        answer = client.get(reverse("api-tasks"), headers=bearer(tenant.token))
        assert [task["name"] for task in answer.json()["results"]] == [tenant.task.name]


@pytest.mark.parametrize("token", ["nonsense", "x" * 64, ""])
def test_an_unknown_token_is_refused_with_what_is_wanted(client, db, token):
    refused = client.get(reverse("api-tasks"), headers=bearer(token))

    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")


def test_a_view_that_forgot_the_tenant_sees_its_own(client, alpha, beta, views_of_this_test):
    client.force_login(alpha.administrator)

    assert client.get("/forgetful").content == b"1"


def test_a_view_that_forgot_the_tenant_shows_nobody_anything(client, alpha, views_of_this_test):
    with pytest.raises(ScopeError):
        client.get("/forgetful")


def test_what_is_rendered_after_the_view_is_rendered_for_the_tenant(client, alpha, beta, views_of_this_test):
    client.force_login(alpha.administrator)

    assert client.get("/rendered_late").content == b"alpha spring;"


@pytest.mark.django_db(transaction=True)
def test_a_request_that_fails_wrote_nothing(client, alpha, views_of_this_test):
    client.force_login(alpha.administrator)
    client.raise_request_exception = False

    assert client.get("/writes_and_fails").status_code == 500

    with act_for(alpha):
        assert not OptOut.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_refusal_over_rest_wrote_nothing(client, alpha, monkeypatch):
    def write_and_refuse(*_given):
        OptOut.objects.create(medium="sms", address="1")
        raise ValidationError("no", code="no")

    monkeypatch.setattr("marketing.tasks.move", write_and_refuse)

    answer = client.post(reverse("api-task-publish", args=[alpha.task.pk]), headers=bearer(alpha.token))

    assert answer.status_code == 400
    with act_for(alpha):
        assert not OptOut.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_after_a_request_its_connection_speaks_for_nobody(client, alpha):
    client.get(reverse("api-tasks"), headers=bearer(alpha.token))

    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.tenant', true), '')")
        assert cursor.fetchone() == ("",)


def test_a_tenant_with_rows_is_not_deleted(alpha):
    with pytest.raises(ProtectedError):
        Tenant.objects.get(pk=alpha.pk).delete()
    with act_for(alpha), pytest.raises(ProtectedError):
        alpha.delete()


def test_without_the_owners_address_migrate_says_so(db, settings):
    settings.DATABASE_OWNER = None

    with pytest.raises(ImproperlyConfigured, match="DATABASE_OWNER_URL is not set"):
        call_command("migrate", verbosity=0)
