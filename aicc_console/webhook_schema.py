"""The `webhooks` of the OpenAPI schema: what each event sends, with its types and an example."""

from typing import Any

from django.utils.translation import override
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, OpenApiWebhook, extend_schema, inline_serializer
from rest_framework import serializers

from importer.events import FINISHED, MISSED
from importer.smartcare.ending import FINISHED as CARE_DAY_FINISHED
from tenants.webhooks.events import Moment, events

ID = "6f1c2d1e-7a43-4a2c-9d1a-0f3b8a5c9e21"
OTHER_ID = "3f0c2a9e-5d1b-4c7a-9f52-0d8e6b1a4c77"
TASK = {"id": OTHER_ID, "name": "5G upgrade offer"}
PAGE, REST = f"https://console.example/outbound-call/mmarketing/{OTHER_ID}", "https://console.example/api/v1"
DATA: dict[str, Any] = {
    FINISHED: {
        "id": ID, "number": 3, "status": "complete", "mode": "file", "source": "november.csv", "task": TASK,
        "counts": {"total": 3, "created": 2, "failed": 1, "duplicate": 0, "suppressed": 0, "unprocessed": 0},
        "error": None, "begun_at": "2026-11-27T04:00:00Z", "ended_at": "2026-11-27T04:00:01.5Z",
        "url": f"{PAGE}/imports/{ID}/", "api_url": f"{REST}/imports/{ID}/",
    },
    CARE_DAY_FINISHED: {
        "id": ID, "business_date": "2026-11-26", "status": "complete", "task": TASK, "scenario": "voice", "total": 3,
        "counts": {
            "fetched": 3, "created": 2, "failed": 0, "duplicate": 1, "suppressed": 0, "cut": 0, "waiting": 0,
        },
        "is_late": False, "error": None, "ended_at": "2026-11-27T04:00:01.5Z", "url": f"{PAGE}/care/",
        "api_url": f"{REST}/marketing-tasks/{OTHER_ID}/care-days/",
    },
    MISSED: {
        "id": ID, "path": "out/*.csv", "file_server": "crm-sftp", "task": TASK, "missing_by": "07:00",
        "missed_at": "2026-11-27T04:00:01.5Z", "last_file_at": None, "last_outcome": None,
        "url": f"{PAGE}/scheduled-imports/",
        "api_url": f"{REST}/marketing-tasks/{OTHER_ID}/scheduled-imports/{ID}/",
    },
}  # fmt: skip
HEADERS = """

Headers: `X-AICC-Event`, the name of the event; `X-AICC-Delivery`, its id; `X-AICC-Timestamp`, seconds since 1970 at
this attempt; `X-AICC-Signature`, `v1=` and the hex HMAC-SHA256, by the webhook's secret, of the timestamp, a dot and
the body, and a second one after a comma while a secret is rotated."""


def _told(name: str) -> OpenApiWebhook:
    event = events()[name]
    envelope = inline_serializer(
        "".join(part.title() for part in name.replace("_", ".").split(".")) + "Event",
        {
            "id": serializers.UUIDField(help_text="The event's id, the same at each attempt."),
            "event": serializers.CharField(help_text=name),
            "created_at": Moment(),
            "data": event.data(),
        },
    )
    value = {"id": ID, "event": name, "created_at": "2026-11-27T04:00:01.6Z", "data": DATA[name]}
    with override("en"):
        told = extend_schema(
            summary=str(event.words),
            description=str(event.meaning) + HEADERS,
            request=envelope,
            responses={
                200: OpenApiResponse(description="200 to 299: the event arrived; anything else is tried again.")
            },
            examples=[OpenApiExample(name, value)],
        )
    return OpenApiWebhook(name, told)


IMPORT, CARE_DAY, SERVER_IMPORT = map(_told, (FINISHED, CARE_DAY_FINISHED, MISSED))
