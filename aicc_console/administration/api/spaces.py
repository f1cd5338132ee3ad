"""REST: tenant spaces and their features."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aicc_console.administration.figures import figures_of, with_administrators
from aicc_console.administration.switching import switch_feature, switch_space
from tenants.bodies import StrictSerializer, Text, YesOrNo
from tenants.features import Feature
from tenants.models import Tenant
from tenants.refusals import renaming
from tenants.rest import SystemView
from tenants.spaces import create_space, edit_space


class Features(serializers.Serializer):
    """{feature: whether it is on}."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return a field for each feature."""
        return {feature.value: serializers.BooleanField() for feature in Feature}


class FeaturesRequest(StrictSerializer):
    """{feature: whether it is to be on}, those that change; and whether running tasks may be suspended for it."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return a field for each feature, and suspend_tasks."""
        fields: dict[str, serializers.Field] = {feature.value: YesOrNo(required=False) for feature in Feature}
        told = "True: running tasks that need a feature that goes off are suspended. Else they are a conflict (409)."
        return fields | {"suspend_tasks": YesOrNo(required=False, default=False, help_text=told)}


class SpaceSerializer(serializers.Serializer):
    """A tenant space with what a system administrator may know of it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    is_active = serializers.BooleanField()
    features = serializers.SerializerMethodField()
    administrators = serializers.IntegerField(help_text="Tenant administrators who can sign in.")
    running_tasks = serializers.IntegerField()
    running_imports = serializers.IntegerField()
    last_import_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    @extend_schema_field(Features)
    def get_features(self, space: Tenant) -> dict[str, bool]:
        """Return {feature: whether it is on}."""
        return {feature.value: getattr(space, feature) for feature in Feature}

    def to_representation(self, instance: Tenant) -> Any:
        """Add the figures, read for this tenant space alone."""
        figures: Any = figures_of(instance)
        for name in ("running_tasks", "running_imports", "last_import_at"):
            setattr(instance, name, getattr(figures, name))
        return super().to_representation(instance)


class SpaceQuery(StrictSerializer):
    """Filters of the list."""

    is_active = serializers.BooleanField(required=False)
    name = Text(required=False, help_text="A part of the name.")


class FirstAdministrator(StrictSerializer):
    """The first administrator of a new tenant space."""

    username = Text(max_length=150)
    full_name = Text(max_length=100, required=False, allow_blank=True)
    email = Text(max_length=254, required=False, allow_blank=True)


OF_ADMINISTRATOR = {name: f"administrator.{name}" for name in ("username", "full_name", "email")}


class SpaceChanges(StrictSerializer):
    """What can be changed of a tenant space."""

    name = Text(max_length=100)
    time_zone = Text(max_length=64, help_text="A name such as Asia/Shanghai.")
    is_active = YesOrNo(help_text="False: nobody of it gets in, and its imports stop.")


class NewSpace(StrictSerializer):
    """A tenant space to be made."""

    name = Text(max_length=100)
    time_zone = Text(max_length=64, default="UTC", help_text="A name such as Asia/Shanghai.")
    administrator = FirstAdministrator()


class MadeSpace(SpaceSerializer):
    """A new tenant space, and once the first password of its administrator."""

    first_password = serializers.CharField(help_text="Shown once; it only serves to choose another one.")


class SpacesView(SystemView):
    """Base of what is about tenant spaces."""

    tag = "tenant spaces"

    def space(self, space_id: UUID) -> Tenant:
        """Return a tenant space, or raise Http404."""
        return get_object_or_404(with_administrators(Tenant.objects.all()), pk=space_id)


class SpaceList(SpacesView):
    @extend_schema(operation_id="system_tenants_list", parameters=[SpaceQuery], responses=SpaceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the tenant spaces, the latest first."""
        lookups = {"name": "name__icontains", "is_active": "is_active"}
        chosen = {lookups[name]: value for name, value in self.query(SpaceQuery).items()}
        return self.page(with_administrators(Tenant.objects.filter(**chosen)), SpaceSerializer)

    @extend_schema(operation_id="system_tenants_create", request=NewSpace, responses={201: MadeSpace})
    def post(self, request: Request) -> Response:
        """Make a tenant space with its first administrator, whose first password is in this answer only."""
        with renaming(OF_ADMINISTRATOR):
            space, _person, password = create_space(**self.body(NewSpace))
        made: Any = self.space(space.pk)
        made.first_password = password
        return self.made(made, MadeSpace, "api-system-tenant", space.pk)


class SpaceDetail(SpacesView):
    @extend_schema(operation_id="system_tenants_read", responses=SpaceSerializer)
    def get(self, request: Request, space_id: UUID) -> Response:
        """Read a tenant space."""
        return Response(self.shown(SpaceSerializer, self.space(space_id)))

    @extend_schema(operation_id="system_tenants_update", request=SpaceChanges, responses=SpaceSerializer)
    def patch(self, request: Request, space_id: UUID) -> Response:
        """Change name or time zone, disable or enable."""
        space, changes = self.space(space_id), self.body(SpaceChanges, partial=True)
        is_active = changes.pop("is_active", space.is_active)
        edit_space(space, **changes)
        switch_space(space, is_on=is_active)
        return Response(self.shown(SpaceSerializer, space))


class SpaceFeatures(SpacesView):
    @extend_schema(operation_id="system_tenants_features", request=FeaturesRequest, responses=SpaceSerializer)
    def patch(self, request: Request, space_id: UUID) -> Response:
        """Switch features, all or none. One that published tasks need goes off only with suspend_tasks."""
        space, changes = self.space(space_id), self.body(FeaturesRequest)
        may_suspend = changes.pop("suspend_tasks")
        for name, is_on in changes.items():
            switch_feature(space, Feature(name), is_on=is_on, may_suspend=may_suspend)
        return Response(self.shown(SpaceSerializer, space))
