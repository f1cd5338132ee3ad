"""Configuration Center > Expansion and Integration > Webhooks."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenants.access import TenantRequest, tenant_administrator
from tenants.models import Webhook, WebhookDelivery
from tenants.paging import count_text, counted, page_of
from tenants.questions import ask_to_delete
from tenants.webhooks import subscriptions
from tenants.webhooks.events import words_of
from tenants.webhooks.forms import DeliverySearchForm, RotationForm, WebhookForm
from tenants.webhooks.signing import BEGIN

ORDER = ("-created_at", "-id")


@require_GET
@tenant_administrator
def webhook_list(request: TenantRequest) -> HttpResponse:
    latest = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).order_by(*ORDER)
    webhooks = request.tenant.webhooks.annotate(latest_id=Subquery(latest.values("pk")[:1])).order_by("name")
    deliveries = request.tenant.webhook_deliveries.in_bulk([one.latest_id for one in webhooks if one.latest_id])
    lines = [
        {"webhook": one, "events": [words_of(name) for name in one.events], "latest": deliveries.get(one.latest_id)}
        for one in webhooks
    ]
    return render(request, "tenants/webhooks.html", {"lines": lines})


@require_GET
@tenant_administrator
def webhook_detail(request: TenantRequest, webhook_id: UUID) -> HttpResponse:
    return _page(request, _webhook(request, webhook_id))


@require_http_methods(["GET", "POST"])
@tenant_administrator
def webhook_create(request: TenantRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        try:
            webhook, secret = subscriptions.create(request.tenant, form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return _secret_page(request, webhook, secret)
    context = {"form": form, "title": _("Create webhook"), "verb": _("Create webhook"), "begin": BEGIN}
    return render(request, "tenants/webhook_form.html", context)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def webhook_edit(request: TenantRequest, webhook_id: UUID) -> HttpResponse:
    webhook = _webhook(request, webhook_id)
    form = WebhookForm(request.POST or None, webhook=webhook)
    name = webhook.name
    if form.is_valid():
        try:
            subscriptions.save(webhook, form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": webhook.name})
            return redirect("tenants:webhook", webhook.pk)
    context = {"form": form, "title": _("Edit webhook"), "verb": _("Save"), "webhook": webhook, "name": name}
    return render(request, "tenants/webhook_form.html", context)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def webhook_rotate(request: TenantRequest, webhook_id: UUID) -> HttpResponse:
    webhook = _webhook(request, webhook_id)
    form = RotationForm(request.POST or None)
    if form.is_valid():
        return _secret_page(request, webhook, subscriptions.rotate(webhook, overlap=form.overlap_time()))
    return render(request, "tenants/webhook_rotate.html", {"form": form, "webhook": webhook})


@require_POST
@tenant_administrator
def webhook_test(request: TenantRequest, webhook_id: UUID) -> HttpResponse:
    """Send a test now and say what the receiver answered."""
    webhook = _webhook(request, webhook_id)
    try:
        context: dict[str, Any] = {"tested": subscriptions.test(webhook)}
    except ValidationError as refused:
        context = {"busy": refused.messages[0]}
    return _page(request, webhook, **context)


@require_POST
@tenant_administrator
def webhook_enable(request: TenantRequest, webhook_id: UUID) -> HttpResponse:
    return _switch(request, webhook_id, True)


@require_POST
@tenant_administrator
def webhook_disable(request: TenantRequest, webhook_id: UUID) -> HttpResponse:
    return _switch(request, webhook_id, False)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def webhook_delete(request: TenantRequest, webhook_id: UUID) -> HttpResponse:
    webhook = _webhook(request, webhook_id)
    back = reverse("tenants:webhooks")
    if request.method == "POST":
        subscriptions.delete(webhook)
        messages.success(request, _("“%(name)s” is deleted.") % {"name": webhook.name})
        return redirect(back)
    text = _(
        "Its receiver is told of nothing any more. Its secret and its delivery log are deleted with it. "
        "This cannot be undone."
    )
    return ask_to_delete(request, webhook.name, text=text, verb=_("Delete webhook"), back=back)


@require_GET
@tenant_administrator
def webhook_delivery(request: TenantRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    delivery = _delivery(request, webhook_id, delivery_id)
    context = {"webhook": delivery.webhook, "delivery": delivery, "words": words_of(delivery.event)}
    return render(request, "tenants/webhook_delivery.html", context)


@require_POST
@tenant_administrator
def webhook_redeliver(request: TenantRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    delivery = _delivery(request, webhook_id, delivery_id)
    try:
        subscriptions.redeliver(delivery)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("The event is delivered again. Reload this page to see what became of it."))
    return redirect("tenants:webhook-delivery", webhook_id, delivery_id)


def _webhook(request: TenantRequest, webhook_id: UUID) -> Webhook:
    return get_object_or_404(request.tenant.webhooks, pk=webhook_id)


def _delivery(request: TenantRequest, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery:
    return get_object_or_404(_webhook(request, webhook_id).deliveries.select_related("webhook"), pk=delivery_id)


def _page(request: TenantRequest, webhook: Webhook, **context: Any) -> HttpResponse:
    form = DeliverySearchForm(request.GET)
    found = form.narrow(webhook.deliveries.all())
    shown = page_of(found, order=ORDER, cursor=request.GET.get("cursor", ""))
    count = counted(found)
    address = reverse("tenants:webhook", args=[webhook.pk])

    def of_page(cursor: str) -> str:
        return f"{address}?{urlencode(form.chosen() | {'cursor': cursor})}" if cursor else ""

    facts = {
        "webhook": webhook,
        "events": [words_of(name) for name in webhook.events],
        "form": form,
        "url": address,
        "deliveries": [{"delivery": one, "words": words_of(one.event)} for one in shown.rows],
        "text": ngettext("%(count)s delivery, latest first", "%(count)s deliveries, latest first", count)
        % {"count": count_text(count)},
        "previous": of_page(shown.previous),
        "next": of_page(shown.next),
    }
    return render(request, "tenants/webhook.html", facts | context)


def _switch(request: TenantRequest, webhook_id: UUID, is_active: bool) -> HttpResponse:
    webhook = _webhook(request, webhook_id)
    subscriptions.set_active(webhook, is_active)
    said = _("“%(name)s” is enabled.") if is_active else _("“%(name)s” is disabled. Its receiver is told of nothing.")
    messages.success(request, said % {"name": webhook.name})
    return redirect("tenants:webhook", webhook.pk)


def _secret_page(request: TenantRequest, webhook: Webhook, secret: str) -> HttpResponse:
    """Answer the page that shows the new secret, this once."""
    return render(request, "tenants/webhook_secret.html", {"webhook": webhook, "secret": secret})
