"""Where the REST views of marketing stand, below /api/v1/."""

from django.urls import path

from .api import TaskCopy, TaskDetail, TaskList, TaskMove, TemplateCopy, TemplateDetail, TemplateList
from .opt_out_api import OptOutBatchView, OptOutDetail, OptOutList, OptOutsDelete
from .recipient_api import RecipientBatchView, RecipientDetail, RecipientList, RecipientsDelete
from .tasks import MOVES
from .trial_api import AddressTry, MessagePreview, TemplatePreview

TASK = "marketing-tasks/<uuid:task_id>/"
TEMPLATES = "message-templates/"
TEMPLATE = f"{TEMPLATES}<uuid:template_id>/"

urlpatterns = [
    path("marketing-tasks/", TaskList.as_view(), name="api-tasks"),
    path(TASK, TaskDetail.as_view(), name="api-task"),
    *(path(f"{TASK}{action}/", TaskMove.as_view(action=action), name=f"api-task-{action}") for action in MOVES),
    path(f"{TASK}copy/", TaskCopy.as_view(), name="api-task-copy"),
    path(f"{TASK}recipients/", RecipientList.as_view(), name="api-recipients"),
    path(f"{TASK}recipients/batch/", RecipientBatchView.as_view(), name="api-recipients-batch"),
    path(f"{TASK}recipients/delete/", RecipientsDelete.as_view(), name="api-recipients-delete"),
    path(f"{TASK}recipients/try/", AddressTry.as_view(), name="api-recipient-try"),
    path(f"{TASK}recipients/<int:recipient_id>/", RecipientDetail.as_view(), name="api-recipient"),
    path("opt-outs/", OptOutList.as_view(), name="api-opt-outs"),
    path("opt-outs/batch/", OptOutBatchView.as_view(), name="api-opt-outs-batch"),
    path("opt-outs/delete/", OptOutsDelete.as_view(), name="api-opt-outs-delete"),
    path("opt-outs/<int:opt_out_id>/", OptOutDetail.as_view(), name="api-opt-out"),
    path(TEMPLATES, TemplateList.as_view(), name="api-message-templates"),
    path(f"{TEMPLATES}preview/", MessagePreview.as_view(), name="api-message-preview"),
    path(TEMPLATE, TemplateDetail.as_view(), name="api-message-template"),
    path(f"{TEMPLATE}copy/", TemplateCopy.as_view(), name="api-message-template-copy"),
    path(f"{TEMPLATE}preview/", TemplatePreview.as_view(), name="api-message-template-preview"),
]
