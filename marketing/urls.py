"""Where the pages of marketing stand, after the guide's menu paths."""

from django.urls import path

from .views import (
    message_templates,
    opt_outs,
    previews,
    recipient_deletion,
    recipients,
    task_form,
    task_list,
    tasks,
)

app_name = "marketing"
TASKS = "outbound-call/mmarketing/"
TASK = TASKS + "<uuid:task_id>/"
RECIPIENTS = TASK + "recipients/"
OPT_OUTS = "outbound-call/opt-outs/"
TEMPLATES = "configuration-center/notification-template/"

urlpatterns = [
    path(TASKS, task_list.task_list, name="tasks"),
    path(TASKS + "create/", task_form.task_create, name="task-create"),
    path(TASK, tasks.task_detail, name="task"),
    path(TASK + "edit/", task_form.task_edit, name="task-edit"),
    path(TASK + "publish/", tasks.task_publish, name="task-publish"),
    path(TASK + "suspend/", tasks.task_suspend, name="task-suspend"),
    path(TASK + "resume/", tasks.task_resume, name="task-resume"),
    path(TASK + "complete/", tasks.task_complete, name="task-complete"),
    path(TASK + "copy/", tasks.task_copy, name="task-copy"),
    path(TASK + "delete/", tasks.task_delete, name="task-delete"),
    path(RECIPIENTS, recipients.recipient_list, name="recipients"),
    path(RECIPIENTS + "add/", recipients.recipient_add, name="recipient-add"),
    path(RECIPIENTS + "judge/", recipients.address_judge, name="address-judge"),
    path(RECIPIENTS + "delete/", recipient_deletion.recipients_delete, name="recipients-delete"),
    path(RECIPIENTS + "<int:recipient_id>/edit/", recipients.recipient_edit, name="recipient-edit"),
    path(RECIPIENTS + "<int:recipient_id>/delete/", recipient_deletion.recipient_delete, name="recipient-delete"),
    path(OPT_OUTS, opt_outs.opt_out_list, name="opt-outs"),
    path(OPT_OUTS + "add/", opt_outs.opt_out_add, name="opt-out-add"),
    path(OPT_OUTS + "delete/", opt_outs.opt_outs_delete, name="opt-outs-delete"),
    path(OPT_OUTS + "<int:opt_out_id>/delete/", opt_outs.opt_out_delete, name="opt-out-delete"),
    path(TEMPLATES, message_templates.template_list, name="message-templates"),
    path(TEMPLATES + "create/", message_templates.template_create, name="message-template-create"),
    path(TEMPLATES + "preview/", previews.message_preview, name="message-preview"),
    path(TEMPLATES + "<uuid:template_id>/", message_templates.template_edit, name="message-template-edit"),
    path(TEMPLATES + "<uuid:template_id>/copy/", message_templates.template_copy, name="message-template-copy"),
    path(TEMPLATES + "<uuid:template_id>/delete/", message_templates.template_delete, name="message-template-delete"),
]
