"""django-scopes with what is built at import time: forms; and with walking and prefetching."""

import re
from pathlib import Path

import pytest
from django import forms
from django_scopes import ScopeError, scopes_disabled
from django_scopes.forms import SafeModelChoiceField

from marketing.models import MarketingTask, Recipient
from tenants.scoping import act_for

CHECKOUT = Path(__file__).parents[2]


class Safe(forms.ModelForm):
    class Meta:
        model = Recipient
        fields = ("task",)
        field_classes = {"task": SafeModelChoiceField}

    def __init__(self, *args, tenant, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["task"].queryset = tenant.marketing_tasks.all()


def test_an_ordinary_model_form_raises_at_import():
    with pytest.raises(ScopeError):
        forms.modelform_factory(Recipient, fields=["task"])


def test_a_safe_choice_knows_its_own_only(alpha, beta):
    with act_for(alpha):
        assert Safe({"task": alpha.task.pk}, tenant=alpha).is_valid()
        assert Safe({"task": beta.task.pk}, tenant=alpha).errors.as_data()["task"][0].code == "invalid_choice"


def test_prefetching_stays_inside(alpha, beta, django_assert_num_queries):
    with act_for(alpha), django_assert_num_queries(2):
        [task] = MarketingTask.objects.prefetch_related("recipients")
        assert len(task.recipients.all()) == 3


def test_walking_forward_stays_inside(alpha, beta):
    with act_for(alpha), scopes_disabled():
        assert {recipient.task.name for recipient in Recipient.objects.select_related("task")} == {"alpha spring"}


def test_product_code_never_takes_the_scope_off():
    apps = ("tenants", "marketing", "importer", "aicc_console")
    product = [path for app in apps for path in (CHECKOUT / app).rglob("*.py")]
    open_doors = re.compile(r"scopes_disabled|scope\(tenant=None")

    assert len(product) > 50
    assert {path.name for path in product if open_doors.search(path.read_text())} == {"scoping.py"}  # it warns of it
