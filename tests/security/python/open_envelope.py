"""Opens sealed values from the description in docs/architecture.md, "The envelope", and from nothing else.

Reads a JSON list of {key, envelope, purpose, user, provider, account, state_hash}. Writes a list of
{plaintext, associated_data}; the plaintext of a value that does not open is null.
"""

import base64
import hashlib
import json
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT, NONCE = 16, 12


def field(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(4, "big") + data


def associated_data(kid: str, value: dict) -> bytes:
    fields = ["v1", kid, value["purpose"], value["user"], value["provider"], value["account"] or ""]
    if value["purpose"] == "code_verifier":
        fields.append(value["state_hash"])
    return b"".join(map(field, fields))


def open_envelope(value: dict) -> dict:
    master_key = base64.b64decode(value["key"], validate=True)
    version, kid, payload = value["envelope"].split(".")
    bound_to = associated_data(kid, value)
    opened = {"plaintext": None, "associated_data": bound_to.hex()}
    if version != "v1" or kid != hashlib.sha256(master_key).hexdigest()[:8]:
        return opened
    sealed = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    salt, nonce, rest = sealed[:SALT], sealed[SALT : SALT + NONCE], sealed[SALT + NONCE :]
    info = f"calendar-connect/v1/{value['purpose']}".encode()
    data_key = HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(master_key)
    try:
        # AESGCM takes ciphertext and tag as one.
        opened["plaintext"] = AESGCM(data_key).decrypt(nonce, rest, bound_to).decode()
    except InvalidTag:
        pass
    return opened


if __name__ == "__main__":
    json.dump([open_envelope(value) for value in json.load(sys.stdin)], sys.stdout)
