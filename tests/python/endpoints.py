"""Servers of an operator's, which Strongroom asks by signed requests, on loopback."""

import datetime
import http.server
import json
import threading

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# AWS's services take a signature for as long.
FRESH = datetime.timedelta(minutes=5)


class Refused(Exception):
    """A request that is not to be answered."""


class Heard:
    """A request as it came."""

    def __init__(self, path, headers, body):
        self.path, self.body = path, body
        self.headers = {name.lower(): value for name, value in headers.items()}


class Verifier:
    """Signature Version 4 as botocore computes it, for who has one key and one name."""

    def __init__(self, key, secret, region, service, host):
        self.key, self.secret = key, secret
        self.region, self.service, self.host = region, service, host

    def verify(self, heard, now=None):
        """Takes a request of the key's, for this host, signed within the last minutes and not changed since."""
        now = now or datetime.datetime.now(datetime.UTC)
        algorithm, _, rest = heard.headers.get("authorization", "").partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        self.must(algorithm == "AWS4-HMAC-SHA256", "no signature")
        date = heard.headers.get("x-amz-date", "")
        signed = parts["SignedHeaders"].split(";")
        self.must({"host", "x-amz-date", "content-type"} <= set(signed), "too little is signed")
        self.must(heard.headers["host"] == self.host, "another host")
        scope = f"{self.key}/{date[:8]}/{self.region}/{self.service}/aws4_request"
        self.must(parts["Credential"] == scope, "another key, Region or service")
        at = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
        self.must(abs(now - at) <= FRESH, "expired")
        self.must(parts["Signature"] == self.signature(heard, signed, date), "another signature")

    def signature(self, heard, signed, date):
        request = AWSRequest(
            "POST",
            f"http://{self.host}{heard.path}",
            headers={name: heard.headers[name] for name in signed},
            data=heard.body,
        )
        request.context["timestamp"] = date
        auth = SigV4Auth(Credentials(self.key, self.secret), self.service, self.region)
        return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)

    def must(self, holds, why):
        if not holds:
            raise Refused(why)


class Endpoint:
    """Hears POST requests. Refuses those that are not rightly signed, and answers what `answer` gives of the rest.

    `answer` is given the path and the JSON of the body; it gives status, headers and body.
    """

    def __init__(self, key, secret, region, service, answer):
        self.heard, self.refusals = [], []
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, answer = endpoint.reply(Heard(self.path, dict(self.headers), body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}"
        self.verifier = Verifier(key, secret, region, service, self.host)
        self.answer = answer
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reply(self, heard):
        self.heard.append(heard)
        try:
            self.verifier.verify(heard)
        except Refused as refusal:
            self.refusals.append(str(refusal))
            return 403, {}, b'{"message":"Forbidden"}'
        status, headers, answer = self.answer(heard.path, json.loads(heard.body))
        return status, headers, answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def asked(self):
        """The bodies, in their order."""
        return [json.loads(heard.body) for heard in self.heard]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
