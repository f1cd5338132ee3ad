"""The Opt-out List: who gets on it, for how long it holds at which door, and what it takes out of tasks."""

import io
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from marketing import tasks
from marketing.models import MarketingTask, OptOut
from marketing.opt_outs import Origin, Wish, add, add_many
from marketing.states import OptOutSource
from tenants.days import midnight
from tenants.models import LogEntry
from tenants.scoping import act_for
from tests import caller, make

from .pages import Person, text_of

ANN, BO, CAI = "+8613800000001", "+8613800000002", "+8613800000003"


def origin(tenant: Any, *, days: int | None = None, medium: str = "sms") -> Origin:
    until = timezone.now() + timedelta(days=days) if days is not None else None
    return Origin(medium, OptOutSource.PERSON, tenant.administrator, until)


def over(address: str) -> OptOut:
    return OptOut.objects.create(medium="sms", address=address, valid_until=timezone.now() - timedelta(seconds=1))


def test_every_spelling_of_a_number_is_one_opt_out(acting):
    outcomes = add_many(acting, [Wish("138 0000 0001"), Wish(ANN), Wish("8613800000002")], origin(acting))

    assert [(one.kind, one.address) for one in outcomes] == [("added", ANN), ("known", ANN), ("added", BO)]
    assert set(OptOut.objects.values_list("address", flat=True)) == {ANN, BO}


@pytest.mark.parametrize(
    ("medium", "address", "remark", "code"),
    [
        ("sms", "", "", "number_missing"),
        ("sms", "138x", "", "number_characters"),
        ("email", "138", "", "email_format"),
        ("sms", ANN, "a\x07b", "control_characters"),
        ("sms", ANN, "x" * 201, "max_length"),
        ("sms", ANN, "", ""),
    ],
)
def test_an_address_is_judged_as_a_recipients(acting, medium, address, remark, code):
    [outcome] = add_many(acting, [Wish(address, remark)], origin(acting, medium=medium))

    assert outcome.code == code


def test_one_whose_time_is_over_begins_anew(acting):
    over(ANN)

    add(acting, Wish(ANN, "again"), origin(acting))

    assert list(OptOut.objects.values_list("address", "remark", "valid_until")) == [(ANN, "again", None)]


@pytest.fixture
def open_task(acting) -> MarketingTask:
    task = make.task(recipient_count=2)
    for address in (ANN, BO):
        task.recipients.create(address=address, variables={"name": "x"})
    return task


@pytest.mark.parametrize("action", ["publish", "resume"])
def test_who_opted_out_since_the_import_is_removed_before_sending(acting, open_task, action):
    MarketingTask.objects.filter(pk=open_task.pk).update(state="draft" if action == "publish" else "suspended")
    OptOut.objects.create(medium="sms", address=ANN)
    OptOut.objects.create(medium="email", address=BO)

    assert tasks.move(open_task, action, acting.administrator) == 1

    open_task.refresh_from_db()
    assert (open_task.state, open_task.recipient_count) == ("running", 1)
    assert [one.address for one in open_task.recipients.all()] == [BO]
    assert LogEntry.objects.get(action=f"task.{action}").details == {"recipients": 1, "suppressed": 1}


def test_one_whose_time_is_over_removes_nobody(acting, open_task):
    over(ANN)

    assert tasks.move(open_task, "publish", acting.administrator) == 0


def test_a_task_whose_recipients_all_opted_out_is_not_published(acting, open_task):
    for address in (ANN, BO):
        OptOut.objects.create(medium="sms", address=address)

    with pytest.raises(Exception, match="no recipients"):
        tasks.move(open_task, "publish", acting.administrator)

    open_task.refresh_from_db()
    assert (open_task.state, open_task.recipient_count, open_task.recipients.count()) == ("draft", 2, 2)


@pytest.fixture
def person(tenant) -> Person:
    return Person(tenant.administrator)


