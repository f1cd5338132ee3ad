"""Home: figures that lead to their lists, what runs, what needs attention, what comes next."""

import re
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from importer.models import ImportBatch
from importer.schedule_models import ScheduledImport
from importer.smartcare.models import CareDay, Certificate, Integration
from importer.states import ImportState
from marketing.models import OptOut
from marketing.states import TaskState
from tenants.models import ApiToken, Role, User
from tenants.scoping import act_for

from . import care, make
from .pages import Person, text_of

HOME = "importer:home"
COMPLETE = {"state": ImportState.COMPLETE, "created": 1, "unprocessed": 0}


def new_task(tenant, name: str = "Autumn", **fields):
    with act_for(tenant):
        return make.task(name=name, **({"state": TaskState.RUNNING} | fields))


def new_import(task, *, days_ago: int = 0, **fields) -> ImportBatch:
    with act_for(task.tenant):
        ended = {"ended_at": timezone.now()} if "state" in fields else {}
        made = make.batch(task, [["138", "Ann"]], **(ended | fields))
        moment = timezone.now() - timedelta(days=days_ago)
        ImportBatch.objects.filter(pk=made.pk).update(created_at=moment, begun_at=moment)
    return made


def attention(answer) -> str:
    return text_of(answer).split("Needs attention")[1]


def test_every_figure_leads_to_its_list(tenant, administrator):
    new_import(new_task(tenant, recipient_count=3), **COMPLETE)
    new_import(new_task(tenant, "Spring", state=TaskState.SUSPENDED), days_ago=2, **COMPLETE)
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address="+8613800000005")

    answer = administrator.get(HOME)

    figures = re.findall(r'<a href="([^"]+)"><b>([^<]+)</b>', answer.content.decode())
    tasks, imports = reverse("marketing:tasks"), reverse("importer:all-imports")
    assert figures == [
        (f"{tasks}?state=running", "1"),
        (f"{tasks}?state=suspended", "1"),
        (f"{imports}?since={timezone.localdate()}", "1"),
        (f"{tasks}?sort=-recipients", "3"),
        (reverse("marketing:opt-outs"), "1"),
    ]
    for address, _figure in figures:
        assert administrator.client.get(address).status_code == 200


def test_the_days_of_the_chart_lead_to_their_imports(tenant, administrator):
    new_import(new_task(tenant), days_ago=3, **COMPLETE)

    answer = administrator.get(HOME)

    day = timezone.localdate() - timedelta(days=3)
    by_day = {line[0]: line[2:] for line in answer.context["chart_table"]}
    assert len(by_day) == 30
    assert by_day[day] == (1, 0, 0, 0)
    assert f"?since={day}&amp;until={day}" in answer.content.decode()


def test_nothing_needs_attention_where_all_goes_well(tenant, administrator):
    new_import(new_task(tenant), **COMPLETE)

    assert "Nothing: no import of the last 7 days failed or stopped" in attention(administrator.get(HOME))


def test_imports_that_failed_or_stopped_are_named_for_a_week(tenant, administrator):
    task = new_task(tenant)
    new_import(task, state=ImportState.STOPPED, error_code="task_closed")
    new_import(task, state=ImportState.FAILED, error_code="source_missing")
    new_import(task, state=ImportState.FAILED, ended_at=timezone.now() - timedelta(days=8))
    new_import(task, state=ImportState.CANCELLED)  # somebody wanted it so

    answer = administrator.get(HOME)

    assert len(answer.context["matters"]) == 2
    assert "Import 2 of “Autumn” failed" in attention(answer)
    assert "Import 1 of “Autumn” stopped" in attention(answer)


def test_published_tasks_whose_feature_is_off_are_named(tenant, administrator):
    new_task(tenant)
    new_task(tenant, "Planned", state=TaskState.DRAFT)
    tenant.sms_marketing = False
    tenant.save(update_fields=["sms_marketing"])

    said = attention(administrator.get(HOME))

    assert "“Autumn” sends nothing" in said
    assert "“Planned”" not in said


@pytest.mark.parametrize(
    ("state", "minutes_ago", "is_named"),
    [
        (TaskState.RUNNING, 60, True),
        (TaskState.SUSPENDED, 60, True),
        (TaskState.RUNNING, 2, False),  # the console completes it within a minute or two
        (TaskState.COMPLETED, 60, False),
        (TaskState.DRAFT, 60, False),
    ],
)
def test_a_published_task_that_the_console_did_not_complete_is_named(
    tenant, administrator, state, minutes_ago, is_named
):
    end = timezone.now() - timedelta(minutes=minutes_ago)
    new_task(tenant, state=state, begin_at=end - timedelta(days=1), end_at=end)

    assert ("“Autumn” is past its end" in attention(administrator.get(HOME))) is is_named


@pytest.mark.parametrize(
    ("state", "days_ago", "said"),
    [
        ("partial", 1, "sent the customers of {day} only in part: “Call-back”"),
        ("stopped", 1, "The collection of {day} stopped: “Call-back”"),
        ("missed", 7, "The customers of {day} were missed: “Call-back”"),
        ("missed", 9, "Nothing: no import"),
        ("complete", 1, "Nothing: no import"),
    ],
)
def test_nights_of_smartcare_that_are_not_whole_are_named_for_a_week(tenant, administrator, state, days_ago, said):
    day = timezone.localdate() - timedelta(days=days_ago)
    with act_for(tenant):
        made = care.day(care.task(name="Call-back"), business_date=day, created=1)
        CareDay.objects.filter(pk=made.pk).update(state=state)
    tenant.smartcare = True
    tenant.save(update_fields=["smartcare"])

    assert said.format(day=date_format(day, "DATE_FORMAT")) in attention(administrator.get(HOME))


