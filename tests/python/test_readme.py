"""The README does what it says: its tutorials are run as they stand there."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from conftest import BINARY
from databases import MariaDb, Postgres

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
# A Region of its own, so that it meets no other test's secrets.
TUTORIAL_REGION = "eu-west-1"


def blocks(title, language):
    """The code under a title, in one language."""
    text = README.read_text(encoding="utf-8")
    section = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    assert section, f"the README has no section `{title}`"
    code = re.findall(rf"^```{language}\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL)
    assert code, f"the section `{title}` has no {language}"
    return "".join(code)


def run(server, directory, *words, **more):
    """Runs a program with the environment that the README sets up."""
    environment = {
        **server.environment,
        "AWS_CA_BUNDLE": str(server.data_dir / "tls/ca.pem"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": TUTORIAL_REGION,
        "AWS_DEFAULT_REGION": TUTORIAL_REGION,
        "HOME": str(directory),
        "LC_ALL": "C.UTF-8",
        "PATH": f"{pathlib.Path(sys.executable).parent}:{BINARY.parent}:{os.environ['PATH']}",
        **more,
    }
    return subprocess.run(
        words, cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
    )


def test_the_tutorial_runs_as_it_stands(server, tmp_path):
    script = blocks("Creating and retrieving a secret", "sh")

    finished = run(server, tmp_path, "bash", "-euxo", "pipefail", "-c", script)

    assert finished.returncode == 0, finished.stderr
    assert "AnotherP@ssw0rd!" not in finished.stdout
    assert finished.stdout.count("MyVerySecureP@ssw0rd!") == 2


def test_the_policies_and_the_key_run_as_they_stand(server, tmp_path):
    titles = ("A user and a role for one secret", "A key of your own")
    script = "\n".join(blocks(title, "sh") for title in titles)
    # It adds profiles to the two files, which other tests use.
    copies = {name: shutil.copy(path, tmp_path) for name, path in server.environment.items()}

    finished = run(server, tmp_path, "bash", "-euxo", "pipefail", "-c", script, **copies)

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count('"SecretString": "hunter2"') == 2


@pytest.mark.parametrize(("kind", "region"), [(MariaDb, "eu-west-2"), (Postgres, "eu-west-3")])
def test_the_rotations_run_as_they_stand(server, session, tmp_path, kind, region):
    titles = ("Rotating a secret for a database", "Rotating a user's secret with a master secret")
    script = "\n".join(blocks(title, "sh") for title in titles)
    # The server's own commands look for it here.
    (tmp_path / "data").symlink_to(server.data_dir)
    database = kind()
    try:
        database.create_user("mytestuser", "ReplaceThisWithASecurePassword")
        user, password = database.master
        more = {
            "DBENGINE": database.engine, "DBHOST": "127.0.0.1", "DBPORT": str(database.port), "DBUSER": user,
            "DBPASSWORD": password, "TEMPLATE": database.template, "AWS_REGION": region, "AWS_DEFAULT_REGION": region,
        }  # fmt: skip

        finished = run(server, tmp_path, "bash", "-euxo", "pipefail", "-c", script, **more)

        assert finished.returncode == 0, finished.stderr
        manager = session.client("secretsmanager", region_name=region)
        names = ("MyTestDatabaseMasterSecret", "MyTestDatabaseUserSecret")
        master, clone = (json.loads(manager.get_secret_value(SecretId=it)["SecretString"]) for it in names)
        assert json.dumps(master["password"]) in finished.stdout
        assert json.dumps(clone["password"]) in finished.stdout
        assert (master["username"], clone["username"]) == (user, "mytestuser_clone")
        assert database.takes(user, master["password"])
        assert not database.takes(user, password)
        assert database.takes("mytestuser_clone", clone["password"])
        assert database.takes("mytestuser", "ReplaceThisWithASecurePassword")
    finally:
        database.stop()


def test_the_python_runs_as_it_stands(server, tmp_path):
    script = blocks("From Python", "python")

    finished = run(server, tmp_path, sys.executable, "-c", script)

    assert (finished.returncode, finished.stdout) == (0, "hunter2\n"), finished.stderr
