"""Where Home and the pages of imports and mapping rules stand, after the guide's menu paths."""

from django.urls import path

from .views import (
    file_servers,
    home,
    importing,
    mapping_rules,
    opt_outs,
    recipients,
    results,
    rule_choice,
    schedules,
)

app_name = "importer"
TASK = "outbound-call/mmarketing/<uuid:task_id>/"
RULES = "configuration-center/mapping-rule/"
RULE = RULES + "<uuid:rule_id>/"
OPT_OUTS = "outbound-call/opt-outs/"
SERVER = "configuration-center/file-server/<uuid:file_server_id>/"
SCHEDULE = TASK + "scheduled-imports/<uuid:schedule_id>/"
IMPORT = TASK + "imports/<uuid:batch_id>/"

urlpatterns = [
    path("", home.home, name="home"),
    path(TASK + "import/", importing.import_data, name="import-data"),
    path(TASK + "import/check/", importing.import_check, name="import-check"),
    path(TASK + "import/folder/", importing.import_folder, name="import-folder"),
    path(TASK + "import/template/", importing.import_template, name="import-template"),
    path(TASK + "import/rule/", rule_choice.import_rule, name="import-rule"),
    path(TASK + "import/rule/create/", rule_choice.import_rule_create, name="import-rule-create"),
    path(TASK + "recipients.<str:file_type>", recipients.recipients_export, name="recipients-export"),
    path("outbound-call/mmarketing/import-result/", results.all_imports, name="all-imports"),
    path(TASK + "imports/", results.import_list, name="imports"),
    path(OPT_OUTS + "import/", opt_outs.opt_outs_import, name="opt-outs-import"),
    path(OPT_OUTS + "opt-outs.csv", opt_outs.opt_outs_export, name="opt-outs-export"),
    path(IMPORT, results.import_detail, name="import"),
    path(IMPORT + "progress/", results.import_progress, name="import-progress"),
    path(IMPORT + "cancel/", results.import_cancel, name="import-cancel"),
    path(IMPORT + "approve/", schedules.import_approve, name="import-approve"),
    path(IMPORT + "discard/", schedules.import_discard, name="import-discard"),
    path(TASK + "scheduled-imports/", schedules.schedule_list, name="scheduled-imports"),
    path(TASK + "scheduled-imports/create/", schedules.schedule_create, name="scheduled-import-create"),
    path(SCHEDULE + "edit/", schedules.schedule_edit, name="scheduled-import-edit"),
    path(SCHEDULE + "switch/", schedules.schedule_switch, name="scheduled-import-switch"),
    path(SCHEDULE + "run/", schedules.schedule_run, name="scheduled-import-run"),
    path(SCHEDULE + "delete/", schedules.schedule_delete, name="scheduled-import-delete"),
    path(IMPORT + "<str:outcome>-rows/", results.rejected_rows, name="rejected-rows"),
    path(IMPORT + "<str:outcome>-rows.<str:file_type>", results.rows_download, name="rows-download"),
    path(RULES, mapping_rules.rule_list, name="mapping-rules"),
    path(RULES + "create/", mapping_rules.rule_create, name="mapping-rule-create"),
    path(RULE, mapping_rules.rule_detail, name="mapping-rule"),
    path(RULE + "edit/", mapping_rules.rule_edit, name="mapping-rule-edit"),
    path(RULE + "delete/", mapping_rules.rule_delete, name="mapping-rule-delete"),
    path("configuration-center/file-server/", file_servers.server_list, name="file-servers"),
    path("configuration-center/file-server/create/", file_servers.server_create, name="file-server-create"),
    path(SERVER, file_servers.server_detail, name="file-server"),
    path(SERVER + "edit/", file_servers.server_edit, name="file-server-edit"),
    path(SERVER + "delete/", file_servers.server_delete, name="file-server-delete"),
    path(SERVER + "test/", file_servers.server_test, name="file-server-test"),
    path(SERVER + "host-key/", file_servers.server_host_key, name="file-server-host-key"),
    path(SERVER + "files/", file_servers.server_files, name="file-server-files"),
]
