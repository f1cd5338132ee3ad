"""SmartCare Integration and Certificate: what is asked for, what is refused, and that no secret is ever shown."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from importer.smartcare.models import Certificate, Integration
from importer.smartcare.simulator.authority import Authority
from importer.smartcare.simulator.server import Simulator
from tenants.models import LogEntry, Tenant, TrustedAddress
from tenants.scoping import act_for

from . import caller, care, make
from .caller import code_of, errors_of
from .pages import Person, text_of

SECRET = "an-app-secret-of-smartcare"


@pytest.fixture
def simulator():
    with Simulator(app_id="console", app_secret=SECRET) as smartcare:
        yield smartcare


@pytest.fixture
def tenant(db, simulator, settings) -> Tenant:
    care.trust(simulator, settings)
    return make.tenant("Demo Telecom", smartcare=True)


@pytest.fixture
def person(tenant) -> Person:
    return Person(tenant.administrator)


def typed(simulator: Simulator, **changes: str) -> dict[str, str]:
    form = {"address": simulator.url, "app_id": "console", "app_secret": SECRET, "quick_scene": "Fast"}
    return form | {"authority": "", "client_certificate": "", "deep_scene": ""} | changes


def keep(person: Person, authority: Authority, *, name: str = "Simulator") -> str:
    pem = SimpleUploadedFile("ca.pem", authority.certificate.encode())
    assert person.post("smartcare:certificates", name=name, kind="ca", pem=pem).status_code == 302
    return name


def test_the_integration_is_saved_and_tested(person, tenant, simulator):
    keep(person, simulator.authority)
    with act_for(tenant):
        authority = str(Certificate.objects.get().pk)

    saved = person.post("smartcare:integration", **typed(simulator, authority=authority))
    assert saved.status_code == 302, text_of(saved)
    tested = person.client.post("/configuration-center/smartcare-integration/test/", follow=True)

    assert "SmartCare answers. It has" in text_of(tested)
    assert SECRET not in tested.content.decode()
    with act_for(tenant):
        assert Integration.objects.get().app_secret == SECRET
        assert {"certificate.add", "smartcare.change", "smartcare.test"} <= set(
            LogEntry.objects.values_list("action", flat=True)
        )
    with connection.cursor() as cursor, act_for(tenant):
        cursor.execute("SELECT row::text FROM smartcare_integration row")
        assert SECRET not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"address": "ftp://a.example"}, "address", "The address must be https://host"),
        ({"address": "https://user@a.example"}, "address", "The address must be https://host"),
        ({"address": "https://ex.co\\@127.0.0.1/"}, "address", "The address must be https://host"),
        ({"address": "https://elsewhere.example"}, "address", "is not on the Address Trustlist"),
        ({"app_id": "abcd"}, "app_id", "at least 5 characters"),
        ({"app_id": "x" * 101}, "app_id", "at most 100 characters"),
        ({"app_secret": "1234"}, "app_secret", "The AppSecret has 4 characters; 5 to 100 are allowed."),
        ({"app_secret": ""}, "app_secret", "The AppSecret is needed."),
        ({"quick_scene": "x" * 65}, "quick_scene", "at most 64 characters"),
    ],
)
def test_what_does_not_fit_is_named_and_what_was_typed_stays(person, tenant, simulator, changes, field, sentence):
    page = person.post("smartcare:integration", **typed(simulator, **changes))

    assert field in page.context["form"].errors
    assert sentence in text_of(page)
    assert SECRET not in page.content.decode()
    with act_for(tenant):
        assert not Integration.objects.exists()


def test_plain_http_is_allowed_only_where_the_trustlist_says_so(person, tenant, simulator):
    address = simulator.url.replace("https", "http")
    page = person.post("smartcare:integration", **typed(simulator, address=address))
    assert "is trusted with https only" in text_of(page)

    TrustedAddress.objects.update(allows_http=True)
    assert person.post("smartcare:integration", **typed(simulator, address=address)).status_code == 302


def test_a_blank_secret_keeps_the_stored_one_but_never_for_another_host(person, tenant, simulator):
    person.post("smartcare:integration", **typed(simulator))
    kept = person.post("smartcare:integration", **typed(simulator, app_secret="", quick_scene="Other"))
    assert kept.status_code == 302
    TrustedAddress.objects.create(address_type="smartcare", host="8.8.8.8", port=443)

    moved = person.post("smartcare:integration", **typed(simulator, app_secret="", address="https://8.8.8.8"))

    assert moved.context["form"].errors == {
        "app_secret": ["The address has changed: enter the AppSecret again, so that it goes to nobody else."]
    }
    with act_for(tenant):
        stored = Integration.objects.get()
        assert (stored.app_secret, stored.quick_scene, stored.address) == (SECRET, "Other", simulator.url)


def test_without_the_feature_nothing_is_saved(person, tenant, simulator):
    Tenant.objects.update(smartcare=False)

    page = person.post("smartcare:integration", **typed(simulator))

    assert "is switched off for this tenant space" in text_of(page)
    with act_for(tenant):
        assert not Integration.objects.exists()


def test_a_test_says_plainly_what_is_wrong(person, tenant, simulator):
    person.post("smartcare:integration", **typed(simulator))  # without the CA certificate

    tested = person.client.post("/configuration-center/smartcare-integration/test/", follow=True)

    assert "signed by an authority that is not known here. Choose its CA certificate" in text_of(tested)
    with act_for(tenant):
        assert LogEntry.objects.get(action="smartcare.test").refused == "tls_authority"


AUTHORITY = Authority()
CLIENT, OTHER = (AUTHORITY.issue(name=name, is_client=True) for name in ("console", "other"))
EXPIRED = AUTHORITY.issue(name="old", is_client=True, days=(-9, -1))


@pytest.mark.parametrize(
    ("kind", "pem", "key", "field", "code"),
    [
        ("ca", "", "", "certificate", "certificate_pem"),
        ("ca", "not a certificate", "", "certificate", "certificate_pem"),
        ("ca", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "", "certificate", "certificate_pem"),
        ("ca", CLIENT.certificate, "", "certificate", "certificate_not_ca"),
        ("ca", AUTHORITY.certificate, CLIENT.key, "private_key", "certificate_key_unused"),
        ("client", CLIENT.certificate, "", "private_key", "certificate_key_missing"),
        ("client", CLIENT.certificate, "x", "private_key", "certificate_key_pem"),
        ("client", CLIENT.certificate, OTHER.key, "private_key", "certificate_key_match"),
        ("client", EXPIRED.certificate, EXPIRED.key, "certificate", "certificate_expired"),
    ],
)
def test_a_certificate_is_checked_before_it_is_kept(tenant, kind, pem, key, field, code):
    body = {"name": "New", "kind": kind, "certificate": pem or " "} | ({"private_key": key} if key else {})

    assert errors_of(caller.of(tenant).post("api-certificates", body=body)).get(field) in (code, "blank")


def test_a_certificate_that_never_expires_is_shown_in_every_time_zone(tenant, person):
    """RFC 5280, 4.1.2.5: its date is the last second of the year 9999, which is in the year 10000 in Shanghai."""
    tenant.time_zone = "Asia/Shanghai"
    tenant.save(update_fields=["time_zone"])
    for_ever = AUTHORITY.issue("device", days=(-1, (date(9999, 12, 31) - date.today()).days), is_client=True)
    body = {"name": "For ever", "kind": "client", "certificate": for_ever.certificate, "private_key": for_ever.key}

    assert caller.of(tenant).post("api-certificates", body=body).status_code == 201
    assert "For ever" in text_of(person.get("smartcare:certificates"))


def test_rest_keeps_certificates_and_integration_and_answers_no_secret(tenant, simulator):
    rest = caller.of(tenant)
    ca = rest.post(
        "api-certificates", body={"name": "CA", "kind": "ca", "certificate": simulator.authority.certificate}
    )
    client = rest.post(
        "api-certificates",
        body={"name": "Me", "kind": "client", "certificate": CLIENT.certificate, "private_key": CLIENT.key},
    )
    body = {"address": simulator.url, "app_id": "console", "app_secret": SECRET, "ca_certificate": ca.json()["id"]}

    saved = rest.put("api-smartcare-integration", body=body)

    assert (ca.status_code, client.status_code, saved.status_code) == (201, 201, 200)
    assert (ca.json()["subject"], client.json()["subject"]) == ("CN=SmartCare simulator CA", "CN=console")
    said = saved.content + client.content + rest.get("api-smartcare-integration").content
    assert SECRET.encode() not in said
    assert b"PRIVATE KEY" not in said
    assert saved.json()["has_app_secret"] is True
    assert rest.post("api-smartcare-test").json()["customers"] > 0
    assert code_of(rest.delete("api-certificate", ca.json()["id"])) == (409, "certificate_in_use")
    assert rest.delete("api-certificate", client.json()["id"]).status_code == 204


def test_rest_refuses_by_its_own_names(tenant, simulator):
    rest = caller.of(tenant)
    body = {"address": "https://elsewhere.example", "app_id": "console"}

    assert errors_of(rest.put("api-smartcare-integration", body=body)) == {
        "address": "address_untrusted",
        "app_secret": "smartcare_secret_missing",
    }
    assert rest.get("api-smartcare-integration").status_code == 404


def test_a_viewer_sees_neither_page(tenant):
    viewer = Person(tenant.viewer)

    assert viewer.get("smartcare:integration").status_code == 403
    assert viewer.get("smartcare:certificates").status_code == 403
    assert "SmartCare Integration" not in text_of(viewer.get("marketing:tasks"))
