"""Recordings of OPC UA: server and client on node-opcua."""
import os
import subprocess

PORT = 4840
NONE = ("None", "None")
SIGN = ("Sign", "Basic256Sha256")
ENCRYPT = tuple(word for policy in ("Basic256Sha256", "Aes128_Sha256_RsaOaep",
                                    "Aes256_Sha256_RsaPss")
                for word in ("SignAndEncrypt", policy))


class Plant:
    """A server and a client that have their keys."""

    def __init__(self, lab, programs, *options):
        self.programs, self.keys = programs, os.path.join(programs.folder, "keys")
        self.server, self.station = lab.host("10.10.1.41"), lab.host("10.10.5.40")
        self.url = "opc.tcp://%s:%d/plant" % (self.server.ip, PORT)
        self.server.serve(PORT, *self.named("pumphouse", programs.node(
            "opcua-server.js", self.server.ip, PORT, self.folder("server"), *options)))

    @staticmethod
    def named(name, words):
        """Certificates and endpoints carry the name of the host."""
        return ["unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"', name, *words]

    def folder(self, name):
        return os.path.join(self.keys, name)

    def client(self, what, *security):
        return self.named("station", self.programs.node(
            "opcua-client.js", what, self.url, self.folder("client"), *security))

    def run(self, what, *security):
        self.station.run(*self.client(what, *security))


def opcua_none(lab, programs, path):
    plant = Plant(lab, programs)
    recording = lab.record(path)
    plant.run("tour", *NONE)
    recording.stop()


def opcua_sign(lab, programs, path):
    plant = Plant(lab, programs)
    recording = lab.record(path)
    plant.run("tour", *SIGN)
    recording.stop()


def opcua_encrypted(lab, programs, path):
    plant = Plant(lab, programs)
    recording = lab.record(path)
    plant.run("short", *ENCRYPT)
    recording.stop()


def opcua_users(lab, programs, path):
    """Who may log in, on a channel without security and on a signed one."""
    plant = Plant(lab, programs)
    recording = lab.record(path)
    plant.run("users", *NONE, *SIGN)
    recording.stop()


def opcua_clear(lab, programs, path):
    """A server that takes passwords in clear."""
    plant = Plant(lab, programs, "clear")
    recording = lab.record(path)
    plant.run("clear", *NONE)
    recording.stop()


def joined_late(lab, programs, path, *channels):
    """The recording begins when the sessions have been open for a while."""
    plant = Plant(lab, programs)
    polls = [plant.station.start(*plant.client("poll", *security), stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL) for security in channels]
    for poll in polls:
        if not any(b"under way" in line for line in poll.stdout):
            raise RuntimeError("no session")
    recording = lab.record(path)
    for poll in polls:
        poll.wait(60)
    recording.stop()


def opcua_midstream(lab, programs, path):
    joined_late(lab, programs, path, NONE)


def opcua_midstream_secure(lab, programs, path):
    """One channel signs, one encrypts as well."""
    joined_late(lab, programs, path, SIGN, ENCRYPT[:2])


def opcua_errors(lab, programs, path):
    """What the server answers with an error message, or not at all."""
    plant = Plant(lab, programs)
    recording = lab.record(path)
    plant.station.run(*programs.node("opcua-strange.js", plant.server.ip, PORT))
    recording.stop()


def opcua_reverse(lab, programs, path):
    """The server connects to the client."""
    station_url = "opc.tcp://10.10.5.40:%d" % PORT
    plant = Plant(lab, programs, "reverse", station_url)
    recording = lab.record(path)
    plant.station.run(*plant.client("reverse", station_url))
    recording.stop()


def opcua_services(lab, programs, path):
    """Every service, with contents that no client thinks of."""
    server, station = lab.host("10.10.1.42"), lab.host("10.10.5.40")
    server.serve(PORT, *programs.node("opcua-bodies.js", "server", PORT, 3))
    recording = lab.record(path)
    station.run(*programs.node("opcua-bodies.js", "client", server.ip, PORT, 3))
    recording.stop()


RECORDINGS = {"opcua-none": opcua_none, "opcua-sign": opcua_sign,
              "opcua-encrypted": opcua_encrypted, "opcua-users": opcua_users,
              "opcua-clear": opcua_clear, "opcua-midstream": opcua_midstream,
              "opcua-midstream-secure": opcua_midstream_secure,
              "opcua-errors": opcua_errors, "opcua-reverse": opcua_reverse,
              "opcua-services": opcua_services}