def test_an_address_is_added_on_the_page_until_the_end_of_a_day_there(tenant, person):
    tenant.time_zone = "Asia/Shanghai"
    tenant.save(update_fields=["time_zone"])

    person.post("marketing:opt-out-add", medium="sms", address="138 0000 0001", valid_until="2099-05-01", remark="Stop")

    with act_for(tenant):
        opt_out = OptOut.objects.get()
    assert (opt_out.address, opt_out.remark, opt_out.created_by) == (ANN, "Stop", tenant.administrator)
    assert opt_out.valid_until.isoformat() == "2099-05-01T16:00:00+00:00"
    assert ANN in text_of(person.get("marketing:opt-outs"))


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({"medium": "sms", "address": "138x"}, "address", "The number has the character “x”"),
        ({"medium": "email", "address": ""}, "address", "There is no email address."),
        ({"medium": "sms", "address": ANN, "valid_until": "2020-01-01"}, "valid_until", "The day is over."),
        ({"medium": "sms", "address": ANN, "valid_until": "9999-12-31"}, "valid_until", "The day is too far away."),
        ({"medium": "fax", "address": ANN}, "medium", "fax"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(tenant, person, form, field, sentence):
    page = person.post("marketing:opt-out-add", **form)

    assert sentence in str(page.context["form"].errors[field])
    assert form["address"] in page.content.decode()


def test_the_list_is_searched_and_deleted_with_a_question(tenant, person):
    with act_for(tenant):
        for number in range(30):
            OptOut.objects.create(medium="sms", address=f"+861380000{number:04}")
        OptOut.objects.create(medium="email", address="ann@example.com")

    found = person.post("marketing:opt-outs", text="1380000001")
    assert "10 of 31 opt-outs" in text_of(found)
    assert "ann@example.com" in text_of(person.post("marketing:opt-outs", text="ANN"))
    assert "1 of 31 opt-outs" in text_of(person.post("marketing:opt-outs", medium="email"))

    asked = person.post("marketing:opt-outs-delete", all_found="yes", text="1380000001", medium="")
    assert "Delete 10 opt-outs?" in text_of(asked)
    person.post("marketing:opt-outs-delete", all_found="yes", text="1380000001", medium="", confirmed="10")

    with act_for(tenant):
        assert OptOut.objects.count() == 21


def test_a_viewer_sees_masked_addresses_and_cannot_search_or_change(tenant):
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address=ANN)
    viewer = Person(tenant.viewer)

    page = viewer.post("marketing:opt-outs", text="9999")

    assert "+86138****0001" in text_of(page)
    assert "Add an opt-out" not in text_of(page)
    assert viewer.post("marketing:opt-out-add").status_code == 403
    answer = caller.Caller(user=tenant.viewer).get("api-opt-outs", address="138")
    assert caller.errors_of(answer) == {"address": "address_hidden"}


def test_rest_adds_reads_and_deletes(tenant):
    api = caller.of(tenant)

    made = api.post("api-opt-outs", body={"medium": "sms", "address": "13800000001", "remark": "STOP"})
    again = api.post("api-opt-outs", body={"medium": "sms", "address": ANN})

    assert made.status_code == 201
    assert made.json()["address"] == ANN
    assert caller.errors_of(again) == {"address": "opted_out"}
    assert api.get("api-opt-outs", address="1390").json()["results"] == []
    assert api.get("api-opt-outs", address="1380").json()["results"] == [made.json()]  # a national number
    assert api.get("api-opt-outs", address="+86138").json()["results"] == [made.json()]
    assert api.delete("api-opt-out", made.json()["id"]).status_code == 204
    assert api.get("api-opt-out", made.json()["id"]).status_code == 404


