"""Idempotency-Key: a POST that is sent again is answered as the first time, and does nothing.

The claim of a key, the effect and the kept answer are one transaction. Whoever comes second waits at the claim until
the first has ended: then the answer is there, or, where the first was refused or broke off, nothing is, and the second
is the first. So refusals and errors are not kept: what changed nothing may be mended and sent again with its key.
"""

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.utils import OperationalError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from .models import KeptAnswer, User
from .refusals import declare, refusal, sentence
from .scoping import current_tenant_id_or_none

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=48)
KEY = re.compile(r"[ -~]{1,255}")

declare(
    {
        "idempotency_key": _("Idempotency-Key must be 1 to 255 printable ASCII characters."),
        "idempotency_key_reused": _("This Idempotency-Key came with another body before. Give each request its own."),
        "idempotency_in_progress": _(
            "The first request with this Idempotency-Key is still being done. Send it again in a moment."
        ),
    }
)


class InProgress(APIException):
    """The first request with this key goes on for longer than a second one waits."""

    status_code = 409
    default_code = "idempotency_in_progress"
    wait = 1  # seconds: Retry-After

    def __init__(self) -> None:
        super().__init__(sentence(self.default_code, {}))


def claim(request: Request, caller: User, key: str) -> KeptAnswer:
    """Take `key` for this request, or return the answer that is kept for it (`status` is set then).

    ValidationError: idempotency_key, idempotency_key_reused. InProgress after the lock timeout of the database.
    """
    if not KEY.fullmatch(key):
        raise refusal("idempotency_key")
    named = {"caller_id": caller.pk, "request": f"{request.method} {request.path}"[:300], "key": key}
    digest = digest_of(request)
    try:
        with transaction.atomic():
            kept, _is_new = KeptAnswer.objects.get_or_create(**named, defaults={"digest": digest})
    except OperationalError:
        raise InProgress from None
    if kept.digest != digest:
        raise refusal("idempotency_key_reused")
    return kept


def keep(claimed: KeptAnswer, response: Response) -> None:
    """Keep what the first request is answered, in its transaction."""
    claimed.status, claimed.body = response.status_code, json.dumps(response.data, default=str)
    claimed.location = response.headers.get("Location", "")
    claimed.save(update_fields=["status", "body", "location"])


def answer_again(kept: KeptAnswer) -> Response:
    """Return the answer of the first request."""
    headers = {"Idempotent-Replayed": "true"} | ({"Location": kept.location} if kept.location else {})
    return Response(json.loads(kept.body), kept.status, headers=headers)


def forget() -> None:
    """Delete the answers that are past their time: of the tenant acted for, or the system administration's own."""
    KeptAnswer.objects.filter(tenant=current_tenant_id_or_none(), created_at__lt=timezone.now() - KEPT).delete()


def digest_of(request: Request) -> str:
    """Return a digest of query and body: of values, not of bytes, because a form has another boundary each time."""
    told = [request.META.get("QUERY_STRING", ""), _plain(request.data)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _plain(sent: Any) -> Any:
    if not isinstance(sent, QueryDict):
        return sent
    return {
        name: [_digest(one) if isinstance(one, UploadedFile) else one for one in sent.getlist(name)] for name in sent
    }


def _digest(file: UploadedFile) -> list[Any]:
    digest = hashlib.sha256()
    for block in file.chunks():
        digest.update(block)
    file.seek(0)
    return [file.name, digest.hexdigest()]
