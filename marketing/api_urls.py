"""Where the REST views of marketing stand, below /api/v1/."""

from django.urls import path

from .api import TaskDetail, TaskList, TaskMove, TemplateDetail, TemplateList
from .opt_out_api import OptOutBatchView, OptOutDetail, OptOutList
from .recipient_api import RecipientBatchView, RecipientDetail, RecipientList
from .tasks import MOVES

TASK = "marketing-tasks/<uuid:task_id>/"

urlpatterns = [
    path("marketing-tasks/", TaskList.as_view(), name="api-tasks"),
    path(TASK, TaskDetail.as_view(), name="api-task"),
    *(path(f"{TASK}{action}/", TaskMove.as_view(action=action), name=f"api-task-{action}") for action in MOVES),
    path(f"{TASK}recipients/", RecipientList.as_view(), name="api-recipients"),
    path(f"{TASK}recipients/batch/", RecipientBatchView.as_view(), name="api-recipients-batch"),
    path(f"{TASK}recipients/<int:recipient_id>/", RecipientDetail.as_view(), name="api-recipient"),
    path("opt-outs/", OptOutList.as_view(), name="api-opt-outs"),
    path("opt-outs/batch/", OptOutBatchView.as_view(), name="api-opt-outs-batch"),
    path("opt-outs/<int:opt_out_id>/", OptOutDetail.as_view(), name="api-opt-out"),
    path("message-templates/", TemplateList.as_view(), name="api-message-templates"),
    path("message-templates/<uuid:template_id>/", TemplateDetail.as_view(), name="api-message-template"),
]
