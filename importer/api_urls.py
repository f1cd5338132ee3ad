"""Where the REST views of imports stand, below /api/v1/."""

from django.urls import path

from .api import ImportCancel, ImportDetail, ImportList, ImportTemplate, TaskImports
from .check_api import ImportCheck
from .export_api import OptOutsExport, OptOutsImport, RecipientsExport
from .mapping_api import MappingRuleDetail, MappingRuleList
from .row_api import RejectedRowsView, UnprocessedRowsView
from .schedule_api import ImportApprove, ImportDiscard, ScheduleDetail, ScheduleList, ScheduleRun
from .server_api import (
    FileServerDetail,
    FileServerFiles,
    FileServerHostKey,
    FileServerList,
    FileServerTest,
)
from .states import Outcome

TASK, IMPORT = "marketing-tasks/<uuid:task_id>/", "imports/<uuid:batch_id>/"
SCHEDULE = f"{TASK}scheduled-imports/<uuid:schedule_id>/"
SERVER = "file-servers/<uuid:file_server_id>/"

urlpatterns = [
    path(f"{TASK}import-template/", ImportTemplate.as_view(), name="api-import-template"),
    path(f"{TASK}imports/", TaskImports.as_view(), name="api-task-imports"),
    path(f"{TASK}imports/check/", ImportCheck.as_view(), name="api-import-check"),
    path(f"{TASK}recipients/export/", RecipientsExport.as_view(), name="api-recipients-export"),
    path("opt-outs/export/", OptOutsExport.as_view(), name="api-opt-outs-export"),
    path("opt-outs/import/", OptOutsImport.as_view(), name="api-opt-outs-import"),
    path("imports/", ImportList.as_view(), name="api-imports"),
    path(IMPORT, ImportDetail.as_view(), name="api-import"),
    path(f"{IMPORT}cancel/", ImportCancel.as_view(), name="api-import-cancel"),
    path(f"{IMPORT}approve/", ImportApprove.as_view(), name="api-import-approve"),
    path(f"{IMPORT}discard/", ImportDiscard.as_view(), name="api-import-discard"),
    path(f"{TASK}scheduled-imports/", ScheduleList.as_view(), name="api-scheduled-imports"),
    path(SCHEDULE, ScheduleDetail.as_view(), name="api-scheduled-import"),
    path(f"{SCHEDULE}run/", ScheduleRun.as_view(), name="api-scheduled-import-run"),
    path("mapping-rules/", MappingRuleList.as_view(), name="api-mapping-rules"),
    path("mapping-rules/<uuid:rule_id>/", MappingRuleDetail.as_view(), name="api-mapping-rule"),
    *(
        path(f"{IMPORT}{outcome}-rows/", RejectedRowsView.as_view(outcome=outcome), name=f"api-{outcome}-rows")
        for outcome in Outcome.values
    ),
    path(f"{IMPORT}unprocessed-rows/", UnprocessedRowsView.as_view(), name="api-unprocessed-rows"),
    path("file-servers/", FileServerList.as_view(), name="api-file-servers"),
    path(SERVER, FileServerDetail.as_view(), name="api-file-server"),
    path(f"{SERVER}test/", FileServerTest.as_view(), name="api-file-server-test"),
    path(f"{SERVER}host-key/", FileServerHostKey.as_view(), name="api-file-server-host-key"),
    path(f"{SERVER}files/", FileServerFiles.as_view(), name="api-file-server-files"),
]
