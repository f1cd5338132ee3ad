"""A task's recipients: search, one by one, and delete several. The same rules and sentences as in a file."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketing import intake, origins
from marketing.intake import Incoming
from marketing.models import MarketingTask, Recipient
from marketing.rules import Draft
from marketing.states import TaskState
from tenants import paging
from tenants.scoping import act_for

from . import caller, make
from .pages import Person, text_of

NUMBERS = ("+8613800000112", "+8613800000212", "+8615900000345")


@pytest.fixture
def task(tenant) -> MarketingTask:
    """A draft with three recipients."""
    with act_for(tenant):
        made = make.task(body="Dear ${name}, until ${day}", defaults={"day": "31 Dec"}, name="Autumn")
        with intake.lock(made.pk) as locked:
            for number in NUMBERS:
                intake.admit(locked, Draft(number, {"name": "Ann", "day": "31 Dec"}))
    return made


def addresses(tenant) -> set[str]:
    with act_for(tenant):
        return set(Recipient.objects.values_list("address", flat=True))


def move_to(tenant, task, state) -> None:
    with act_for(tenant):
        MarketingTask.objects.filter(pk=task.pk).update(state=state)


def shown(answer) -> list[str]:
    return [row["recipient"].address for row in answer.context["rows"]]


def test_the_list_shows_the_latest_first_with_their_values(task, administrator):
    answer = administrator.get("marketing:recipients", task.pk)

    assert shown(answer) == list(NUMBERS[::-1])
    assert "31 Dec default" in text_of(answer)
    assert "Added one by one" in text_of(answer)


@pytest.mark.parametrize(
    ("how", "text", "found"),
    [
        ("ends", "12", 2),
        ("ends", "0345", 1),
        ("begins", "+86138", 2),
        ("begins", "86138", 2),
        ("begins", "138", 2),  # national, the tenant's area code being 86
        ("begins", "138-0000 0112", 1),
        ("begins", "9", 0),
        ("", "138", 2),
        ("ends", "%", 0),
        ("ends", "", 3),
    ],
)
def test_recipients_are_found_by_the_begin_or_the_end_of_their_number(task, administrator, how, text, found):
    answer = administrator.post("marketing:recipients", task.pk, how=how, text=text)

    assert answer.context["found_count"] == found
    assert len(shown(answer)) == found


def test_emails_are_found_whatever_the_case(tenant, administrator):
    with act_for(tenant):
        task = make.task(medium="email")
        with intake.lock(task.pk) as locked:
            intake.admit(locked, Draft("ann.lee@example.com", {"name": "Ann"}))

    for how, text in (("begins", "Ann."), ("ends", "EXAMPLE.com")):
        assert len(shown(administrator.post("marketing:recipients", task.pk, how=how, text=text))) == 1


def test_a_search_in_the_address_bar_is_ignored(task, administrator):
    answer = administrator.get("marketing:recipients", task.pk, how="ends", text="0345")

    assert len(shown(answer)) == 3
    assert answer.context["form"]["text"].value() == ""


def test_recipients_are_filtered_by_their_origin(tenant, task, administrator):
    with act_for(tenant):
        batch = make.batch(task, [["13800000001", "Bo"]])
        Recipient.objects.filter(address=NUMBERS[0]).update(origin=batch.pk)

    assert shown(administrator.get("marketing:recipients", task.pk, origin=str(batch.pk))) == [NUMBERS[0]]
    assert len(shown(administrator.post("marketing:recipients", task.pk, origin="person"))) == 2


def test_pages_of_a_search_go_on_with_the_search(tenant, task, administrator):
    with act_for(tenant), intake.lock(task.pk) as locked:
        for number in range(30):
            intake.admit(locked, Draft(f"+86170000{number:05}", {"name": "Bo"}))

    first = administrator.post("marketing:recipients", task.pk, how="begins", text="170")
    cursor = first.context["page"].next
    second = administrator.post("marketing:recipients", task.pk, how="begins", text="170", cursor=cursor)
    back = second.context["page"].previous
    again = administrator.post("marketing:recipients", task.pk, how="begins", text="170", cursor=back)

    assert len(shown(first)) == 20
    assert len(shown(second)) == 10
    assert shown(again) == shown(first)
    assert 'name="cursor"' in first.content.decode()


def test_the_list_asks_the_database_equally_often_for_three_and_for_twenty(tenant, task, administrator):
    administrator.get("marketing:recipients", task.pk)
    with CaptureQueriesContext(connection) as for_three:
        administrator.get("marketing:recipients", task.pk)
    with act_for(tenant), intake.lock(task.pk) as locked:
        for number in range(17):
            intake.admit(locked, Draft(f"+86170000{number:05}", {"name": "Bo"}))

    with CaptureQueriesContext(connection) as for_twenty:
        administrator.get("marketing:recipients", task.pk)

    assert len(for_twenty) == len(for_three)


def test_a_recipient_is_added_and_stored_in_one_form(tenant, task, administrator):
    form = {"address": "138-0000-5512", "value:name": "Cai"}

    answer = administrator.post("marketing:recipient-add", task.pk, **form)

    assert answer.status_code == 302
    with act_for(tenant):
        added = Recipient.objects.get(address="+8613800005512")
        assert (added.variables, added.origin) == ({"name": "Cai", "day": "31 Dec"}, None)
        assert MarketingTask.objects.get(pk=task.pk).recipient_count == 4


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"address": "", "value:name": "Ann"}, "There is no recipient number."),
        ({"address": "12", "value:name": "Ann"}, "The number has 2 national digits"),
        ({"address": "１３８", "value:name": "Ann"}, "(U+FF11)"),  # typed with a Chinese keyboard
        ({"address": "13800000112", "value:name": "Ann"}, "This address is already in the task."),
        ({"address": "13800009999"}, "The variable “name” has no value, and it has no default."),
        ({"address": "13800009999", "value:name": "x" * 501}, "The value of “name” has 501 characters"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_recipient_that_does_not_fit_is_refused_at_its_field(task, administrator, form, sentence, htmx):
    answer = administrator.post("marketing:recipient-add", task.pk, htmx=htmx, **form)

    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert not answer.context["form"].non_field_errors()


def test_save_and_add_another_gives_an_empty_form(task, administrator):
    form = {"address": "13800005512", "value:name": "Cai", "add_another": "yes"}

    drawer = administrator.post("marketing:recipient-add", task.pk, htmx=True, **form)
    page = administrator.post("marketing:recipient-add", task.pk, **(form | {"address": "13800005513"}))

    assert "The recipient is added." in text_of(drawer)
    assert not drawer.context["form"].is_bound
    assert page["Location"].endswith("/recipients/add/")


def test_an_address_is_judged_while_it_is_typed(task, administrator):
    good = administrator.post("marketing:address-judge", task.pk, address="138-0000-5512")
    bad = administrator.post("marketing:address-judge", task.pk, address="138")

    assert text_of(good) == "Will be stored as +8613800005512"
    assert "The number has 3 national digits" in text_of(bad)


def test_a_recipient_is_edited(tenant, task, administrator):
    with act_for(tenant):
        recipient = Recipient.objects.get(address=NUMBERS[0])
    form = administrator.get("marketing:recipient-edit", task.pk, recipient.pk)

    administrator.post(
        "marketing:recipient-edit", task.pk, recipient.pk, **{"address": "15900000001", "value:name": "Dan"}
    )

    assert form.context["form"]["address"].value() == NUMBERS[0]
    with act_for(tenant):
        recipient.refresh_from_db()
    assert (recipient.address, recipient.variables["name"]) == ("+8615900000001", "Dan")


def test_an_edit_to_an_address_of_another_is_refused(tenant, task, administrator):
    with act_for(tenant):
        recipient = Recipient.objects.get(address=NUMBERS[0])

    answer = administrator.post(
        "marketing:recipient-edit", task.pk, recipient.pk, **{"address": NUMBERS[1], "value:name": "Dan"}
    )

    assert "This address is already in the task." in text_of(answer)


@pytest.mark.parametrize("htmx", [False, True])
def test_nothing_is_added_to_a_running_task(tenant, task, administrator, htmx):
    move_to(tenant, task, TaskState.RUNNING)

    answer = administrator.post("marketing:recipient-add", task.pk, htmx=htmx, address="13800005512")

    assert answer.headers.get("HX-Redirect" if htmx else "Location").endswith("/recipients/")
    assert len(addresses(tenant)) == 3
    page = administrator.get("marketing:recipients", task.pk)
    assert "Recipients can be changed in Draft and Suspended only; this task is Running." in text_of(page)
    assert "data-select-page" not in page.content.decode()


def test_several_recipients_are_deleted_once_that_is_confirmed(tenant, task, administrator):
    with act_for(tenant):
        ids = [str(pk) for pk in Recipient.objects.exclude(address=NUMBERS[2]).values_list("pk", flat=True)]

    question = administrator.post("marketing:recipients-delete", task.pk, recipient=ids)
    assert "Delete 2 recipients?" in text_of(question)
    assert f"{NUMBERS[0]}, Ann" in text_of(question)
    assert len(addresses(tenant)) == 3

    administrator.post("marketing:recipients-delete", task.pk, recipient=ids, confirmed="2")
    assert addresses(tenant) == {NUMBERS[2]}
    with act_for(tenant):
        assert MarketingTask.objects.get(pk=task.pk).recipient_count == 1


def test_all_that_a_search_found_are_deleted_and_no_other(tenant, task, administrator):
    form = {"all_found": "yes", "how": "ends", "text": "12", "origin": ""}

    administrator.post("marketing:recipients-delete", task.pk, confirmed="2", **form)

    assert addresses(tenant) == {NUMBERS[2]}


def test_more_than_were_asked_about_are_not_deleted(tenant, task, administrator):
    form = {"all_found": "yes", "how": "", "text": "", "origin": ""}
    assert (
        'name="confirmed" value="3"'
        in administrator.post("marketing:recipients-delete", task.pk, **form).content.decode()
    )
    administrator.post("marketing:recipient-add", task.pk, **{"address": "13800005512", "value:name": "Cai"})

    again = administrator.post("marketing:recipients-delete", task.pk, confirmed="3", **form)

    assert "Delete 4 recipients?" in text_of(again)
    assert len(addresses(tenant)) == 4


@pytest.mark.parametrize("key", ["9" * 19, "9" * 5_000, "１２", "-1", "x"])
def test_what_is_no_key_is_no_recipient(tenant, task, administrator, key):
    answer = administrator.client.post(
        f"/outbound-call/mmarketing/{task.pk}/recipients/delete/", {"recipient": key, "confirmed": "1"}, follow=True
    )

    assert "No recipient was selected." in text_of(answer)
    assert len(addresses(tenant)) == 3


def test_recipients_of_another_task_are_not_deleted(tenant, task, administrator):
    with act_for(tenant):
        other = make.task()
        ids = [str(pk) for pk in Recipient.objects.values_list("pk", flat=True)]

    administrator.post("marketing:recipients-delete", other.pk, recipient=ids, confirmed="3")

    assert len(addresses(tenant)) == 3


def test_more_than_a_thousand_are_deleted_only_when_their_number_is_typed(tenant, task, administrator):
    with act_for(tenant), intake.lock(task.pk) as locked:
        many = {number: Draft(f"+86170{number:08}", {}) for number in range(998)}
        intake.admit_many(locked, Incoming.of(many), origin=None)
    form = {"all_found": "yes", "how": "", "text": "", "origin": ""}

    question = administrator.post("marketing:recipients-delete", task.pk, confirmed="yes", **form)
    assert "Type 1,001 to go on" in text_of(question)
    assert len(addresses(tenant)) == 1_001

    administrator.post("marketing:recipients-delete", task.pk, confirmed="1,001", **form)
    assert not addresses(tenant)


def test_one_recipient_is_deleted(tenant, task, administrator):
    with act_for(tenant):
        recipient = Recipient.objects.get(address=NUMBERS[0])

    assert "Delete 1 recipient?" in text_of(administrator.get("marketing:recipient-delete", task.pk, recipient.pk))
    administrator.post("marketing:recipient-delete", task.pk, recipient.pk, confirmed="1")

    assert NUMBERS[0] not in addresses(tenant)


def test_deleting_nothing_says_so(task, administrator):
    answer = administrator.client.post(f"/outbound-call/mmarketing/{task.pk}/recipients/delete/", follow=True)

    assert "No recipient was selected." in text_of(answer)


def test_a_viewer_sees_masked_numbers_and_changes_nothing(tenant, task):
    viewer = Person(tenant.viewer)
    with act_for(tenant):
        recipient = Recipient.objects.get(address=NUMBERS[0])

    answer = viewer.get("marketing:recipients", task.pk)

    assert "+86138****0112" in text_of(answer)
    assert not any(number in answer.content.decode() for number in NUMBERS)
    assert viewer.get("marketing:recipient-edit", task.pk, recipient.pk).status_code == 403
    assert viewer.post("marketing:recipients-delete", task.pk, all_found="yes").status_code == 403


def test_values_are_shown_as_text_never_as_html(tenant, administrator):
    with act_for(tenant):
        task = make.task()
        with intake.lock(task.pk) as locked:
            intake.admit(locked, Draft("+8613800000001", {"name": "<b>Ann</b>"}))

    answer = administrator.get("marketing:recipients", task.pk)

    assert "&lt;b&gt;Ann&lt;/b&gt;" in answer.content.decode()
    assert "<b>Ann</b>" not in answer.content.decode()


def test_the_list_says_what_or_who_brought_each_recipient(tenant, task, administrator):
    with act_for(tenant):
        batch = make.batch(task, [["13800000001", "Bo"]], source_name="november.csv")
        task.recipients.filter(address=NUMBERS[0]).update(origin=batch.pk, origin_row=1_207)
    administrator.post("marketing:recipient-add", task.pk, **{"address": "13800005512", "value:name": "Cai"})

    page = administrator.get("marketing:recipients", task.pk)

    assert "Import 1 row 1,207" in text_of(page)
    assert f"Added one by one {tenant.administrator.get_full_name()}" in text_of(page)
    assert reverse("importer:import", args=[task.pk, batch.pk]) in page.content.decode()


def test_a_program_that_added_a_recipient_is_named(tenant, task, administrator):
    body = {"address": "13800005512", "variables": {"name": "Cai"}}
    caller.of(tenant).post("api-recipients", task.pk, body=body)
    caller.of(tenant).post("api-recipients-batch", task.pk, body={"recipients": [body | {"address": "13800005513"}]})

    page = administrator.get("marketing:recipients", task.pk)

    assert text_of(page).count(tenant.client.get_full_name()) == 2


def test_a_search_can_be_for_an_import_that_the_menu_has_no_room_for(tenant, task, administrator, monkeypatch):
    monkeypatch.setattr(origins, "CHOICES", 1)
    with act_for(tenant):
        first, _latest = (make.batch(task, [["13800000001", "Bo"]]) for _ in range(2))
        Recipient.objects.filter(address=NUMBERS[0]).update(origin=first.pk)

    assert shown(administrator.get("marketing:recipients", task.pk, origin=str(first.pk))) == [NUMBERS[0]]
    assert shown(administrator.get("marketing:recipients", task.pk, origin="nonsense")) == []


def test_of_many_the_page_says_more_than_and_the_question_how_many(task, administrator, monkeypatch):
    monkeypatch.setattr(paging, "COUNTED", 1)
    form = {"how": "begins", "text": "138"}

    page = administrator.post("marketing:recipients", task.pk, **form)
    question = administrator.post("marketing:recipients-delete", task.pk, all_found="yes", origin="", **form)

    assert "1+ of 3 recipients" in text_of(page)
    assert "Delete 2 recipients?" in text_of(question)


def opened(administrator, task, recipient) -> dict[str, str]:
    """Return what the form of `recipient` sends, as it was opened."""
    form = administrator.get("marketing:recipient-edit", task.pk, recipient.pk).context["form"]
    return {"address": form["address"].value(), "value:name": form["value:name"].value(), "seen": form["seen"].value()}


@pytest.mark.parametrize("htmx", [False, True])
def test_of_two_who_edit_one_recipient_the_second_is_told(tenant, task, administrator, htmx):
    with act_for(tenant):
        recipient = Recipient.objects.get(address=NUMBERS[0])
    edit = ("marketing:recipient-edit", task.pk, recipient.pk)
    for name in ("Dan", "Eve"):  # never changed before, and changed before
        first, second = (opened(administrator, task, recipient) for _ in range(2))

        saved = administrator.post(*edit, htmx=htmx, **(first | {"value:name": name}))
        refused = administrator.post(*edit, htmx=htmx, **(second | {"value:name": "Faye"}))

        assert ("HX-Redirect" in saved.headers) if htmx else saved.status_code == 302
        assert "Somebody else changed this recipient meanwhile" in text_of(refused)
        assert refused.context["form"]["value:name"].value() == "Faye"  # what was typed stays
        with act_for(tenant):
            recipient.refresh_from_db()
        assert recipient.variables["name"] == name
    assert "changed" in text_of(administrator.get("marketing:recipients", task.pk))


@pytest.mark.parametrize("view", ["marketing:recipient-edit", "marketing:recipient-delete"])
def test_a_recipient_that_somebody_deleted_meanwhile_is_said_to_be_gone(tenant, task, administrator, view):
    answer = administrator.post(view, task.pk, 999_999, htmx=True, address=NUMBERS[0])

    assert answer.headers["HX-Redirect"].endswith("/recipients/")
    page = administrator.get("marketing:recipients", task.pk)
    assert "Somebody else deleted this recipient meanwhile." in text_of(page)
    assert administrator.post(view, task.pk, 999_999).status_code == 404
