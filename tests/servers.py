"""Message servers for tests: nats-server with the configurations that ship, certificates, and links
between them that can be cut."""
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

CONFIGS = Path(__file__).resolve().parent.parent / "tools" / "tiers"
PASSWORD = "a secret"


def can_run():
    return shutil.which("nats-server") and shutil.which("openssl")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(good, seconds, step=0.1):
    """Whether `good()` became true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if good():
            return True
        time.sleep(step)
    return good()


class Certificates:
    """An authority and one certificate for 127.0.0.1."""

    def __init__(self, folder):
        folder.mkdir(parents=True)
        self.ca, self.cert, self.key = (folder / n for n in ("ca.pem", "cert.pem", "key.pem"))
        (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        for args in (["req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj",
                      "/CN=tiers", "-days", "30"],
                     ["req", *new, "-keyout", "key.pem", "-out", "req.pem", "-subj", "/CN=node"],
                     ["x509", "-req", "-in", "req.pem", "-CA", "ca.pem", "-CAkey", "ca.key",
                      "-out", "cert.pem", "-days", "30", "-extfile", "names"]):
            subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)


class Link:
    """A TCP relay to a port of this machine, which can be cut."""

    def __init__(self, target):
        self.target, self.port, self.pairs, self.is_up = target, free_port(), [], True
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if not self.is_up:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 2)
            except OSError:
                client.close()
                continue
            self.pairs.append((client, server))
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(a, b), daemon=True).start()

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        for s in (source, target):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.is_up = False
        for pair in self.pairs:
            for s in pair:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self.pairs = []

    def mend(self):
        self.is_up = True


class Server:
    """A nats-server with one of the configurations that ship."""

    def __init__(self, config, folder, certificates, upper=None, user=None):
        self.config, self.folder, self.process = CONFIGS / f"{config}.conf", Path(folder), None
        self.folder.mkdir(parents=True)
        self.port, self.leaf_port = free_port(), free_port()
        self.certificates = certificates
        values = {"LISTEN": f"127.0.0.1:{self.port}", "STORE": self.folder / "store",
                  "LEAF_LISTEN": f"127.0.0.1:{self.leaf_port}", "CERT": certificates.cert,
                  "KEY": certificates.key, "CA": certificates.ca, "PASSWORD": PASSWORD,
                  "LOWER_PASSWORD": "lower", "SENSOR_PASSWORD": PASSWORD,
                  "COLLECTOR_PASSWORD": PASSWORD,
                  "UPPER": f"tls://{user}:lower@127.0.0.1:{upper.port if upper else 1}"}
        self.environment = {f"TIER_{k}": f"'{v}'" for k, v in values.items()}

    def start(self):
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(["nats-server", "-c", self.config], stderr=log,
                                            stdout=log, env={**os.environ, **self.environment})
        return self.is_there()

    def is_there(self):
        return wait_for(lambda: can_connect(self.port), 20)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def settings(self, folder, user="tier"):
        """"nats" of a tier.json in `folder`."""
        (folder / "password").write_text(PASSWORD + "\n")
        os.chmod(folder / "password", 0o600)
        return {"url": f"tls://127.0.0.1:{self.port}", "user": user,
                "password_file": "password", "ca": str(self.certificates.ca),
                "cert": str(self.certificates.cert), "key": str(self.certificates.key)}

    def talk(self, user, password, *commands, certificate=True):
        """Speaks NATS for a moment; everything the server says."""
        context = ssl.create_default_context(cafile=self.certificates.ca)
        if certificate:
            context.load_cert_chain(self.certificates.cert, self.certificates.key)
        plain = socket.create_connection(("127.0.0.1", self.port), 5)
        told = plain.recv(65536)
        try:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as s:
                connect = ('CONNECT {"user":"%s","pass":"%s","verbose":false,"pedantic":false}'
                           % (user, password))
                s.sendall("\r\n".join([connect, *commands, "PING", ""]).encode())
                s.settimeout(1)
                while data := s.recv(65536):
                    told += data
        except (ssl.SSLError, OSError) as error:
            told += f" [{type(error).__name__}]".encode()
        return told.decode(errors="replace")


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False