def test_a_batch_has_an_outcome_for_each(tenant):
    api = caller.of(tenant)
    sent = [{"address": ANN}, {"address": "13800000001"}, {"address": "138x"}, {"address": BO, "remark": "a\x07"}]

    answer = api.post("api-opt-outs-batch", body={"medium": "sms", "opt_outs": sent}).json()

    assert answer["counts"] == {"total": 4, "added": 1, "known": 1, "failed": 2}
    assert [one["code"] for one in answer["results"]] == [
        None,
        "opted_out",
        "number_characters",
        "control_characters",
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_is_brought_onto_the_list_with_an_outcome_for_each_row(tenant, person, kind):
    lines = [["Recipient number", "Remark"], ["138 0000 0001", "STOP"], [ANN, ""], ["138x", "typo"], [BO, ""]]

    page = person.post("importer:opt-outs-import", medium="sms", file=file_of(lines, kind))

    assert "4 rows: 2 added, 1 already on the list, 1 refused." in text_of(page)
    assert page.context["brought"].refused[0].row.number == 4
    with act_for(tenant):
        held = set(OptOut.objects.values_list("address", "remark", "source"))
        entry = LogEntry.objects.get(action="opt_out.import")
    assert held == {(ANN, "STOP", "file"), (BO, "", "file")}
    assert (entry.object_name, entry.details) == ("SMS", {"added": 2, "known": 1, "failed": 1})


def test_the_refused_rows_are_downloaded_as_they_were_and_come_back(tenant, person):
    page = person.post("importer:opt-outs-import", medium="sms", file=file_of([["Recipient number"], ["=1"]], "csv"))

    head, _, packed = page.context["brought"].refused_address.partition("base64,")
    text = b64decode(packed).decode("utf-8-sig")
    assert head == "data:text/csv;charset=utf-8;"
    assert text.splitlines()[0] == "Source row,Reason code,Reason,Recipient number"
    assert text.splitlines()[1].startswith("2,number_characters,")
    assert text.splitlines()[1].endswith(",'=1")


def test_the_refused_rows_may_come_back_again_and_again(tenant, person):
    content = b"Recipient number,Remark\n138x,'=no\n"
    for _turn in range(3):
        page = person.post("importer:opt-outs-import", medium="sms", file=SimpleUploadedFile("a.csv", content))
        content = b64decode(page.context["brought"].refused_address.partition("base64,")[2])

    head, row = content.decode("utf-8-sig").splitlines()
    assert head == "Source row,Reason code,Reason,Recipient number,Remark"
    assert row.endswith(",138x,'=no")


@pytest.mark.parametrize("until", ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:00-12:00"])
def test_what_no_time_zone_could_show_is_refused_at_every_door(tenant, until):
    """A database that keeps the year 10000 hands it out to nobody, and the list could not be read any more."""
    api = caller.of(tenant)
    content = f"Recipient number,Valid until\n{ANN},{until}\n".encode()
    answer = api.upload("api-opt-outs-import", medium="sms", file=SimpleUploadedFile("a.csv", content))

    assert [one["code"] for one in answer.json()["refused"]] == ["opt_out_far"]
    assert api.post("api-opt-outs", body={"medium": "sms", "address": ANN, "valid_until": until}).status_code == 400
    assert api.get("api-opt-outs").json()["results"] == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"name\nAnn\n", "The first row lacks the column"),
        (b"Recipient number\n", "no rows below"),
        (None, "Choose the file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(tenant, person, content, sentence):
    sent = {} if content is None else {"file": SimpleUploadedFile("stop.csv", content)}

    page = person.post("importer:opt-outs-import", medium="sms", **sent)

    assert sentence in text_of(page)
    with act_for(tenant):
        assert OptOut.objects.count() == 0


def test_the_list_is_exported_and_that_is_written_down(tenant, person):
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address=ANN, remark="=1+1")

    text = b"".join(person.get("importer:opt-outs-export").streaming_content).decode("utf-8-sig")

    assert text.splitlines()[1] == f"sms,'{ANN},'=1+1,,Added one by one"
    with act_for(tenant):
        assert LogEntry.objects.get(action="opt_out.export").details == {"count": 1}


def test_an_exported_list_is_imported_as_it_is(tenant, other_tenant, person):
    later, noon = timezone.now() + timedelta(days=9), datetime(2099, 5, 1, 12, tzinfo=UTC)
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address=ANN, remark="=1+1", valid_until=midnight(later.date()))
        OptOut.objects.create(medium="email", address="ann@example.com", valid_until=noon)
        OptOut.objects.create(medium="whatsapp", address=BO)
        kept = list(OptOut.objects.order_by("-id").values_list("medium", "address", "remark", "valid_until"))
    exported = b"".join(person.get("importer:opt-outs-export").streaming_content)

    for receiver in (tenant, other_tenant):
        page = Person(receiver.administrator).post(
            "importer:opt-outs-import", medium="sms", file=SimpleUploadedFile("opt-outs.csv", exported)
        )
        added = 0 if receiver == tenant else 3
        assert f"3 rows: {added} added, {3 - added} already on the list, 0 refused." in text_of(page)

    with act_for(other_tenant):
        brought = list(OptOut.objects.values_list("medium", "address", "remark", "valid_until"))
    assert sorted(brought) == sorted(kept)


@pytest.mark.parametrize(
    ("medium", "until", "code"),
    [
        ("SMS", "2099-05-01", ""),
        ("", "2099/5/1", ""),  # as Excel rewrites a day
        ("", "2099-05-01 00:00:00", ""),
        ("fax", "", "opt_out_medium"),
        ("email", "", "email_format"),  # the row's own medium judges its address
        ("", "2020-01-01", "opt_out_over"),
        ("", "2099-02-30", "opt_out_until"),
        ("", "for good", "opt_out_until"),
    ],
)
def test_a_row_may_name_its_own_medium_and_day(person, medium, until, code):
    lines = [["Medium", "Number or email", "Valid until"], [medium, ANN, until]]

    page = person.post("importer:opt-outs-import", medium="sms", file=file_of(lines, "csv"))

    assert [one.code for one in page.context["brought"].refused] == ([code] if code else [])


@pytest.mark.parametrize("another", [False, True])
def test_the_drawer_adds_one_and_closes_or_offers_the_next_of_that_medium(person, another):
    form = {"medium": "email", "address": "ann@example.com"} | ({"add_another": "yes"} if another else {})

    answer = person.post("marketing:opt-out-add", htmx=True, **form)

    if another:
        assert "The address is on the opt-out list." in text_of(answer)
        assert '<option value="email" selected>' in answer.content.decode()
    else:
        assert answer.headers["HX-Redirect"] == reverse("marketing:opt-outs")


def file_of(lines: list[list[str]], kind: str) -> SimpleUploadedFile:
    if kind == "csv":
        return SimpleUploadedFile("stop.csv", "".join(",".join(line) + "\n" for line in lines).encode())
    book, file = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(file)
    return SimpleUploadedFile("stop.xlsx", file.getvalue())
