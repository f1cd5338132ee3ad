"""What makes a table tenant-owned: the key, the manager, the foreign key that cannot cross tenants."""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django_scopes import ScopedManager

from .scoping import CURRENT_TENANT, current_tenant_id


class CurrentTenant(models.Func):
    """The DEFAULT of every tenant_id, so that COPY and raw INSERT fill it too."""

    template = CURRENT_TENANT
    output_field = models.UUIDField()


class TenantKey(models.ForeignKey):
    """`tenant = TenantKey(related_name="marketing_tasks")`; nobody ever writes a tenant_id."""

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "to": "tenants.Tenant",
            "on_delete": models.PROTECT,
            "editable": False,
            "db_index": False,
            "default": current_tenant_id,
            "db_default": CurrentTenant(),
        }
        super().__init__(**(defaults | options))


class SameTenant(models.BaseConstraint):
    """A row and its parent have one tenant: FOREIGN KEY (tenant_id, parent_id). Replaces Django's own constraint."""

    def __init__(self, *, parent: str, name: str) -> None:
        super().__init__(name=name)
        self.parent = parent

    def constraint_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override]
        field: Any = model._meta.get_field(self.parent)
        target, quote = field.remote_field.model._meta, schema_editor.quote_name
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY (tenant_id, {quote(field.column)}) "
            f"REFERENCES {quote(target.db_table)} (tenant_id, {quote(target.pk.column)})"
        )

    def create_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override]
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override]
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.name))
        return f"ALTER TABLE {table} DROP CONSTRAINT {name}"

    def validate(self, *args: Any, **options: Any) -> None:
        """The database judges."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, _, options = super().deconstruct()
        return path, (), {**options, "parent": self.parent}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameTenant) and self.deconstruct() == other.deconstruct()

    __hash__ = models.BaseConstraint.__hash__


class TenantOwned(models.Model):
    """Base of every tenant-owned model. Subclasses add `tenant = TenantKey(related_name=...)`."""

    objects: Any = ScopedManager(tenant="tenant")

    class Meta:
        abstract = True
