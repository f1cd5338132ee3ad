"""The reaper's only power over all tenants: two ids of imports whose worker is gone. No name, no file, no count."""

from django.db import migrations

STALE = "state IN ('preparing', 'executing') AND lease_until < clock_timestamp()"
CREATE = f"""
CREATE POLICY reaper ON importer_importbatch FOR SELECT TO CURRENT_USER USING ({STALE});
CREATE FUNCTION stale_imports() RETURNS TABLE (tenant_id uuid, import_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT tenant_id, id FROM public.importer_importbatch WHERE {STALE} $$;
REVOKE ALL ON FUNCTION stale_imports() FROM PUBLIC;
"""
DROP = "DROP FUNCTION stale_imports(); DROP POLICY reaper ON importer_importbatch"


class Migration(migrations.Migration):
    dependencies = [("importer", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
