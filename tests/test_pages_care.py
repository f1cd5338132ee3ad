"""View of a Care task: days, recipients with score and cause, rows that became none, and a run by hand."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from importer.smartcare.models import CareDay
from importer.smartcare.simulator.server import Simulator
from marketing.models import MarketingTask
from tenants.models import SystemParameter, Tenant
from tenants.scoping import act_for

from . import caller, care, make
from .care import YESTERDAY
from .pages import Person, text_of


@pytest.fixture
def tenant(db) -> Tenant:
    return make.tenant("Demo Telecom", smartcare=True)


@pytest.fixture
def task(tenant) -> MarketingTask:
    with act_for(tenant):
        made = care.task("voice", name="Call-back")
        care.day(made, created=30, failed=2, duplicate=1, cut=4)
        care.day(made, business_date=YESTERDAY - timedelta(days=1), created=3)
        CareDay.objects.filter(business_date=YESTERDAY).update(cut_score="2.6")
    return made


@pytest.fixture
def person(tenant) -> Person:
    return Person(tenant.administrator)


def test_the_days_are_shown_with_their_counts_and_notes(person, task):
    text = text_of(person.get("smartcare:care-task", task.pk))

    assert "21 Nov 2026 Complete" in text
    assert "37 30 2 1 0 4 Scores from 2.6 on were cut." in text
    assert "Import Data" not in text
    assert "Maximum number of caring users: 1,000." in text


def test_the_recipients_of_the_latest_day_come_first_the_worst_at_the_top(person, task):
    page = person.get("smartcare:care-task", task.pk)

    scores = [customer.score for _recipient, customer in page.context["recipients"]]
    assert len(scores) == 20
    assert scores == sorted(scores)
    assert "30 recipients of 21 Nov 2026, worst score first" in text_of(page)


def test_among_all_recipients_each_leads_to_its_day_and_a_day_can_be_searched_for(person, task, tenant):
    with act_for(tenant):
        day = CareDay.objects.get(business_date=date(2026, 11, 20))

    page = person.get("marketing:recipients", task.pk, origin=str(day.pk))

    address = reverse("smartcare:care-task", args=[task.pk])
    assert page.content.decode().count(f'href="{address}?day={day.pk}#recipients"') == 3
    assert text_of(page).count("SmartCare, 20 Nov 2026 row ") == 3


def test_another_day_is_chosen_and_digits_are_searched_without_an_address_bar(person, task, tenant):
    with act_for(tenant):
        day = CareDay.objects.get(business_date=date(2026, 11, 20))

    page = person.post("smartcare:care-task", task.pk, day=str(day.pk), text="000002")

    assert [recipient.address for recipient, _customer in page.context["recipients"]] == ["+8613820000002"]


def test_number_is_edited_and_deleted_and_the_page_comes_back(person, task, tenant):
    with act_for(tenant):
        recipient = task.recipients.order_by("pk").first()
    edited = person.post("marketing:recipient-edit", task.pk, recipient.pk, address="13900000001")
    assert edited.headers["Location"].endswith(f"/{task.pk}/care/")

    deleted = person.post("marketing:recipient-delete", task.pk, recipient.pk, confirmed="1")

    assert deleted.headers["Location"].endswith(f"/{task.pk}/care/")
    assert "29 recipients of 21 Nov 2026" in text_of(person.get("smartcare:care-task", task.pk))


def test_several_are_ticked_and_deleted_together(person, task, tenant):
    with act_for(tenant):
        ticked = list(task.recipients.order_by("pk").values_list("pk", flat=True)[:3])
    page = person.get("smartcare:care-task", task.pk)
    assert 'name="all_found"' in page.content.decode()  # selection.js fills it in

    answer = person.post("marketing:recipients-delete", task.pk, recipient=ticked, all_found="", confirmed="3")

    assert answer.headers["Location"].endswith(f"/{task.pk}/care/")
    with act_for(tenant):
        assert not task.recipients.filter(pk__in=ticked).exists()


def test_a_viewer_reads_masked_numbers_and_runs_nothing(tenant, task):
    viewer = Person(tenant.viewer)

    page = viewer.get("smartcare:care-task", task.pk)

    assert "+8613821000001" not in page.content.decode()
    assert "Run collection now" not in text_of(page)
    assert viewer.post("smartcare:care-run", task.pk).status_code == 403


def test_failed_rows_are_read_and_downloaded(person, task, tenant):
    with act_for(tenant):
        day = CareDay.objects.get(business_date=YESTERDAY)

    page = text_of(person.get("smartcare:care-rows", task.pk, day.pk, "failed"))
    file = b"".join(person.get("smartcare:care-rows-download", task.pk, day.pk, "failed", "csv").streaming_content)

    assert "138 The number has 3 national digits" in page
    assert file.decode("utf-8-sig").count("number_length") == 2
    cut = b"".join(person.get("smartcare:care-rows-download", task.pk, day.pk, "cut", "csv").streaming_content)
    assert cut.decode("utf-8-sig").count("reached by worse scores") == 4


def test_the_new_maximum_is_shown_with_its_hour(person, task):
    from tenants.system_parameters import set_system_parameters

    set_system_parameters({"max_caring_users": "800"})

    text = text_of(person.get("smartcare:care-task", task.pk))

    assert "Maximum number of caring users: 1,000 is in force until" in text
    assert "then 800." in text
    assert SystemParameter.objects.count() == 1


def test_switched_off_the_page_says_so(person, task):
    Tenant.objects.update(smartcare=False)

    text = text_of(person.get("smartcare:care-task", task.pk))

    assert "Nothing is collected. The feature “SmartCare” is switched off" in text
    assert "Next collection" not in text


def test_a_run_by_hand_begins_and_says_so(person, task, tenant, settings):
    with Simulator() as simulator:
        care.trust(simulator, settings)
        care.integrate(tenant, simulator)
        page = person.client.post(f"/outbound-call/mmarketing/{task.pk}/care/run/", follow=True)

    assert "The collection of 1 business day has begun." in text_of(page)
    assert "Fetching" in text_of(page)


def test_while_days_are_collected_a_poll_leaves_the_search_alone(person, task, tenant):
    with act_for(tenant):
        CareDay.objects.filter(business_date=YESTERDAY).update(state="fetching")

    poll = person.get("smartcare:care-task", task.pk, htmx=True)
    search = person.post("smartcare:care-task", task.pk, htmx=True, text="000002")

    assert 'id="care-days"' in poll.content.decode()
    assert 'id="recipients"' not in poll.content.decode()
    assert [recipient.address for recipient, _customer in search.context["recipients"]]
    with act_for(tenant):
        CareDay.objects.filter(business_date=YESTERDAY).update(state="complete")
    assert 'id="recipients"' in person.get("smartcare:care-task", task.pk, htmx=True).content.decode()


def test_rest_lists_days_and_their_rows(task, tenant):
    rest = caller.of(tenant)

    days = rest.get("api-care-days", task.pk).json()["results"]
    rows = rest.get("api-care-rows", task.pk, days[0]["id"], outcome="cut").json()["results"]

    assert [day["business_date"] for day in days] == ["2026-11-21", "2026-11-20"]
    assert days[0]["counts"] == {
        "fetched": 37, "created": 30, "failed": 2, "duplicate": 1, "suppressed": 0, "cut": 4, "waiting": 0,
    }  # fmt: skip
    assert (days[0]["status"], days[0]["cut_score"], days[0]["error"]) == ("complete", 2.6, None)
    assert [row["code"] for row in rows] == ["cut"] * 4


def test_a_marketing_task_has_no_such_page(person, tenant):
    with act_for(tenant):
        other = make.task()

    assert person.get("smartcare:care-task", other.pk).status_code == 404
    assert "smartcare" not in person.get("marketing:tasks").context["tasks"][0]["operations"]["row"][0].url
