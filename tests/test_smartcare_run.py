"""The nightly run against a real simulator: exactly once, whatever goes wrong on either side."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from kombu.exceptions import OperationalError as BrokerError

from aicc_console.administration.switching import switch_feature, switch_space
from importer.smartcare import admitting, collecting, jobs, planning, run
from importer.smartcare.client import Client
from importer.smartcare.models import CareNight, CareRow, Integration
from importer.smartcare.simulator.customers import Customers
from importer.smartcare.simulator.faults import FAULTS
from importer.smartcare.simulator.server import Simulator
from marketing import saving
from marketing.models import OptOut
from marketing.states import TaskState
from tenants.features import Feature
from tenants.models import SystemParameter, Tenant, TrustedAddress
from tenants.scoping import act_for

from . import care, make
from .care import NOON, YESTERDAY, counts_of, days_of

pytestmark = pytest.mark.django_db
PAGE = 40  # customers; so 100 are three pages


@pytest.fixture
def simulator():
    with Simulator(Customers(voice=100, data=50, regulars=0)) as smartcare:
        yield smartcare


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def tenant(db, simulator, settings, monkeypatch, clock) -> Tenant:
    settings.SMARTCARE_PAGE_ROWS = PAGE
    monkeypatch.setattr(collecting, "FIRST_DELAY", 0)
    monkeypatch.setattr(run, "Client", partial(Client, seconds=20))
    made = make.tenant("Demo Telecom", smartcare=True)
    care.trust(simulator, settings)
    care.integrate(made, simulator)
    return made


@pytest.fixture
def voice(tenant):
    with act_for(tenant):
        return care.task("voice")


@pytest.fixture
def data(tenant):
    with act_for(tenant):
        return care.task("data")


def set_maximum(value: int) -> None:
    SystemParameter.objects.update_or_create(key="max_caring_users", defaults={"value": str(value)})


def collect_now(tenant: Tenant) -> None:
    """Press the button, then let turns follow each other as long as there is something to do."""
    with act_for(tenant):
        run.run_now(tenant)
    work(tenant)


def work(tenant: Tenant, *, turns: int = 2) -> None:
    for _turn in range(turns):
        run.take_turn(str(tenant.pk), seconds=30)


def tick(tenant: Tenant) -> bool:
    with act_for(tenant):
        return planning.prepare(tenant, datetime.now(UTC))


def test_a_day_is_fetched_page_by_page_and_its_customers_become_recipients(tenant, voice, simulator):
    collect_now(tenant)

    (day,) = days_of(tenant)
    assert (day.business_date, day.state, day.error_code) == (YESTERDAY, "complete", "")
    assert counts_of(day) == {"fetched": 100, "created": 100}
    assert [query["pageNo"] for query in simulator.asked] == [1, 2, 3]
    with act_for(tenant):
        voice.refresh_from_db()
        assert voice.recipient_count == voice.recipients.count() == 100
        recipient = voice.recipients.get(address="+8613800000007")
        customer = CareRow.objects.get(recipient_id=recipient.pk)
        assert (recipient.origin, recipient.origin_row, customer.row, customer.number) == (day.pk, 8, 8, "")
        assert 0 <= customer.score <= 5


@pytest.mark.parametrize("customers", [1, 100])
def test_a_night_asks_the_database_as_often_for_many_customers_as_for_one(
    tenant, voice, simulator, settings, customers, django_assert_max_num_queries
):
    settings.SMARTCARE_PAGE_ROWS = 100
    simulator.customers = Customers(voice=customers, regulars=0)
    with act_for(tenant):
        run.run_now(tenant)

    with django_assert_max_num_queries(100):
        run.take_turn(str(tenant.pk), seconds=30)
    assert [counts_of(day)["created"] for day in days_of(tenant)] == [customers]


def test_customers_come_through_the_same_door_as_a_files_rows(tenant, voice, simulator):
    with act_for(tenant):
        voice.recipients.create(address="+8613800000003")
        OptOut.objects.create(medium="sms", address="+8613800000004")
    simulator.customers = Customers(voice=100, regulars=0)
    simulator.script(["bad_rows"])

    collect_now(tenant)

    (day,) = days_of(tenant)
    assert counts_of(day) == {"fetched": 100, "failed": PAGE, "created": 60}  # page 1 held no customer at all
    with act_for(tenant):
        assert set(CareRow.objects.filter(outcome="failed").values_list("code", flat=True)) == {
            "care_row",
            "care_score",
        }


def test_duplicates_and_opted_out_customers_have_their_outcome(tenant, voice):
    with act_for(tenant):
        voice.recipients.create(address="+8613800000003")
        OptOut.objects.create(medium="sms", address="+8613800000004")

    collect_now(tenant)

    (day,) = days_of(tenant)
    assert counts_of(day) == {"fetched": 100, "created": 98, "duplicate": 1, "suppressed": 1}


def test_the_maximum_holds_over_both_scenarios_and_the_worst_are_taken(tenant, voice, data):
    set_maximum(60)

    collect_now(tenant)

    of_data, of_voice = days_of(tenant)
    assert of_data.created + of_voice.created == 60
    assert of_data.cut + of_voice.cut == 90
    with act_for(tenant):
        taken = max(CareRow.objects.filter(outcome="created").values_list("score", flat=True))
        assert taken <= min(of_data.cut_score, of_voice.cut_score)
        night = CareNight.objects.get()
        assert (night.maximum, night.taken) == (60, 60)


def test_where_the_maximum_cuts_is_looked_up_once_whatever_the_statistics_say(tenant):
    """Joined, it was looked up for each customer where the statistics knew few: a night of 100,000 ran out of time."""
    with act_for(tenant), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {admitting.CUT}", {"days": [uuid4()], "left": 10})
        plan = "\n".join(line for (line,) in cursor)

    assert "InitPlan" in plan
    assert "Nested Loop" not in plan


def test_a_maximum_of_zero_cuts_everybody(tenant, voice):
    set_maximum(0)

    collect_now(tenant)

    (day,) = days_of(tenant)
    assert (day.state, counts_of(day)) == ("complete", {"fetched": 100, "cut": 100})


def test_a_scenario_that_failed_finds_what_the_other_left(tenant, voice, data, simulator):
    set_maximum(120)
    simulator.script([], always="500")
    simulator.faults.extend([""] * 2)  # data: both pages; then nothing for voice

    collect_now(tenant)

    of_data, of_voice = days_of(tenant)
    assert (of_data.state, of_data.created) == ("complete", 50)
    assert (of_voice.state, of_voice.error_code) == ("partial", "smartcare_unavailable")

    simulator.script([])
    collect_now(tenant)
    of_data, of_voice = days_of(tenant)
    assert (of_voice.state, of_voice.created, of_voice.cut) == ("complete", 70, 30)


def test_two_runs_change_nothing_after_the_first(tenant, voice, simulator):
    collect_now(tenant)
    before = len(simulator.asked)

    with act_for(tenant), pytest.raises(ValidationError) as refused:
        run.run_now(tenant)
    work(tenant)

    assert refused.value.code == "care_collected"
    assert len(simulator.asked) == before
    assert len(days_of(tenant)) == 1


AT_ONCE = {"huge_headers", "401", "redirect", "html", "gzip_bomb", "oversized", "endless", "return_code"}


HOLDING = {"slow", "drip"}


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"bad_rows"}))
def test_every_fault_ends_in_a_clear_status_and_the_next_run_makes_the_day_whole(
    tenant, voice, simulator, fault, monkeypatch
):
    if fault in HOLDING:
        monkeypatch.setattr(run, "Client", partial(Client, seconds=1))
        monkeypatch.setattr(collecting, "MAX_ATTEMPTS", 2)
    simulator.script([""], always=fault, retry_after="0")  # the first page is good

    collect_now(tenant)

    (day,) = days_of(tenant)
    assert day.state == "partial"
    assert day.error_sentence.endswith(".")
    if fault != "changing_total":
        assert (day.next_page, day.fetched) == (2, PAGE)
    assert day.attempts == (1 if fault in AT_ONCE else collecting.MAX_ATTEMPTS)

    simulator.script([])
    collect_now(tenant)

    (day,) = days_of(tenant)
    assert (day.state, day.error_code, counts_of(day)) == ("complete", "", {"fetched": 100, "created": 100})


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - AT_ONCE - {"bad_rows", "slow", "drip", "no_total"}))
def test_a_fault_that_passes_costs_nothing_but_a_try(tenant, voice, simulator, fault):
    simulator.script(["", fault])

    collect_now(tenant)

    (day,) = days_of(tenant)
    assert (day.state, counts_of(day)) == ("complete", {"fetched": 100, "created": 100})


def test_a_wrong_secret_stops_the_run_at_once(tenant, voice, simulator):
    simulator.app_secret = "changed"

    collect_now(tenant)

    (day,) = days_of(tenant)
    assert (day.state, day.error_code, day.attempts) == ("partial", "smartcare_credentials", 1)


def test_retry_after_is_honoured(tenant, voice, simulator, clock):
    simulator.script(["429"], retry_after="300")

    collect_now(tenant)
    (day,) = days_of(tenant)
    assert (day.state, day.next_try_at) == ("fetching", NOON + timedelta(seconds=300))
    work(tenant)
    assert len(simulator.asked) == 1

    clock.shift(timedelta(seconds=301))
    work(tenant)
    assert days_of(tenant)[0].state == "complete"


def test_after_five_failures_in_a_row_nothing_is_asked_for_five_minutes(tenant, voice, data, simulator, clock):
    simulator.script([], always="500")

    collect_now(tenant)

    asked = len(simulator.asked)
    assert asked == collecting.FAILURES_TO_OPEN
    work(tenant)
    assert len(simulator.asked) == asked

    clock.shift(timedelta(minutes=5, seconds=1))
    run.take_turn(str(tenant.pk), seconds=30)
    assert len(simulator.asked) == asked + 1  # one call tries

    simulator.script([])
    clock.shift(timedelta(minutes=5, seconds=1))
    work(tenant)
    with act_for(tenant):
        assert Integration.objects.get().open_until is None
    assert days_of(tenant)[1].state == "complete" or days_of(tenant)[0].state == "complete"


def test_an_address_that_left_the_trustlist_is_not_called(tenant, voice, simulator):
    TrustedAddress.objects.all().delete()

    collect_now(tenant)

    (day,) = days_of(tenant)
    assert (day.state, day.error_code) == ("partial", "address_untrusted")
    assert simulator.asked == []


def test_the_clock_sends_one_message_until_a_turn_was_taken(tenant, voice, clock):
    with act_for(tenant):
        run.run_now(tenant)
    assert [jobs.collect_due() for _tick in range(3)] == [1, 0, 0]
    with act_for(tenant):
        Integration.objects.update(lease_until=datetime(2100, 1, 1, tzinfo=UTC), queued_until=None)
    assert jobs.collect_due() == 0  # a worker collects

    with act_for(tenant):
        Integration.objects.update(lease_until=None)
    run.take_turn(str(tenant.pk), seconds=0)

    with act_for(tenant):
        assert Integration.objects.get().queued_until  # of the message that goes on
    assert jobs.collect_due() == 0


def test_a_broker_that_is_away_costs_one_round_of_the_clock(
    tenant, voice, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*_: object, **__: object) -> None:
        raise BrokerError

    with act_for(tenant):
        run.run_now(tenant)
    monkeypatch.setattr(jobs.collect, "apply_async", away)
    for _round in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert jobs.collect_due() == 1


def test_switching_smartcare_off_stops_at_once(tenant, voice, simulator):
    with act_for(tenant):
        run.run_now(tenant)
    Tenant.objects.update(smartcare=False)

    work(tenant)

    (day,) = days_of(tenant)
    assert (day.state, day.error_code) == ("stopped", "feature_off")
    assert simulator.asked == []
    assert jobs.collect_due() == 0


@pytest.mark.parametrize(
    ("end", "again", "code"),
    [
        (
            partial(switch_feature, feature=Feature.SMARTCARE, is_on=False, may_suspend=True),
            partial(switch_feature, feature=Feature.SMARTCARE, is_on=True),
            "feature_off",
        ),
        (partial(switch_space, is_on=False), partial(switch_space, is_on=True), "tenant_disabled"),
    ],
    ids=["the feature", "the tenant space"],
)
def test_what_is_under_way_says_at_once_that_it_was_switched_off(tenant, voice, simulator, end, again, code):
    """No turn comes any more that could say it; switched on again, the next run makes the day whole."""
    with act_for(tenant):
        run.run_now(tenant)
    run.take_turn(str(tenant.pk), seconds=0)

    end(Tenant.objects.get(pk=tenant.pk))

    (day,) = days_of(tenant)
    assert (day.state, day.error_code, day.fetched) == ("stopped", code, PAGE)
    assert run.take_turn(str(tenant.pk), seconds=5) is False
    again(Tenant.objects.get(pk=tenant.pk))
    tenant.refresh_from_db()
    collect_now(tenant)
    (day,) = days_of(tenant)
    assert (day.state, counts_of(day)["created"]) == ("complete", 100)


def test_a_task_completed_meanwhile_takes_nobody_more(tenant, voice, simulator):
    with act_for(tenant):
        run.run_now(tenant)
        type(voice).objects.filter(pk=voice.pk).update(state=TaskState.COMPLETED)

    work(tenant)

    (day,) = days_of(tenant)
    assert (day.state, day.error_code, counts_of(day)) == ("stopped", "task_state", {})


def test_customers_judged_for_another_message_do_not_come_in_and_are_asked_for_anew(tenant, simulator):
    """As long as nobody has come in, the template of a suspended task may get other variables."""
    with act_for(tenant):
        task = care.task("voice", body="Sorry for ${cause}")
        run.run_now(tenant)
    run.take_turn(str(tenant.pk), seconds=0)
    with act_for(tenant):
        task.template.body = "Sorry, your score was ${score}"
        saving.save_template(task.template, {})

    work(tenant)
    (day,) = days_of(tenant)
    assert (day.state, day.error_code, counts_of(day)) == (
        "stopped",
        "task_changed",
        {"fetched": PAGE, "waiting": PAGE},
    )

    collect_now(tenant)
    (day,) = days_of(tenant)
    assert (day.state, counts_of(day)) == ("complete", {"fetched": 100, "created": 100})
    with act_for(tenant):
        assert {tuple(one.variables) for one in task.recipients.all()} == {("score",)}


def test_the_coming_night_has_a_row_as_soon_as_the_task_is_seen(tenant, voice, clock):
    assert tick(tenant) is False

    (day,) = days_of(tenant)
    assert (day.business_date, day.state) == (date(2026, 11, 22), "waiting")


def test_the_night_is_collected_once_however_often_the_clock_strikes(tenant, voice, simulator, clock):
    tick(tenant)
    clock.move_to(datetime(2026, 11, 23, 0, 59, 59, tzinfo=UTC))
    assert tick(tenant) is False
    clock.move_to(datetime(2026, 11, 23, 1, 0, 0, tzinfo=UTC))

    assert tick(tenant) is True
    assert tick(tenant) is True
    work(tenant, turns=3)
    assert tick(tenant) is False
    work(tenant, turns=3)

    done, coming = days_of(tenant)
    assert (done.business_date, done.state) == (date(2026, 11, 22), "complete")
    assert (coming.business_date, coming.state) == (date(2026, 11, 23), "waiting")
    assert len(simulator.asked) == 3


def test_missed_nights_are_caught_up_at_most_seven_back_and_none_is_hidden(tenant, voice, clock):
    tick(tenant)
    clock.move_to(datetime(2026, 12, 3, 2, tzinfo=UTC))  # nobody ran for ten nights

    tick(tenant)
    work(tenant)

    states = {day.business_date.isoformat(): day.state for day in days_of(tenant)}
    assert [day for day, state in states.items() if state == "missed"] == [
        "2026-11-22",
        "2026-11-23",
        "2026-11-24",
        "2026-11-25",
    ]
    assert [day for day, state in states.items() if state == "complete"] == [f"2026-11-{n}" for n in range(26, 31)] + [
        "2026-12-01", "2026-12-02",
    ]  # fmt: skip
    assert states["2026-12-03"] == "waiting"
    assert [day.is_late for day in days_of(tenant) if day.state == "complete"] == [True] * 6 + [False]


def test_a_partial_day_is_resumed_by_the_next_night(tenant, voice, simulator, clock):
    tick(tenant)
    simulator.script([""], always="return_code")
    clock.move_to(datetime(2026, 11, 23, 1, 0, 1, tzinfo=UTC))
    work(tenant)
    assert days_of(tenant)[0].state == "partial"
    assert tick(tenant) is False  # not before the next night

    simulator.script([])
    clock.move_to(datetime(2026, 11, 24, 1, 0, 1, tzinfo=UTC))
    assert tick(tenant) is True
    work(tenant)

    first, second, _coming = days_of(tenant)
    assert (first.state, first.is_late, second.state) == ("complete", True, "complete")


def test_a_worker_that_was_given_up_commits_nothing(tenant, voice, simulator, monkeypatch):
    with act_for(tenant):
        run.run_now(tenant)
    keep = collecting._keep

    def taken_over(*arguments):
        Integration.objects.update(epoch=99)
        keep(*arguments)

    monkeypatch.setattr(collecting, "_keep", taken_over)
    run.take_turn(str(tenant.pk), seconds=0)
    assert counts_of(days_of(tenant)[0]) == {}

    monkeypatch.setattr(collecting, "_keep", keep)
    with act_for(tenant):
        Integration.objects.update(lease_until=None)
    work(tenant)
    assert counts_of(days_of(tenant)[0]) == {"fetched": 100, "created": 100}


def test_two_workers_do_not_collect_at_once(tenant, voice, simulator):
    with act_for(tenant):
        run.run_now(tenant)
    held = run._claim(str(tenant.pk))

    assert run.take_turn(str(tenant.pk), seconds=30) is False
    assert simulator.asked == []
    run._release(held, goes_on=False)


def test_without_an_integration_the_night_says_so(tenant, voice, clock):
    with act_for(tenant):
        Integration.objects.all().delete()
    tick(tenant)
    clock.move_to(datetime(2026, 11, 23, 1, 0, 1, tzinfo=UTC))

    assert tick(tenant) is True
    work(tenant, turns=2)

    assert (days_of(tenant)[0].state, days_of(tenant)[0].error_code) == ("partial", "smartcare_missing")
    assert tick(tenant) is False
