"""The search of a request among a task's recipients: posted, so that no digit stands in an address bar or a log."""

from uuid import UUID

from marketing.forms import RecipientSearchForm
from marketing.models import MarketingTask
from marketing.origins import Origin, latest_origins, origins_named
from marketing.search import LATEST, Found, find
from tenants.access import TenantRequest
from tenants.parameters import parameters_of

FIELDS = ("how", "text", "origin")


def search_form(request: TenantRequest, task: MarketingTask) -> RecipientSearchForm:
    """Return the form with what was posted; of an address, the origin alone counts."""
    data = request.POST if request.method == "POST" else request.GET.dict() | {"text": ""}
    origins = _origins(task, data.get("origin", ""))
    return RecipientSearchForm(data, origins=[(str(one.id), one.text) for one in origins], user=request.user)


def found_by(form: RecipientSearchForm, task: MarketingTask) -> Found:
    """Return what `form` searches for; nothing for a search that cannot be."""
    search = form.search()
    if search is None:
        return Found(task.recipients.none(), (), LATEST)
    area_code = parameters_of(task.tenant)["international_area_code"] if search.text else ""
    return find(task, search, area_code=area_code)


def _origins(task: MarketingTask, chosen: str) -> list[Origin]:
    """Return the latest, and the `chosen` one."""
    latest = latest_origins(task)
    try:
        named = origins_named(task, [UUID(chosen)])
    except ValueError:
        return latest
    return latest + [one for one in named.values() if one not in latest]
