"""The clock's only power over all tenants' webhooks: two ids of those with something due. No address, no event."""

from django.db import migrations

DUE = "state = 'waiting' AND next_try_at < clock_timestamp()"
CREATE = f"""
CREATE POLICY clock ON tenants_webhookdelivery FOR SELECT TO CURRENT_USER USING ({DUE});
CREATE FUNCTION due_webhooks() RETURNS TABLE (tenant_id uuid, webhook_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT DISTINCT tenant_id, webhook_id FROM public.tenants_webhookdelivery WHERE {DUE} $$;
REVOKE ALL ON FUNCTION due_webhooks() FROM PUBLIC;
"""
DROP = "DROP FUNCTION due_webhooks(); DROP POLICY clock ON tenants_webhookdelivery"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0009_webhooks")]
    operations = [migrations.RunSQL(CREATE, DROP)]
