"""What the pages of mapping rules need in their templates."""

from django import template

from importer.columns import letter_of

register = template.Library()
register.filter("column_letter", letter_of)
