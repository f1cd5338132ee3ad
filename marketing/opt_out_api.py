"""REST: the Opt-out List, one by one and up to 1,000 at once."""

from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.access import mask_address
from tenants.bodies import Choice, StrictSerializer, Text
from tenants.parameters import parameters_of
from tenants.refusals import refusal
from tenants.rest import TenantView

from . import opt_outs
from .channels import Medium
from .models import OptOut
from .opt_outs import Origin, Outcome, Wish
from .search import beginning_with
from .serializers import MAX_BATCH, Chosen, DeletedAnswer
from .states import OptOutSource


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Opt-out", {"medium": "sms", "address": "138 0000 0000", "remark": "Replied STOP"}, request_only=True
        )
    ]
)
class OptOutSerializer(StrictSerializer):
    """An address that gets no message of a medium. `valid_until` null: for good."""

    id = serializers.IntegerField(read_only=True)
    medium = Choice(Medium.choices)
    address = Text(allow_blank=True, trim_whitespace=False)
    remark = Text(required=False, allow_blank=True, default="")
    valid_until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    source = serializers.ChoiceField(OptOutSource.choices, read_only=True)  # type: ignore[assignment]
    created_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, opt_out: OptOut) -> dict[str, Any]:
        """Mask the address for those who must not see it."""
        shown = super().to_representation(opt_out)
        if not self.context["request"].user.sees_full_addresses:
            shown["address"] = mask_address(opt_out.address)
        return shown


class OptOutWish(StrictSerializer):
    """One address of a batch."""

    address = Text(allow_blank=True, trim_whitespace=False)
    remark = Text(required=False, allow_blank=True, default="")


class OptOutBatch(StrictSerializer):
    """Up to 1,000 addresses of one medium; each has an outcome of its own."""

    medium = Choice(Medium.choices)
    valid_until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    opt_outs = serializers.ListField(child=OptOutWish(), min_length=1, max_length=MAX_BATCH)


class OptOutOutcome(serializers.Serializer):
    """What became of one address; `code` and `detail` where it was not added."""

    index = serializers.IntegerField(help_text="Its place in `opt_outs`, from 0.")
    outcome = serializers.ChoiceField([opt_outs.ADDED, opt_outs.KNOWN, opt_outs.FAILED])
    id = serializers.IntegerField(allow_null=True)
    address = serializers.CharField(help_text="As it is stored; as it was sent where it failed.")
    code = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)


class OptOutCounts(serializers.Serializer):
    """Addresses by outcome; total is their sum."""

    total = serializers.IntegerField()
    added = serializers.IntegerField()
    known = serializers.IntegerField(help_text="On the list already.")
    failed = serializers.IntegerField()


class OptOutBatchAnswer(serializers.Serializer):
    """The outcomes of a batch, in its order."""

    counts = OptOutCounts()
    results = OptOutOutcome(many=True)


class OptOutQuery(StrictSerializer):
    """Filters of the list."""

    medium = Choice(Medium.choices, required=False)
    address = Text(required=False, help_text="How the address begins, such as +86138 (write + as %2B).")


class OptOutsView(TenantView):
    """Base of what is about the opt-out list."""

    resource = "opt_outs"
    tag = "opt-outs"
    ordering = ("-id",)

    def origin(self, body: dict[str, Any]) -> Origin:
        """Return who brings it, and until when it holds."""
        return Origin(body["medium"], OptOutSource.REST, self.caller, body["valid_until"])


class OptOutList(OptOutsView):
    @extend_schema(parameters=[OptOutQuery], responses=OptOutSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the addresses, the latest first."""
        chosen = self.query(OptOutQuery)
        found = self.tenant.opt_outs.all()
        if "medium" in chosen:
            found = found.filter(medium=chosen["medium"])
        if text := chosen.get("address", ""):
            if not self.caller.sees_full_addresses:  # or the masked digits could be found out one by one
                raise ValidationError({"address": refusal("address_hidden")})
            area_code = parameters_of(self.tenant)["international_area_code"]
            found = beginning_with(found, text, area_code)
        return self.page(found, OptOutSerializer)

    @extend_schema(request=OptOutSerializer, responses={201: OptOutSerializer})
    def post(self, request: Request) -> Response:
        """Add an address. Recipients of open tasks are removed when their task is published or resumed."""
        body = self.body(OptOutSerializer)
        opt_out = opt_outs.add(self.tenant, Wish(body["address"], body["remark"]), self.origin(body))
        return self.made(opt_out, OptOutSerializer, "api-opt-out", opt_out.pk)


class OptOutDetail(OptOutsView):
    @extend_schema(responses=OptOutSerializer)
    def get(self, request: Request, opt_out_id: int) -> Response:
        """Read an opt-out."""
        return Response(self.shown(OptOutSerializer, get_object_or_404(self.tenant.opt_outs, pk=opt_out_id)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, opt_out_id: int) -> Response:
        """Take an address off the list: it can be imported and written to again."""
        opt_out = get_object_or_404(self.tenant.opt_outs, pk=opt_out_id)
        opt_outs.remove(self.tenant.opt_outs.filter(pk=opt_out.pk))
        return Response(status=204)


class OptOutsDelete(OptOutsView):
    @extend_schema(request=Chosen, responses=DeletedAnswer)
    def post(self, request: Request) -> Response:
        """Take several addresses off the list at once."""
        return Response({"deleted": opt_outs.remove(self.tenant.opt_outs.filter(pk__in=self.body(Chosen)["ids"]))})


class OptOutBatchView(OptOutsView):
    @extend_schema(request=OptOutBatch, responses=OptOutBatchAnswer)
    def post(self, request: Request) -> Response:
        """Add up to 1,000 addresses of one medium; one that is refused does not hinder the others."""
        body = self.body(OptOutBatch)
        wishes = [Wish(one["address"], one["remark"]) for one in body["opt_outs"]]
        outcomes = opt_outs.add_many(self.tenant, wishes, self.origin(body))
        counted = Counter(one.kind for one in outcomes)
        counts = {name: counted[name] for name in (opt_outs.ADDED, opt_outs.KNOWN, opt_outs.FAILED)}
        results = [_shown(index, one) for index, one in enumerate(outcomes)]
        return Response({"counts": {"total": len(outcomes)} | counts, "results": results})


def _shown(index: int, one: Outcome) -> dict[str, Any]:
    return {
        "index": index,
        "outcome": one.kind,
        "id": one.opt_out.pk if one.opt_out else None,
        "address": one.address,
        "code": one.code or None,
        "detail": one.refused.messages[0] if one.refused else None,
    }
