"""An alarm tells of the use of a secret that is scheduled for deletion, and a rule of deletions: the page about them is
followed as it stands."""

import http.server
import json
import pathlib
import re
import ssl
import threading
import time
import urllib.request

import pytest
from conftest import Server
from test_readme import run

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/monitoring.md"


class Webhook:
    """Hears notifications, and confirms subscriptions as their texts say."""

    def __init__(self):
        self.heard, self.authority = [], None
        webhook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()
                webhook.take(dict(self.headers), json.loads(body))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alarms"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, headers, message):
        headers = {name.lower(): value for name, value in headers.items()}
        assert headers["x-amz-sns-message-type"] == message["Type"]
        if message["Type"] == "SubscriptionConfirmation":
            context = ssl.create_default_context(cafile=self.authority)
            with urllib.request.urlopen(message["SubscribeURL"], context=context, timeout=10) as answer:
                assert answer.status == 200
        self.heard.append(message)

    def wait_for(self, kind):
        deadline = time.monotonic() + 60
        while not (found := [it for it in self.heard if it["Type"] == kind]):
            assert time.monotonic() < deadline, (kind, self.heard)
            time.sleep(0.05)
        return found

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def parts(language):
    """The code of the page, piece by piece."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


class Pager(Webhook):
    """Hears events with the headers that came with them."""

    def take(self, headers, message):
        self.heard.append(({name.lower(): value for name, value in headers.items()}, message))

    def wait_for_one(self):
        deadline = time.monotonic() + 60
        while not self.heard:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return self.heard[0]


@pytest.fixture(params=[Webhook])
def webhook(request):
    webhook = request.param()
    yield webhook
    webhook.close()


@pytest.fixture
def monitored(issuer, tmp_path, webhook):
    """A server that may tell the webhook, and has a place for trails."""
    trails = tmp_path / "trails"
    trails.mkdir()
    (config,) = parts("toml")
    config = config.replace("https://hooks.example.com/", webhook.url)
    config = config.replace("/var/lib/strongroom-trails", str(trails))
    account = re.search(r"\d{12}", config)[0]
    server = Server(tmp_path / "data", tmp_path, issuer, config, ["--account-id", account])
    webhook.authority = str(server.data_dir / "tls/ca.pem")
    yield server
    server.kill()


def test_the_use_of_a_deleted_secret_reaches_a_webhook(monitored, webhook, tmp_path):
    trail, alarm, attempt, *_ = parts("sh")
    more = {"WEBHOOK": webhook.url}

    prepared = run(monitored, tmp_path, "bash", "-euxo", "pipefail", "-c", trail + alarm, **more)
    assert prepared.returncode == 0, prepared.stderr
    webhook.wait_for("SubscriptionConfirmation")
    tried = run(monitored, tmp_path, "bash", "-euxo", "pipefail", "-c", attempt, **more)
    assert tried.returncode == 0, tried.stderr
    told = webhook.wait_for("Notification")

    assert "refused, and noticed" in tried.stdout
    assert "marked for deletion" in tried.stderr
    assert len(told) == 1
    message = json.loads(told[0]["Message"])
    assert (message["AlarmName"], message["NewStateValue"]) == ("AttemptsToAccessDeletedSecretsAlarm", "ALARM")
    assert message["Trigger"]["MetricName"] == "AttemptsToAccessDeletedSecrets"
    assert told[0]["Subject"].startswith('ALARM: "AttemptsToAccessDeletedSecretsAlarm"')
    assert "hunter2" not in json.dumps(webhook.heard)


@pytest.mark.parametrize("webhook", [Pager], indirect=True)
def test_a_deletion_reaches_an_api_destination(monitored, webhook, tmp_path):
    *_, rule, attempt = parts("sh")
    more = {"WEBHOOK": webhook.url}

    prepared = run(monitored, tmp_path, "bash", "-euxo", "pipefail", "-c", rule, **more)
    assert prepared.returncode == 0, prepared.stderr
    tried = run(monitored, tmp_path, "bash", "-euxo", "pipefail", "-c", attempt, **more)
    assert tried.returncode == 0, tried.stderr
    headers, event = webhook.wait_for_one()

    assert event["detail"]["eventName"] == "DeleteSecret"
    assert headers["x-api-key"] == "rings-the-pager"
    assert headers["x-secret"] == event["detail"]["requestParameters"]["secretId"] == "temporary"
    assert headers["user-agent"] == "Amazon/EventBridge/ApiDestinations"
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["host"] == webhook.url.split("/")[2]
    assert "hunter2" not in json.dumps(webhook.heard)
    kept = b"".join(path.read_bytes() for path in monitored.data_dir.rglob("*") if path.is_file())
    assert b"rings-the-pager" not in kept
