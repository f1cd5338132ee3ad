"""Configuration Center > System Management > Certificate."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from importer.smartcare import certificates
from importer.smartcare.forms import CertificateForm
from importer.smartcare.models import Certificate
from tenants.access import TenantRequest, tenant_administrator
from tenants.questions import ask_to_delete

LIST = "smartcare:certificates"


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@tenant_administrator
def certificate_list(request: TenantRequest) -> HttpResponse:
    """Show the certificates, and add one."""
    form = CertificateForm(request.POST or None, request.FILES or None)
    if form.is_valid() and _kept(form):
        messages.success(request, _("“%(name)s” is saved.") % {"name": form.cleaned_data["name"]})
        return redirect(LIST)
    context = {"form": form, "certificates": request.tenant.certificates.order_by("name")}
    return render(request, "smartcare/certificates.html", context)


@require_http_methods(["GET", "POST"])
@tenant_administrator
def certificate_delete(request: TenantRequest, certificate_id: UUID) -> HttpResponse:
    certificate = get_object_or_404(request.tenant.certificates, pk=certificate_id)
    if request.method == "POST":
        return _removed(request, certificate)
    text, back = _("The certificate and its key are deleted for good. This cannot be undone."), reverse(LIST)
    return ask_to_delete(request, certificate.name, text=text, verb=_("Delete certificate"), back=back)


def _kept(form: CertificateForm) -> bool:
    certificate = Certificate(
        name=form.cleaned_data["name"], kind=form.cleaned_data["kind"], pem=form.text_of("pem") or " "
    )
    try:
        certificates.keep(certificate, form.text_of("key"))
    except ValidationError as refused:
        form.add_error(None, refused)
    return not form.errors


def _removed(request: TenantRequest, certificate: Certificate) -> HttpResponse:
    try:
        certificates.remove(certificate)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": certificate.name})
    return redirect(LIST)
