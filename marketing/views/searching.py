"""The search of a request among a task's recipients: posted, so that no digit stands in an address bar or a log."""

from uuid import UUID

from django.utils.translation import gettext as _

from marketing.forms import RecipientSearchForm
from marketing.models import MarketingTask
from marketing.search import LATEST, Found, find
from tenants.access import TenantRequest
from tenants.parameters import parameters_of

ORIGINS = 100  # imports to choose from, the latest; a link may name any other of the task
FIELDS = ("how", "text", "origin")


def search_form(request: TenantRequest, task: MarketingTask) -> RecipientSearchForm:
    """Return the form with what was posted; of an address, the origin alone counts."""
    data = request.POST if request.method == "POST" else request.GET.dict() | {"text": ""}
    origins = [(str(pk), _origin_text(number)) for pk, number in _imports(task, data.get("origin", ""))]
    return RecipientSearchForm(data, origins=origins, user=request.user)


def found_by(form: RecipientSearchForm, task: MarketingTask) -> Found:
    """Return what `form` searches for; nothing for a search that cannot be."""
    search = form.search()
    if search is None:
        return Found(task.recipients.none(), (), LATEST)
    area_code = parameters_of(task.tenant)["international_area_code"] if search.text else ""
    return find(task, search, area_code=area_code)


def _imports(task: MarketingTask, chosen: str) -> list[tuple[UUID, int]]:
    """Return (id, number) of the latest, and of the `chosen` one."""
    imports = task.imports.values_list("pk", "number")
    latest = list(imports.order_by("-number")[:ORIGINS])
    try:
        named = list(imports.filter(pk=UUID(chosen)))
    except ValueError:
        return latest
    return latest + [one for one in named if one not in latest]


def _origin_text(number: int) -> str:
    return _("Import %(number)s") % {"number": number}
