"""Certificates made for a test: an authority, and what it signs for a broker or for us."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM."""

    certificate: str
    key: str


def key_pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes = b"") -> str:
    encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


def new_key(passphrase: bytes = b"") -> str:
    return key_pem(ec.generate_private_key(ec.SECP256R1()), passphrase)


class Authority:
    """Signs certificates. plain: as short manuals tell it, without the extensions that RFC 5280 asks for."""

    def __init__(self, plain: bool = False) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
        self._plain = plain
        builder = self._begin(self._name, self._key.public_key(), DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        if not plain:
            builder = builder.add_extension(SIGNS, critical=True)
            subject = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
            builder = builder.add_extension(subject, critical=False)
        self.certificate = self._sign(builder)

    def issue(self, name: str, lasts: timedelta = DAY) -> Pair:
        """For a host name or address, valid from ten days ago; a negative `lasts` makes one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        numeric = name.replace(".", "").isdigit()
        place = x509.IPAddress(ip_address(name)) if numeric else x509.DNSName(name)
        builder = self._begin(subject, key.public_key(), lasts)
        builder = builder.add_extension(x509.SubjectAlternativeName([place]), critical=False)
        if not self._plain:
            ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
            builder = builder.add_extension(ours, critical=False)
        return Pair(self._sign(builder), key_pem(key))

    def _begin(
        self, subject: x509.Name, public: ec.EllipticCurvePublicKey, lasts: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 10 * DAY)
            .not_valid_after(now + lasts)
        )

    def _sign(self, builder: x509.CertificateBuilder) -> str:
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
