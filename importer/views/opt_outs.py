"""Outbound Call > Opt-out List > Import a file, and the list as a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from importer.downloads import opt_outs_file
from importer.limits import MIB, Limits
from importer.opt_out_files import Brought, bring
from marketing.channels import Medium
from marketing.opt_out_forms import ValidUntilField
from marketing.opt_outs import Origin
from marketing.states import OptOutSource
from tenants.access import TenantRequest, tenant_administrator
from tenants.parameters import system_parameter
from tenants.refusals import refusal


class OptOutFileForm(forms.Form):
    """A file of opt-outs of one medium."""

    medium = forms.ChoiceField(label=_("Medium"), choices=Medium.choices)
    file = forms.FileField(label=_("File"), required=False, allow_empty_file=True)
    valid_until = ValidUntilField()

    def clean_file(self) -> Any:
        """Require a file; what it holds is judged when it is read."""
        if not self.cleaned_data["file"]:
            raise refusal("file_missing")
        return self.cleaned_data["file"]


@require_http_methods(["GET", "POST"])
@tenant_administrator
def opt_outs_import(request: TenantRequest) -> HttpResponse:
    """Show the form; once a file was brought, what became of its rows."""
    form = OptOutFileForm(request.POST, request.FILES) if request.method == "POST" else OptOutFileForm()
    if form.is_valid() and (brought := _brought(request, form)):
        return render(request, "importer/opt_outs_imported.html", {"brought": brought})
    limits = Limits.by_file()
    context = {"max_rows": system_parameter("max_file_rows"), "max_megabytes": limits.workbook_bytes // MIB}
    return render(request, "importer/opt_outs_import.html", context | {"form": form})


@require_GET
@tenant_administrator
def opt_outs_export(request: TenantRequest) -> FileResponse:
    return opt_outs_file(request.tenant.opt_outs.all())


def _brought(request: TenantRequest, form: OptOutFileForm) -> Brought | None:
    given = form.cleaned_data
    origin = Origin(given["medium"], OptOutSource.FILE, request.user, given["valid_until"])
    try:
        return bring(request.tenant, given["file"], name=given["file"].name, origin=origin)
    except ValidationError as refused:
        form.add_error(None if hasattr(refused, "error_dict") else "file", refused)
        return None
