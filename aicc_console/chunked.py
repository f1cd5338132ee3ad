"""A body that comes in chunks, without a length, gets one: Django takes of a body only what Content-Length says."""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

READ_BYTES = 64 * 1024

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Measured:
    """A WSGI application whose bodies all have a length.

    Of a chunked body `most` bytes are read and one more: then it is too large for everybody, and refused as such.
    The web server tells a body that broke off from one that ended, and raises.
    """

    def __init__(self, application: Application, *, most: int) -> None:
        self.application, self.most = application, most

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" in environ:
            self._measure(environ)
        return self.application(environ, start_response)

    def _measure(self, environ: dict[str, Any]) -> None:
        body: Any = SpooledTemporaryFile(max_size=READ_BYTES)  # noqa: SIM115  closed with the request
        _copy(environ["wsgi.input"], body, self.most + 1)
        environ |= {"CONTENT_LENGTH": str(body.tell()), "wsgi.input": body}
        body.seek(0)


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    while size > 0 and (block := source.read(min(READ_BYTES, size))):
        target.write(block)
        size -= len(block)
