"""Where Home and the pages of imports stand, after the guide's menu paths."""

from django.urls import path

from .views import home, importing, recipients, results

app_name = "importer"
TASK = "outbound-call/mmarketing/<uuid:task_id>/"
IMPORT = TASK + "imports/<uuid:batch_id>/"

urlpatterns = [
    path("", home.home, name="home"),
    path(TASK + "import/", importing.import_data, name="import-data"),
    path(TASK + "import/check/", importing.import_check, name="import-check"),
    path(TASK + "import/template/", importing.import_template, name="import-template"),
    path(TASK + "recipients.<str:file_type>", recipients.recipients_export, name="recipients-export"),
    path(TASK + "imports/", results.import_list, name="imports"),
    path(IMPORT, results.import_detail, name="import"),
    path(IMPORT + "progress/", results.import_progress, name="import-progress"),
    path(IMPORT + "cancel/", results.import_cancel, name="import-cancel"),
    path(IMPORT + "<str:outcome>-rows/", results.rejected_rows, name="rejected-rows"),
    path(IMPORT + "<str:outcome>-rows.<str:file_type>", results.rows_download, name="rows-download"),
]
