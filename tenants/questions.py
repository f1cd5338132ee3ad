"""A question before what cannot be undone or reaches many: a dialog for htmx, a page for everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

TYPED_ABOVE = 1_000  # recipients: above this the number must be typed


@dataclass(frozen=True, slots=True)
class Question:
    """`verb` is what the red button says, `keep` the safe one. `carried`: (name, value) posted along.

    `count`: how many recipients are lost; above TYPED_ABOVE it must be typed to go on.
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


def answer(request: Any, question: Question) -> HttpResponse:
    """Ask `question` in the dialog of the page, or as a page of its own."""
    template = "_components/question.html" if request.htmx else "question.html"
    return render(request, template, {"question": question})


def is_confirmed(request: HttpRequest, count: int) -> bool:
    """Return whether the POST answers a question about `count` recipients, typed where it had to be."""
    answer_given = request.POST.get("confirmed", "")
    if count <= TYPED_ABOVE:
        return bool(answer_given)
    return "".join(filter(str.isdecimal, answer_given)) == str(count)
