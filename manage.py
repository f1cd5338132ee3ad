#!/usr/bin/env python
"""Django's command line for the console."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aicc_console.settings")
    from django.core.management import execute_from_command_line

    from aicc_console.without_servers import provide_settings

    provide_settings("".join(sys.argv[1:2]))
    execute_from_command_line(sys.argv)
