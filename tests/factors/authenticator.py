"""An authenticator in software: what a browser and a security key do (WebAuthn)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.settings import TESTING

ORIGIN = TESTING["apiserver.issuer"]
RP_ID = ORIGIN.removeprefix("https://")
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ES256 = ec.ECDSA(hashes.SHA256())


def encoded(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """Has one passkey; tests change what it says of itself.

    ``count`` goes up with each signature; a synced passkey keeps it at 0.
    """

    def __init__(self, *, is_synced=False):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = token_bytes(16)
        self.is_synced = is_synced
        self.count = 0
        self.handle = None
        self.origin = ORIGIN
        self.rp_id = RP_ID
        self.flags = PRESENT | VERIFIED

    def create(self, options):
        """Return what ``navigator.credentials.create()`` does, as JSON."""
        self.handle = options["user"]["id"]
        data = self.data(ATTESTED) + self.attested()
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        return self.credential(
            clientDataJSON=self.client_data("webauthn.create", options),
            attestationObject=encoded(cbor2.dumps(attestation)),
        )

    def get(self, options):
        """Return what ``navigator.credentials.get()`` does, as JSON."""
        if not self.is_synced:
            self.count += 1
        client_data = self.client_data("webauthn.get", options)
        data = self.data()
        signed = data + sha256(decoded(client_data)).digest()
        return self.credential(
            clientDataJSON=client_data,
            authenticatorData=encoded(data),
            signature=encoded(self.key.sign(signed, ES256)),
            userHandle=self.handle,
        )

    def credential(self, **response):
        return {
            "id": encoded(self.id),
            "rawId": encoded(self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": response,
        }

    def client_data(self, kind, options):
        said = {
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        return encoded(json.dumps(said).encode())

    def data(self, more=0):
        """Return the authenticator data (WebAuthn section 6.1)."""
        hashed = sha256(self.rp_id.encode()).digest()
        return hashed + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def attested(self):
        """Return the attested credential data (WebAuthn section 6.5.1)."""
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
