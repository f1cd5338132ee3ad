"""The days of a Care task as origins of its recipients."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from marketing.origins import Kind, Origin, declare_origins

from .models import CareDay
from .overview import page_of_day


def _shown(day: CareDay) -> Origin:
    shown = {"day": date_format(day.business_date, "DATE_FORMAT")}
    title = _("SmartCare, business day %(day)s") % shown
    return Origin(day.pk, _("SmartCare, %(day)s") % shown, title, page_of_day(day))


declare_origins(Kind(lambda task: task.care_days.filter(created__gt=0).order_by("-business_date"), _shown))
