"""What is wrong with a form is said at its field, and tied to it for who does not see the page."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tenants.models import User
from tenants.scoping import act_for

from . import make
from .pages import Person

REFERENCES = ("aria-describedby", "aria-labelledby", "for")
COME_LATER = {"dialog-title", "drawer-title"}  # with what is shown in them
FORMS = {  # page: what is sent, and how many of its fields are at fault at least
    "marketing:task-create": ({"name": "", "window_1_begin": "9", "begin_at": "soon"}, 4),
    "marketing:message-template-create": ({"name": ""}, 2),
    "marketing:opt-out-add": ({"medium": "sms", "address": "12", "valid_until": "soon"}, 1),
    "importer:mapping-rule-create": ({"recipient_column": "0", "variable": "name", "column": "x"}, 3),
    "importer:file-server-create": ({"port": "x"}, 3),
    "importer:opt-outs-import": ({"medium": ""}, 2),
    "smartcare:integration": ({"address": ""}, 2),
    "smartcare:certificates": ({"name": ""}, 2),
    "tenants:api-client-create": ({"name": "CRM", "days": "0", "networks": "x"}, 3),
    "tenants:webhook-create": ({"url": "x"}, 1),
    "tenants:parameters-save": ({"min_number_length": "x", "international_area_code": "999"}, 2),
    "account_change_password": ({"oldpassword": ""}, 3),
}
OF_A_TASK = {
    "marketing:recipient-add": ({"address": "12", "value:name": ""}, 2),
    "importer:scheduled-import-create": ({"at": "x"}, 3),
}
OF_THE_SYSTEM = {
    "administration:space-create": ({"name": ""}, 2),
    "administration:trusted-add": ({"port": "x"}, 2),
    "administration:parameters-save": ({"max_file_rows": "x"}, 1),
}


class Page(HTMLParser):
    """The ids of a page, what refers to them, and the texts of faults."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.referred: set[str] = set()
        self.faults: list[str] = []
        self.feed(re.sub("<template.*?</template>", "", answer.content.decode(), flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        told = dict(attrs)
        self.ids += [told["id"]] if told.get("id") else []
        self.referred |= {name for key in REFERENCES for name in (told.get(key) or "").split()}
        if "invalid-feedback" in (told.get("class") or ""):
            self.faults.append(told.get("id", ""))


def require_tied(answer: Any, count: int) -> None:
    assert answer.status_code == 200
    page = Page(answer)
    assert page.referred - set(page.ids) == COME_LATER
    assert len(page.ids) == len(set(page.ids))
    assert set(page.faults) <= page.referred
    assert len(page.faults) >= count, page.faults
    assert answer.content.decode().count('aria-invalid="true"') >= 1


@pytest.mark.parametrize("view", FORMS)
def test_a_fault_is_tied_to_its_field(tenant, administrator, view):
    with act_for(tenant):
        make.template()
        tenant.smartcare = True
    tenant.save(update_fields=["smartcare"])
    form, count = FORMS[view]

    require_tied(administrator.post(view, **form), count)


@pytest.mark.parametrize("view", OF_A_TASK)
def test_a_fault_in_a_form_of_a_task_is_tied_to_its_field(tenant, administrator, view):
    with act_for(tenant):
        task = make.task()
    form, count = OF_A_TASK[view]

    require_tied(administrator.post(view, task.pk, **form), count)


@pytest.mark.parametrize("view", OF_THE_SYSTEM)
def test_a_fault_in_a_form_of_the_system_is_tied_to_its_field(db, view):
    form, count = OF_THE_SYSTEM[view]

    require_tied(Person(User.objects.create_superuser("root", make.PASSWORD)).post(view, **form), count)


def test_a_fault_of_sign_in_is_tied_to_its_field(db):
    require_tied(Client().post(reverse("account_login"), {"login": "", "password": ""}), 2)
