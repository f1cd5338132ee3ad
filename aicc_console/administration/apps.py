"""The system administrator's side: tenant spaces, system parameters, the Address Trustlist, and how the console is."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "aicc_console.administration"
