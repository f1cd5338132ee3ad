"""The one way an entry of the operation log goes: by age, with a floor, under the policy of its table."""

from django.db import migrations

CREATE = """
CREATE FUNCTION purge_log(days integer) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH gone AS (
            DELETE FROM public.tenants_logentry
            WHERE tenant_id IS NOT DISTINCT FROM nullif(current_setting('app.tenant', true), '')::uuid
              AND created_at < now() - make_interval(days => greatest(days, 90)) RETURNING 1)
        SELECT count(*) FROM gone
    $$;
REVOKE ALL ON FUNCTION purge_log(integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_pending_values_and_first_passwords")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION purge_log(integer)")]
