"""REST: the rows that an import did not create, as JSON by pages, or whole as .csv and .xlsx."""

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from tenants.refusals import declare, refusal

from . import downloads, results, unprocessed
from .api import ImportsView
from .models import ImportBatch
from .serializers import RejectedRowsQuery, RowSerializer, RowsQuery
from .unprocessed import Place

PLACE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")

declare({"cursor": _("Take the cursor from “next” or “previous” as it is.")})


class RowsView(ImportsView):
    """Rows hold addresses in cells that cannot be told from others, so viewers do not get them."""

    full_addresses = True
    refusals: tuple[int, ...] = (410,)
    ordering = ("row",)
    outcome = ""
    query_kind: type[RowsQuery] = RowsQuery

    @extend_schema(
        responses={
            (200, "application/json"): RowSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, downloads.XLSX): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Read the rows in source order; as a file they can be mended and imported again."""
        batch, wanted = self.batch(batch_id), self.query(self.query_kind)
        self.require_kept(batch)
        code = wanted.get("code", "")
        if wanted["format"] == "json":
            return self.as_json(batch, code)
        return downloads.rows_file(batch, self.outcome, wanted["format"], code=code)

    def require_kept(self, batch: ImportBatch) -> None:
        """Raise ValidationError where the rows cannot be read."""
        raise NotImplementedError

    def as_json(self, batch: ImportBatch, code: str) -> Response:
        """Answer a page of rows."""
        raise NotImplementedError


@extend_schema_view(get=extend_schema(parameters=[RejectedRowsQuery]))
class RejectedRowsView(RowsView):
    """Those that were judged; they are in the database."""

    query_kind = RejectedRowsQuery

    def require_kept(self, batch: ImportBatch) -> None:
        """Raise ValidationError (rows_purged) when the rows are past their retention."""
        if getattr(batch, self.outcome) and not batch.rejected_rows.filter(outcome=self.outcome).exists():
            raise refusal("rows_purged")

    def as_json(self, batch: ImportBatch, code: str) -> Response:
        """Answer a page of rows; `code`: of this reason alone."""
        paginator = self.pagination_class()
        rows = batch.rejected_rows.filter(outcome=self.outcome, **({"code": code} if code else {}))
        page = paginator.paginate_queryset(rows, self.request, view=self)
        shown = [_shown(batch, one.row, one.code, one.reason, one.cells) for one in page]
        return paginator.get_paginated_response(shown)


@extend_schema_view(get=extend_schema(parameters=[RowsQuery]))
class UnprocessedRowsView(RowsView):
    """Those rows are in the spool, not in the database."""

    outcome = "unprocessed"
    refusals = (409, 410)

    def require_kept(self, batch: ImportBatch) -> None:
        """Raise ValidationError: import_not_ended, rows_purged."""
        unprocessed.require_ended(batch)
        if batch.is_purged:
            raise refusal("rows_purged")

    def as_json(self, batch: ImportBatch, code: str) -> Response:
        """Answer a page of rows; its cursor is a place in the spool."""
        size = self.pagination_class().get_page_size(self.request)
        page = unprocessed.page_of(batch, _place(self.request.query_params.get("cursor", "")), size=size)
        shown = [_shown(batch, row.number, "unprocessed", str(results.NOT_REACHED), row.cells) for row in page.rows]
        return Response({"next": self._link(page.next), "previous": self._link(page.previous), "results": shown})

    def _link(self, place: Place | None) -> str | None:
        if place is None:
            return None
        return replace_query_param(self.request.build_absolute_uri(), "cursor", f"{place.chunk}-{place.row}")


def _shown(batch: ImportBatch, row: int, code: str, detail: str, cells: Sequence[str]) -> dict[str, Any]:
    return {"row": row, "code": code, "detail": detail, "cells": dict(_named(batch.layout["header"], cells))}


def _named(header: Sequence[str], cells: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Yield each cell with its column's header; a column without one, or with one that stood before, by its number."""
    for number, (name, text) in enumerate(zip_longest(header, cells, fillvalue=""), start=1):
        if name or text:
            is_first = number > len(header) or header.index(name) == number - 1
            yield name if name and is_first else str(number), text


def _place(cursor: str) -> Place | None:
    if not cursor:
        return None
    found = PLACE.fullmatch(cursor)
    if not found:
        raise ValidationError({"cursor": refusal("cursor")})
    return Place(*map(int, found.groups()))