def test_the_latest_night_on_which_the_maximum_cut_customers_is_named(tenant, administrator):
    tenant.smartcare = True
    tenant.save(update_fields=["smartcare"])
    with act_for(tenant):
        task = care.task(name="Call-back")
        for days_ago, cut in ((1, 0), (2, 4), (3, 5)):
            care.day(task, business_date=timezone.localdate() - timedelta(days=days_ago), created=1, cut=cut)

    answer = administrator.get(HOME)

    day = date_format(timezone.localdate() - timedelta(days=2), "DATE_FORMAT")
    assert [one.text for one in answer.context["matters"]] == [
        f"4 customers of {day} were cut by the maximum: “Call-back”"
    ]


@pytest.mark.parametrize(("days", "said"), [(20, "expires soon"), (-1, "has expired"), (40, "")])
def test_certificates_that_expire_are_named_to_who_may_change_them(tenant, administrator, days, said):
    with act_for(tenant):
        Certificate.objects.create(name="Root", pem="-", expires_at=timezone.now() + timedelta(days=days))

    assert (f"The certificate “Root” {said}" in attention(administrator.get(HOME))) is bool(said)
    assert "Root" not in text_of(Person(tenant.viewer).get(HOME))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([5], "The token of “CRM” expires soon"),
        ([-2], "The last token of “CRM” has expired"),
        ([5, 90], ""),  # rotated: the new one goes on
        ([90], ""),
        ([-8], ""),  # nobody missed it
    ],
)
def test_programs_whose_last_token_ends_are_named_to_who_may_issue_one(tenant, administrator, days, said):
    with act_for(tenant):
        client = User.objects.create_user("api-crm", role=Role.API_CLIENT, full_name="CRM")
        for one in days:
            token, _text = ApiToken.objects.create(user=client, expiry=timedelta(days=1), scopes=[])
            ApiToken.objects.filter(pk=token.pk).update(expiry=timezone.now() + timedelta(days=one))

    assert (said in attention(administrator.get(HOME))) if said else ("CRM" not in text_of(administrator.get(HOME)))
    assert "CRM" not in text_of(Person(tenant.viewer).get(HOME))


@pytest.mark.parametrize(("days", "is_named"), [(2, True), (8, False)])
def test_tasks_that_end_within_a_week_come_next(tenant, administrator, days, is_named):
    new_task(tenant, end_at=timezone.now() + timedelta(days=days))

    assert ("“Autumn” ends" in text_of(administrator.get(HOME))) is is_named


def test_scheduled_imports_and_collections_that_come_next_are_named(tenant, administrator):
    tenant.smartcare = True
    tenant.save(update_fields=["smartcare"])
    with act_for(tenant):
        Integration.objects.create(address="https://192.0.2.7", app_id="console")
        care.task(name="Call-back")
        care.task("data", name="Apology", state=TaskState.DRAFT)
        soon = make.schedule(task=make.task(name="Nightly"), rhythm="daily", at=time(7))
        ScheduledImport.objects.filter(pk=soon.pk).update(next_run_at=timezone.now() + timedelta(hours=1))

    answer = administrator.get(HOME)

    named = {str(one.text) for one in answer.context["coming"]}
    assert named == {"Scheduled import into “Nightly”", "SmartCare collection for “Call-back”"}
    moments = [one.moment for one in answer.context["coming"]]
    assert moments == sorted(moments)


def test_while_the_same_imports_run_their_card_alone_is_asked_for(tenant, administrator):
    running = new_import(new_task(tenant), source_name="november.csv")
    page = administrator.get(HOME)
    (address,) = re.findall(r'hx-get="([^"]+running=[^"]*)" hx-trigger="every 2s"', page.content.decode())

    answer = administrator.client.get(address, headers={"HX-Request": "true"})
    assert "november.csv, 0 of 1 rows" in text_of(answer)
    assert "Needs attention" not in text_of(answer)
    assert "HX-Retarget" not in answer.headers

    with act_for(tenant):
        ImportBatch.objects.filter(pk=running.pk).update(ended_at=timezone.now(), **COMPLETE)
    ended = administrator.client.get(address, headers={"HX-Request": "true"})
    assert ended.headers["HX-Retarget"] == ended.headers["HX-Reselect"] == "#home"
    assert "Nothing is being imported." in text_of(ended)
    assert b"every 2s" not in ended.content


def test_it_asks_the_database_equally_often_for_one_of_everything_and_for_twenty(tenant, administrator):
    tenant.sms_marketing = False
    tenant.save(update_fields=["sms_marketing"])
    add(tenant, 1)
    administrator.get(HOME)  # what is read once and kept
    with CaptureQueriesContext(connection) as for_one:
        administrator.get(HOME)
    for number in range(2, 21):
        add(tenant, number)

    with CaptureQueriesContext(connection) as for_twenty:
        administrator.get(HOME)

    assert len(for_twenty) == len(for_one)


def add(tenant, number: int) -> None:
    """Add an import that runs, one that failed, and a task of each kind that Home names."""
    now = timezone.now()
    task = new_task(tenant, f"Halted {number}")
    new_import(task)
    new_import(task, state=ImportState.FAILED)
    new_task(tenant, f"Ending {number}", end_at=now + timedelta(days=1))
    new_task(tenant, f"Over {number}", begin_at=now - timedelta(days=2), end_at=now - timedelta(days=1))
