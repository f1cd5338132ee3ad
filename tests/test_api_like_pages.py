"""REST: what pages offer beside lists - search, export, trial, check, copy, several at once - by the same rules."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from importer import pipeline
from importer.models import ImportBatch
from marketing.models import MarketingTask, OptOut
from tenants.models import LogEntry
from tenants.parameters import set_parameters
from tenants.scoping import act_for

from . import caller, make
from .caller import Caller, code_of, errors_of
from .pages import Person

ANN, BO, CAI = "+8613800000001", "+8613800000002", "+8613900000001"
NEVER = 9_000_000_000_000_000_000  # an id that nothing has


@pytest.fixture
def api(tenant) -> Caller:
    return caller.of(tenant)


@pytest.fixture
def task(tenant) -> MarketingTask:
    """A task with Ann and Bo, added by a person, and Cai, whom an import brought."""
    with act_for(tenant):
        made = make.task(recipient_count=3)
        batch = make.batch(made, [["139", "Cai"]])
        for address in (ANN, BO):
            made.recipients.create(address=address, variables={"name": "=1+1"}, added_by=tenant.administrator)
        made.recipients.create(address=CAI, variables={"name": "Cai"}, origin=batch.pk, origin_row=2)
        made.batch = batch
    return made


def bytes_of(answer) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def lines_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(bytes_of(answer).decode("utf-8-sig"))))


SEARCHES = [  # query, who is found
    ({}, [CAI, BO, ANN]),
    ({"address": "138"}, [BO, ANN]),
    ({"address": "+86 138-0000-0002"}, [BO]),
    ({"ending": "0001"}, [CAI, ANN]),
    ({"ending": "00 01"}, [CAI, ANN]),
    ({"ending": "9"}, []),
    ({"one_by_one": "true"}, [BO, ANN]),
    ({"one_by_one": "true", "ending": "2"}, [BO]),
    ({"one_by_one": "false"}, [CAI, BO, ANN]),
]


@pytest.mark.parametrize(("query", "found"), SEARCHES)
def test_recipients_are_found_as_on_the_page(api, task, query, found):
    answer = api.get("api-recipients", task.pk, **query)

    assert [one["address"] for one in answer.json()["results"]] == found


def test_a_recipient_says_who_brought_it(api, tenant, task):
    cai, bo, _ann = api.get("api-recipients", task.pk).json()["results"]

    assert (cai["origin"], cai["added_by"]) == (str(task.batch.pk), None)
    assert (bo["origin"], bo["added_by"]) == (None, tenant.administrator.get_full_name())


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({"address": "1", "ending": "1"}, {"ending": "one_search"}),
        ({"one_by_one": "perhaps"}, {"one_by_one": "format"}),
        ({"ending": "\0"}, {"ending": "null_characters_not_allowed"}),
    ],
)
def test_a_search_that_is_none_is_refused(api, task, query, errors):
    assert errors_of(api.get("api-recipients", task.pk, **query)) == errors


def test_a_viewer_cannot_search_by_the_last_digits_either(tenant, task):
    viewer = Caller(user=tenant.viewer)

    assert errors_of(viewer.get("api-recipients", task.pk, ending="1")) == {"ending": "address_hidden"}
    assert code_of(viewer.get("api-recipients-export", task.pk)) == (403, "permission_denied")


@pytest.mark.parametrize(("query", "found"), SEARCHES[:5])
def test_what_was_found_is_exported_in_the_shape_of_the_template(api, tenant, task, query, found):
    lines = lines_of(api.get("api-recipients-export", task.pk, **query))

    assert lines[0] == ["Recipient number", "name"]
    assert [line[0].removeprefix("'") for line in lines[1:]] == list(reversed(found))
    with act_for(tenant):
        assert LogEntry.objects.get(action="recipients.export").details["count"] == len(found)


def test_recipients_are_exported_as_a_workbook_too(api, task):
    book = load_workbook(io.BytesIO(bytes_of(api.get("api-recipients-export", task.pk, format="xlsx"))))

    assert [cell.value for cell in book.active[2]] == [ANN, "=1+1"]
    assert errors_of(api.get("api-recipients-export", task.pk, format="json")) == {"format": "invalid_choice"}


def test_several_recipients_are_deleted_at_once(api, tenant, task):
    ids = [one["id"] for one in api.get("api-recipients", task.pk, address="138").json()["results"]]

    assert api.post("api-recipients-delete", task.pk, body={"ids": [*ids, NEVER]}).json() == {"deleted": 2}
    with act_for(tenant):
        task.refresh_from_db()
        assert (task.recipient_count, task.recipients.get().address) == (1, CAI)


@pytest.mark.parametrize(
    ("ids", "errors"),
    [
        ([], {"ids": "min_length"}),
        ([1] * 1_001, {"ids": "max_length"}),
        (["1"], {"ids.0": "format"}),
        ([True], {"ids.0": "format"}),
        ([2**63], {"ids.0": "max_value"}),
    ],
)
def test_ids_that_are_none_delete_nobody(api, task, ids, errors):
    assert errors_of(api.post("api-recipients-delete", task.pk, body={"ids": ids})) == errors
    assert errors_of(api.post("api-opt-outs-delete", body={"ids": ids})) == errors


def test_a_running_task_keeps_its_recipients(api, tenant, task):
    with act_for(tenant):
        MarketingTask.objects.filter(pk=task.pk).update(state="running")

    assert code_of(api.post("api-recipients-delete", task.pk, body={"ids": [1]})) == (409, "task_state")


def test_neither_anothers_recipients_nor_opt_outs_are_deleted(api, other_tenant, task):
    with act_for(other_tenant):
        theirs = make.task().recipients.create(address=ANN)
        opt_out = OptOut.objects.create(medium="sms", address=ANN)

    assert api.post("api-recipients-delete", task.pk, body={"ids": [theirs.pk]}).json() == {"deleted": 0}
    assert api.post("api-opt-outs-delete", body={"ids": [opt_out.pk]}).json() == {"deleted": 0}
    with act_for(other_tenant):
        assert OptOut.objects.filter(pk=opt_out.pk).exists()


@pytest.mark.parametrize(
    ("medium", "typed", "stored", "code"),
    [
        ("sms", "138-0000-0001", ANN, None),
        ("sms", "138x", None, "number_characters"),
        ("sms", "", None, "number_missing"),
        ("email", " Ann@Example.com ", "ann@example.com", None),
        ("email", "ann@", None, "email_format"),
    ],
)
def test_an_address_is_tried_and_nothing_kept(api, tenant, medium, typed, stored, code):
    with act_for(tenant):
        task = make.task(medium=medium)

    answer = api.post("api-recipient-try", task.pk, body={"address": typed}).json()

    assert (answer["stored"], answer["code"], bool(answer["detail"])) == (stored, code, bool(code))
    with act_for(tenant):
        assert not task.recipients.exists()


def test_a_number_is_tried_by_parameters_that_are_not_saved(api, tenant):
    with act_for(tenant):
        set_parameters(tenant, {"begin_digits": "13"})

    tried = [
        api.post("api-number-try", body={"number": "15900000001"} | given).json()
        for given in ({}, {"parameters": {"begin_digits": "15"}})
    ]

    assert [(one["stored"], one["code"]) for one in tried] == [(None, "number_begin"), ("+8615900000001", None)]
    odd = api.post("api-number-try", body={"number": "1", "parameters": {"min_number_length": "x"}})
    assert code_of(odd)[0] == 400
    unknown = api.post("api-number-try", body={"number": "1", "parameters": {"source_file_days": "1"}})
    assert errors_of(unknown) == {"parameters.source_file_days": "unknown_field"}


def test_a_message_is_shown_with_values_and_its_length(api):
    body = {"medium": "sms", "body": "Dear ${name}, 5€ until ${day}", "values": {"name": "Ann"}}

    answer = api.post("api-message-preview", body=body).json()

    assert answer == {
        "subject": "",
        "body": "Dear Ann, 5€ until ${day}",
        "variables": ["name", "day"],
        "missing": ["day"],
        "characters": 25,
        "sms": {"alphabet": "gsm", "units": 28, "room": 160, "parts": 1, "odd": []},
    }


def test_a_message_in_chinese_is_unicode_in_parts(api):
    answer = api.post("api-message-preview", body={"medium": "sms", "body": "你好" * 40}).json()["sms"]

    assert (answer["alphabet"], answer["parts"], answer["room"], answer["odd"]) == ("unicode", 2, 134, ["你", "好"])


def test_a_template_is_shown_with_its_defaults(api, tenant):
    with act_for(tenant):
        template = make.template("Dear ${name}: ${plan}", medium="email", subject="To ${name}", defaults={"plan": "5G"})

    answer = api.post("api-message-template-preview", template.pk, body={"values": {"name": "Ann"}}).json()

    assert (answer["subject"], answer["body"]) == ("To Ann", "Dear Ann: 5G")
    assert (answer["missing"], answer["sms"]) == ([], None)


def test_a_variable_that_is_written_wrongly_has_no_preview(api):
    answer = api.post("api-message-preview", body={"medium": "sms", "body": "Dear ${a b}"})

    assert list(errors_of(answer)) == ["body"]


def test_a_task_and_a_template_are_copied(api, tenant, task):
    copied = api.post("api-task-copy", task.pk)
    template = api.post("api-message-template-copy", task.template_id)

    assert (copied.status_code, copied.json()["name"]) == (201, f"{task.name} (2)")
    assert (copied.json()["state"], copied.json()["recipient_count"]) == ("draft", 0)
    assert api.client.get(copied["Location"], headers=api.headers).json() == copied.json()
    assert (template.status_code, template.json()["body"]) == (201, "Dear ${name}")


def csv_of(*lines: str, name: str = "may.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(lines).encode())


def test_a_file_is_looked_into_before_it_is_imported(api, tenant, task):
    with act_for(tenant):
        OptOut.objects.create(medium="sms", address="+8613700000001")
    rows = ["Recipient number,name", "13600000001,Ann", "138,Bo", "13800000001,Cai", "13700000001,Dan", "13600000001,E"]

    answer = api.upload("api-import-check", task.pk, file=csv_of(*rows)).json()

    assert (answer["file_name"], answer["rows"], answer["error"]) == ("may.csv", 5, None)
    assert answer["columns"] == ["Recipient number", "name"]
    outcomes = [(one["row"], one["outcome"], one["stored"]) for one in answer["first_rows"]]
    assert outcomes == [
        (2, "created", "+8613600000001"),
        (3, "failed", ""),
        (4, "duplicate", ANN),
        (5, "suppressed", "+8613700000001"),
        (6, "duplicate", "+8613600000001"),
    ]
    with act_for(tenant):
        assert ImportBatch.objects.count() == 1  # the one before


def test_a_look_says_why_a_file_would_be_refused(api, tenant, task):
    answer = api.upload("api-import-check", task.pk, file=csv_of("Number,nam", "1,Ann")).json()

    assert answer["error"]["code"] == "header_missing"
    assert answer["error"]["detail"]
    assert [(one["name"], one["found"], one["nearest"]) for one in answer["columns_found"]][1] == ("name", "", "B: nam")
    with act_for(tenant):
        MarketingTask.objects.filter(pk=task.pk).update(state="running")
    running = api.upload("api-import-check", task.pk, file=csv_of("Recipient number,name", "1,Ann")).json()
    assert running["error"]["code"] == "task_state"


def test_a_file_that_is_the_body_is_looked_into_too(api, task):
    answer = api.raw("api-import-check", task.pk, content=b"Recipient number,name\n1,Ann\n", content_type="text/csv")

    assert (answer.json()["rows"], answer.json()["first_rows"][0]["outcome"]) == (1, "failed")
    assert code_of(api.post("api-import-check", task.pk, body={})) == (415, "unsupported_media_type")


def test_a_file_becomes_part_of_the_opt_out_list_and_the_list_a_file(api, tenant):
    file = csv_of("Recipient number,Remark", "13800000001,STOP", "138,x", "13800000001,again")

    answer = api.upload("api-opt-outs-import", file=file, medium="sms").json()

    assert answer["counts"] == {"total": 3, "added": 1, "known": 1, "failed": 1}
    (refused,) = answer["refused"]
    assert (refused["row"], refused["code"], refused["cells"]) == (3, "number_length", ["138", "x"])
    lines = lines_of(api.get("api-opt-outs-export"))
    assert [line[1].removeprefix("'") for line in lines[1:]] == [ANN]
    assert code_of(api.upload("api-opt-outs-import", file=csv_of("a"), medium="sms"))[0] == 400


def test_the_log_is_exported_as_it_is_filtered(api, tenant):
    with act_for(tenant):
        set_parameters(tenant, {"begin_digits": "13"})
        make.mapping_rule()

    lines = lines_of(api.get("api-operation-log-export", action="mapping_rule.create"))

    assert [line[1] for line in lines[1:]] == ["Create mapping rule"]


def test_rejected_rows_of_one_reason_are_read(api, tenant, task):
    with act_for(tenant):
        batch = make.batch(task, [["138", "Ann"], ["13600000009", ""], ["139", "Bo"]])
    pipeline.run_to_the_end(batch)

    codes = [
        [row["row"] for row in api.get("api-failed-rows", batch.pk, **query).json()["results"]]
        for query in ({}, {"code": "number_length"}, {"code": "variable_missing"}, {"code": "email_format"})
    ]
    file = lines_of(api.get("api-failed-rows", batch.pk, code="variable_missing", format="csv"))

    assert codes == [[2, 3, 4], [2, 4], [3], []]
    assert [line[0] for line in file[1:]] == ["3"]
    assert lines_of(api.get("api-failed-rows", batch.pk, code="email_format", format="csv"))[1:] == []


FILTERS = [  # list, query, how many
    ("api-imports", {"mode": "file"}, 1),
    ("api-imports", {"mode": "server"}, 0),
    ("api-imports", {"task_name": "TASK"}, 1),
    ("api-imports", {"operator": "nobody"}, 0),
    ("api-imports", {"since": "2099-01-01"}, 0),
    ("api-imports", {"until": "2099-01-01", "status": "executing"}, 1),
    ("api-tasks", {"since": "2098-12-31"}, 1),
    ("api-tasks", {"since": "2099-01-02"}, 0),
    ("api-tasks", {"until": "2000-01-01"}, 0),
    ("api-message-templates", {"medium": "email"}, 0),
    ("api-message-templates", {"name": "dear"}, 1),
]


@pytest.mark.parametrize(("name", "query", "count"), FILTERS)
def test_lists_are_filtered_as_on_the_page(api, task, name, query, count):
    assert len(api.get(name, **query).json()["results"]) == count


@pytest.mark.parametrize("query", [{"since": "today"}, {"until": "2026-13-01"}, {"since": timezone.now().isoformat()}])
def test_a_day_that_is_none_is_refused(api, query):
    assert list(errors_of(api.get("api-imports", **query))) == list(query)


def test_a_client_is_renamed_and_its_token_stays(api, tenant):
    person = Person(tenant.administrator)

    page = person.post("tenants:api-client-rename", tenant.client.pk, name=" Billing ")

    assert page.status_code == 302
    tenant.client.refresh_from_db()
    assert tenant.client.full_name == "Billing"
    assert api.get("api-tasks").status_code == 200
    with act_for(tenant):
        assert LogEntry.objects.get(action="client.rename").details == {"before": "Demo Telecom CRM"}


@pytest.mark.parametrize(("name", "code"), [("crm", "client_name_taken"), ("a\x07b", "client_name"), (" ", "required")])
def test_a_client_is_not_called_like_another(tenant, name, code):
    with act_for(tenant):
        make.User.objects.create_user("crm", role="api_client", full_name="CRM")

    page = Person(tenant.administrator).post("tenants:api-client-rename", tenant.client.pk, name=name)

    assert page.context["form"].errors.as_data()["name"][0].code in (code, "invalid")
