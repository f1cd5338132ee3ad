"""SSH keys as people give and compare them: a private key to sign in with, a host key by its fingerprint."""

import asyncssh
from django.utils.translation import gettext_lazy as _

from tenants.refusals import declare, refusal

RSA = ["rsa-sha2-512", "rsa-sha2-256"]
ALGORITHMS = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", *RSA]

declare(
    {
        "private_key_format": _(
            "The private key cannot be read. Paste the whole file, from “-----BEGIN” to “-----END ... KEY-----”."
        ),
        "private_key_passphrase": _("The private key is protected, and the passphrase does not open it."),
    }
)


def check_private_key(text: str, passphrase: str) -> None:
    """Raise ValidationError when no private key can be made of `text`: private_key_format, private_key_passphrase."""
    private_key_of(text, passphrase)


def fingerprint_of(host_key: str) -> str:
    """Return a stored host key as people compare it: "SHA256:..."; "" for none."""
    return asyncssh.import_public_key(host_key).get_fingerprint("sha256") if host_key else ""


def private_key_of(text: str, passphrase: str) -> asyncssh.SSHKey:
    """Return the key that `text` holds, or raise ValidationError as `check_private_key`."""
    try:
        return asyncssh.import_private_key(text.strip() + "\n", passphrase or None)
    except asyncssh.KeyEncryptionError:
        raise refusal("private_key_passphrase") from None
    except asyncssh.KeyImportError as error:
        is_locked = bool(passphrase) or "passphrase" in str(error).lower()
        raise refusal("private_key_passphrase" if is_locked else "private_key_format") from None


def algorithms_of(host_key: str) -> list[str]:
    """Return what the server may sign with, what fits the pinned key first, so that it shows that one if it has it."""
    if not host_key:
        return ALGORITHMS
    kind = asyncssh.import_public_key(host_key).algorithm.decode()
    return sorted(ALGORITHMS, key=lambda algorithm: algorithm not in (RSA if kind == "ssh-rsa" else [kind]))
