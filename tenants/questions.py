"""A question before what cannot be undone or reaches many: a dialog for htmx, a page for everybody else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

TYPED_ABOVE = 1_000  # recipients: above this the number must be typed
KEY = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Question:
    """`verb` is what the red button says, `keep` the safe one. `carried`: (name, value) posted along.

    `count`: how many recipients are lost, which the answer repeats; above TYPED_ABOVE a person must type it.
    """

    title: str
    text: str
    verb: str
    keep: str
    action: str
    back: str = "/"
    icon: str = "alert-triangle"
    examples: Sequence[str] = ()
    carried: Sequence[tuple[str, str]] = ()
    count: int = 0
    is_harmless: bool = False

    @property
    def must_be_typed(self) -> bool:
        return self.count > TYPED_ABOVE

    @property
    def type_label(self) -> str:
        return _("Type %(count)s to go on") % {"count": f"{self.count:,}"}


def ask_to_delete(request: Any, name: str, *, text: str, verb: str, back: str, count: int = 0) -> HttpResponse:
    """Ask whether what is called `name` is to be deleted; `text` says what is lost, and what stays."""
    question = Question(
        title=_("Delete “%(name)s”?") % {"name": name},
        text=text,
        verb=verb,
        keep=_("Keep"),
        action=request.path,
        back=back,
        icon="trash",
        count=count,
    )
    return answer(request, question)


def answer(request: Any, question: Question) -> HttpResponse:
    """Ask `question` in the dialog of the page, or as a page of its own."""
    template = "_components/question.html" if request.htmx else "question.html"
    return render(request, template, {"question": question})


def is_confirmed(request: HttpRequest, count: int) -> bool:
    """Return whether the POST answers a question about as many as there are now: more may have come since."""
    return "".join(filter(str.isdecimal, request.POST.get("confirmed", ""))) == str(count)


def ticked(request: HttpRequest) -> list[str]:
    """Return the keys of the lines of a table that were ticked; what is none is passed over."""
    return [key for key in request.POST.getlist("recipient") if KEY.fullmatch(key)]
