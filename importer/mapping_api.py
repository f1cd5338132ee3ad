"""REST: mapping rules, which say what each column of a file is."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.rest import TenantView

from .mapping import delete_rule, save_rule
from .models import MappingRule
from .serializers import MappingRuleQuery, MappingRuleSerializer


class MappingRulesView(TenantView):
    """Base of what is about mapping rules."""

    resource = "imports"
    tag = "mapping rules"

    def mapping_rule(self, rule_id: UUID) -> MappingRule:
        """Return one of the tenant's rules, or raise Http404."""
        return get_object_or_404(self.tenant.mapping_rules, pk=rule_id)

    def save(self, rule: MappingRule, values: dict[str, Any]) -> MappingRule:
        """Give `rule` the `values` of a body, and save it."""
        for name, value in values.items():
            setattr(rule, name, value)
        return save_rule(rule)


class MappingRuleList(MappingRulesView):
    @extend_schema(parameters=[MappingRuleQuery], responses=MappingRuleSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the mapping rules, the latest first."""
        part = self.query(MappingRuleQuery).get("name", "")
        return self.page(self.tenant.mapping_rules.filter(name__icontains=part), MappingRuleSerializer)

    @extend_schema(request=MappingRuleSerializer, responses={201: MappingRuleSerializer})
    def post(self, request: Request) -> Response:
        """Create a mapping rule."""
        rule = self.save(MappingRule(tenant=self.tenant), self.body(MappingRuleSerializer))
        return self.made(rule, MappingRuleSerializer, "api-mapping-rule", rule.pk)


class MappingRuleDetail(MappingRulesView):
    @extend_schema(responses=MappingRuleSerializer)
    def get(self, request: Request, rule_id: UUID) -> Response:
        """Read a mapping rule."""
        return Response(self.shown(MappingRuleSerializer, self.mapping_rule(rule_id)))

    @extend_schema(request=MappingRuleSerializer, responses=MappingRuleSerializer)
    def patch(self, request: Request, rule_id: UUID) -> Response:
        """Change a mapping rule; `variables`, if given, replace those it had. Imports that ran stay as they are."""
        rule = self.save(self.mapping_rule(rule_id), self.body(MappingRuleSerializer, partial=True))
        return Response(self.shown(MappingRuleSerializer, rule))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, rule_id: UUID) -> Response:
        """Delete a mapping rule. Imports that ran by it keep its name."""
        delete_rule(self.mapping_rule(rule_id))
        return Response(status=204)
