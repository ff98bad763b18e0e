"""What messages are sent to in tests: an HTTPS endpoint with a certificate of its own CA, and a mail server."""

import base64
import datetime
import email
import http.server
import ipaddress
import json
import socketserver
import ssl
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Hook:
    """Takes every POST, and answers what it is told to."""

    def __init__(self, home):
        self.posts = []
        self.status = 200
        certificate, key, self.ca = issued(home)
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.posts.append((self.path, dict(self.headers), body.decode()))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def bodies(self, path, kind="Notification"):
        """The messages of one kind that came to a path."""
        found = [json.loads(body) for at, _, body in list(self.posts) if at == path]
        return [body for body in found if body.get("Type") == kind]


class MailServer:
    """Takes every mail."""

    def __init__(self):
        self.mails = []
        mails = self.mails

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 ready\r\n")
                lines, in_data = [], False
                for line in self.rfile:
                    line = line.decode().rstrip("\r\n")
                    if in_data and line != ".":
                        lines.append(line)
                        continue
                    if in_data:
                        mails.append(email.message_from_string("\n".join(lines)))
                        in_data = False
                        self.wfile.write(b"250 queued\r\n")
                    elif line == "DATA":
                        in_data = True
                        self.wfile.write(b"354 go ahead\r\n")
                    elif line == "QUIT":
                        return
                    else:
                        self.wfile.write(b"250 ok\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def issued(home):
    """Files with a certificate for 127.0.0.1, its key, and the CA that signed it."""
    now = datetime.datetime.now(datetime.UTC)

    def certificate(name, key, issuer, signer, extension):
        names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in (name, issuer)]
        made = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1])
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        return made.add_extension(extension, critical=False).sign(signer, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = certificate("CA", ca_key, "CA", ca_key, x509.BasicConstraints(ca=True, path_length=None))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = certificate("hook", key, "CA", ca_key, names)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files = []
    for name, content in [("hook.pem", leaf.public_bytes(pem)), ("hook.key", private), ("ca.pem", ca.public_bytes(pem))]:
        (home / name).write_bytes(content)
        files.append(home / name)
    return files


def text_of(mail):
    """The text of a mail, which is base64."""
    return base64.b64decode(mail.get_payload()).decode()


def until(look):
    """What `look` gives, as soon as it is something."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to that")
