"""Certificates for tests, made by the openssl program."""
import pathlib
import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificate:
    """A certificate with its key, as files and as text."""

    def __init__(self, file, key_file):
        self.file, self.key_file = file, key_file

    @property
    def pem(self):
        return self.file.read_text()

    @property
    def key(self):
        return self.key_file.read_text()

    def upload(self, **more):
        """The body of an upload."""
        return {"certificate": self.pem, "key": self.key, **more}


class Authority(Certificate):
    """Signs certificates; everything lies in one folder."""

    KEYS = {"RSA": ["-newkey", "rsa:2048"], "ECC": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}

    def __init__(self, folder, name="authority"):
        self.folder = pathlib.Path(folder)
        self.name = name
        self._count = 0
        super().__init__(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        _openssl("req", "-x509", *self.KEYS["ECC"], "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", self.key_file,
                 "-out", self.file)

    def issue(self, *names, kind="ECC", common_name=None):
        """A certificate for host names and addresses; without any it is one of a client."""
        self._count += 1
        stem = self.folder / f"{self.name}-{self._count}"
        request, file, key, extensions = (stem.with_suffix(end) for end in (".csr", ".crt", ".key", ".ext"))
        subject = common_name or (names[0] if names else "client")
        alternatives = ",".join(("IP:" if name.replace(".", "").isdigit() else "DNS:") + name for name in names)
        extensions.write_text("basicConstraints=CA:FALSE\n" +
                              (f"subjectAltName={alternatives}\n" if names else "extendedKeyUsage=clientAuth\n"))
        _openssl("req", "-new", *self.KEYS[kind], "-nodes", "-subj", f"/CN={subject}", "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key_file, "-days", "2", "-set_serial",
                 str(1000 + self._count), "-extfile", extensions, "-out", file)
        return Certificate(file, key)
