"""Message templates: the variables of a text, their defaults, and what tasks hold on to."""

import pytest
from django.core.exceptions import ValidationError

from marketing import saving
from marketing.models import MessageTemplate
from marketing.variables import MAX_VALUE, Variable, alike, clean_value, clean_values, names_in

from . import make

TWENTY = "".join(f"${{v{number}}}" for number in range(20))


def faults_of(refused: ValidationError) -> dict[str, str]:
    return {name: errors[0].code for name, errors in refused.error_dict.items()}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Hello", ()),
        ("Dear ${name}", ("name",)),
        ("${b} ${a} ${b}", ("b", "a")),  # in order of first use, each once
        ("${客户.姓名_1}", ("客户.姓名_1",)),
        ("$name {name} $ {name}", ()),  # not a placeholder
        ("${" + "n" * 100 + "}", ("n" * 100,)),
        (TWENTY, tuple(f"v{number}" for number in range(20))),
    ],
)
def test_names_are_found_in_order_of_first_use(text, names):
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${}", "variable_name"),
        ("${a b}", "variable_name"),
        ("${a-b}", "variable_name"),
        ("${" + "n" * 101 + "}", "variable_name"),
        ("${address}", "variable_reserved"),
        ("${Address}", "variable_reserved"),
        ("${name} ${Name}", "variable_alike"),  # columns could not be told apart
        ("${first_name} ${firstname}", "variable_alike"),
        (TWENTY + "${one_more}", "variable_count"),
        ("Dear ${name", "variable_unclosed"),
        ("${a${b}}", "variable_unclosed"),
    ],
)
def test_a_text_is_refused(text, code):
    with pytest.raises(ValidationError) as refused:
        names_in(text)

    assert refused.value.code == code


def test_subject_and_content_share_their_variables(acting):
    template = make.template("${b} ${a}", medium="email", subject="${a}")

    assert [variable.name for variable in template.variable_list()] == ["a", "b"]


@pytest.mark.parametrize("name", ["First Name", "first_name", "FIRSTNAME", " first\tname "])
def test_case_blanks_and_underscores_do_not_tell_names_apart(name):
    assert alike(name) == "firstname"


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        (" Ann ", "Ann"),
        ("", ""),
        ("{{7*7}} ${x} <b>", "{{7*7}} ${x} <b>"),  # data: never evaluated
        ("安娜 👩‍👩‍👧", "安娜 👩‍👩‍👧"),
        ("x" * MAX_VALUE, "x" * MAX_VALUE),
    ],
)
def test_a_value_is_kept_as_it_is_but_trimmed(value, cleaned):
    assert clean_value("name", value) == cleaned


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "variable_type"),
        (7, "variable_type"),
        (["Ann"], "variable_type"),
        ("x" * (MAX_VALUE + 1), "variable_length"),
        ("a\x00b", "variable_characters"),
        ("a\tb", "variable_characters"),
        ("a\r\nb", "variable_characters"),
        ("a\x85b", "variable_characters"),
        ("a\ud800b", "variable_characters"),  # half a pair: Postgres could not store it
        ("a\uffffb", "variable_characters"),
    ],
)
def test_a_value_is_refused(value, code):
    with pytest.raises(ValidationError) as refused:
        clean_value("name", value)

    assert refused.value.code == code


def test_values_are_filled_from_defaults_and_all_faults_are_told():
    variables = (Variable("name", None), Variable("city", "Rome"), Variable("shop", None))

    assert clean_values(variables, {"name": "Ann", "shop": "A", "other": "ignored"}) == {
        "name": "Ann",
        "city": "Rome",
        "shop": "A",
    }
    with pytest.raises(ValidationError) as refused:
        clean_values(variables, {"city": "x" * 501})
    assert faults_of(refused.value) == {
        "name": "variable_missing",
        "city": "variable_length",
        "shop": "variable_missing",
    }


def test_saving_a_template_finds_its_variables_and_keeps_their_defaults(acting):
    template = make.template("${name} from ${city}", defaults={"city": " Rome ", "name": None, "gone": "x"})

    stored = MessageTemplate.objects.get(pk=template.pk)
    assert stored.variable_list() == (Variable("name", None), Variable("city", "Rome"))


def test_a_blank_default_is_none(acting):
    assert make.template("${name}", defaults={"name": "  "}).variable_list() == (Variable("name", None),)


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"name": ""}, {"name": "blank"}),
        ({"name": "Taken"}, {"name": "name_taken"}),
        ({"name": "a\nb"}, {"name": "control_characters"}),
        ({"medium": "fax"}, {"medium": "invalid_choice"}),
        ({"body": ""}, {"body": "blank"}),
        ({"body": "x" * 2001}, {"body": "max_length"}),
        ({"body": "a\x00b"}, {"body": "control_characters"}),
        ({"body": "${a b}"}, {"body": "variable_name"}),
        ({"subject": "a\r\nBcc: x@example.com"}, {"subject": "control_characters"}),  # a header of its own
    ],
)
def test_a_template_is_judged_whole_before_it_is_saved(acting, fields, faults):
    make.template(name="Taken")

    with pytest.raises(ValidationError) as refused:
        saving.save_template(MessageTemplate(**({"name": "Spring", "medium": "sms", "body": "Hello"} | fields)), {})

    assert faults_of(refused.value) == faults
    assert MessageTemplate.objects.count() == 1


def test_a_content_may_have_several_lines(acting):
    assert make.template("Dear ${name},\r\n\tyours").body == "Dear ${name},\r\n\tyours"


@pytest.mark.parametrize(
    ("recipient_count", "fields", "faults"),
    [
        (1, {"body": "Hello ${name}"}, None),  # other words, same variable
        (1, {"body": "Hello ${city}"}, {"body": "template_in_use"}),
        (1, {"body": "Hello"}, {"body": "template_in_use"}),
        (0, {"body": "Hello ${city}"}, None),
        (0, {"medium": "whatsapp"}, {"medium": "template_medium_in_use"}),
    ],
)
def test_a_template_in_use_keeps_what_recipients_were_judged_by(acting, recipient_count, fields, faults):
    template = make.task(recipient_count=recipient_count).template
    for name, value in fields.items():
        setattr(template, name, value)

    if faults is None:
        saving.save_template(template, {})
    else:
        with pytest.raises(ValidationError) as refused:
            saving.save_template(template, {})
        assert faults_of(refused.value) == faults


def test_an_unused_template_may_change_its_medium(acting):
    template = make.template()
    template.medium = "whatsapp"

    assert saving.save_template(template, {}).medium == "whatsapp"


def test_a_used_template_is_not_deleted(acting):
    template = make.task().template

    with pytest.raises(ValidationError) as refused:
        saving.delete_template(template)

    assert (refused.value.code, refused.value.params) == ("template_used", {"n": 1})


def test_an_unused_template_is_deleted(acting):
    saving.delete_template(make.template())

    assert not MessageTemplate.objects.exists()
