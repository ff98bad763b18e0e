"""A rotation survives the death of the server: at every line of its audit log, and between any two
statements that it gives a database.
"""

import json
import uuid

import pytest
from databases import Between, MariaDb, Postgres
from kills import Killed, enable

# Whatever a rotation of these few calls may have in its log, and more.
MOST_LINES = 120
LABELS = ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"]


@pytest.fixture(scope="module")
def mariadb():
    database = MariaDb()
    yield database
    database.stop()


@pytest.fixture(scope="module")
def postgresql():
    database = Postgres()
    yield database
    database.stop()


@pytest.fixture
def killed(tmp_path, issuer):
    killed = Killed(tmp_path, issuer)
    yield killed
    assert killed.server.stop() == 0


def test_a_rotation_killed_at_any_line_of_its_log_ends_with_a_credential_that_works(killed, mariadb):
    mariadb.create_user("app", "first#1")
    credential = {
        "engine": "mariadb", "host": "127.0.0.1", "port": mariadb.port, "username": "app", "password": "first#1",
        "ssl": False,
    }  # fmt: skip
    secret = killed.client.create_secret(Name="app", SecretString=json.dumps(credential))["ARN"]
    function = enable(killed, "mariadb-single-user")

    passwords = ["first#1"]
    for lines in range(1, MOST_LINES):
        token = str(uuid.uuid4())
        was_killed = killed.rotate_until(secret, token, lines, function)
        if was_killed:
            killed.start()
        killed.wait_for_the_end(token)

        stages = killed.stages(secret)
        login = killed.current(secret)
        passwords.append(login["password"])
        assert [id for id, labels in stages.items() if "AWSCURRENT" in labels] == [token], lines
        assert [id for id, labels in stages.items() if "AWSPENDING" in labels] in ([], [token]), lines
        assert mariadb.takes("app", login["password"]), lines
        if not was_killed:
            break

    assert not was_killed
    assert len(set(passwords)) == len(passwords) == lines + 1
    # Each of the four steps has a call of the function, and calls of it.
    assert lines > 12
    assert not any(mariadb.takes("app", old) for old in passwords[:-1])


class Alternating:
    """Secrets whose two users take turns, and the rotator for them."""

    def __init__(self, killed, database, template, port=None):
        self.killed, self.database, self.port = killed, database, port or database.port
        self.master = self.create("master", *database.master)
        self.function = enable(killed, template, "--master-secret", self.master)

    def create(self, name, user, password, **more):
        value = {
            "engine": self.database.engine, "host": "127.0.0.1", "port": self.port, "username": user,
            "password": password, "ssl": False, **more,
        }  # fmt: skip
        return self.killed.client.create_secret(Name=name, SecretString=json.dumps(value))["ARN"]

    def create_user(self, user):
        """A user with rights. Gives the ARN of its secret."""
        self.database.create_user_with_rights(user, "first#1")
        return self.create(user, user, "first#1", masterarn=self.master)

    def survives(self, secret, rotate):
        """Has `rotate` begin a rotation, in which it may kill the server. Gives whether it did.

        Whoever has the credential from before can log in all the time; in the end there are two users,
        either of which can log in, with the same rights.
        """
        killed, database, token = self.killed, self.database, str(uuid.uuid4())
        old = killed.current(secret)
        (before,) = carriers(killed.stages(secret), "AWSCURRENT")
        original = old["username"].removesuffix("_clone")

        was_killed = rotate(token)
        assert database.takes(old["username"], old["password"])
        if was_killed:
            killed.start()
            killed.wait_for_the_end(token)

        stages = killed.stages(secret)
        new, previous = killed.current(secret), killed.previous(secret)
        assert carriers(stages, "AWSCURRENT") == [token]
        assert carriers(stages, "AWSPREVIOUS") == [before]
        assert carriers(stages, "AWSPENDING") in ([], [token])
        assert {new["username"], old["username"]} == {original, f"{original}_clone"}
        assert previous == old
        assert database.takes(new["username"], new["password"])
        assert database.takes(old["username"], old["password"])
        assert database.rights(f"{original}_clone") == database.rights(original)
        return was_killed


def carriers(stages, label):
    return [id for id, labels in stages.items() if label in labels]


def test_two_users_that_alternate_survive_a_kill_at_any_line_of_the_log(killed, postgresql):
    alternating = Alternating(killed, postgresql, "postgresql-multi-user")
    secret = alternating.create_user("lines")

    # Every other line: the user whose turn it is alternates as well.
    for lines in range(1, MOST_LINES, 2):
        was_killed = alternating.survives(
            secret, lambda token, lines=lines: killed.rotate_until(secret, token, lines, alternating.function)
        )
        if not was_killed:
            break

    assert not was_killed
    # The master's credential is read as well.
    assert lines > 14


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_a_clone_whose_making_was_cut_off_is_whole_in_the_end(killed, engine, request):
    database = request.getfixturevalue(engine)
    between = Between(database)
    alternating = Alternating(killed, database, f"{engine}-multi-user", between.port)

    held = []
    for statements in range(MOST_LINES):
        secret = alternating.create_user(f"cut{statements}")
        between.hold_after(statements)
        was_killed = alternating.survives(
            secret,
            lambda token, secret=secret: killed.rotate_while(
                secret, token, alternating.function, lambda: between.held is None
            ),
        )
        if not was_killed:
            break
        held.append(between.held)
    between.stop()

    assert not was_killed
    assert any(b"CREATE USER" in statement for statement in held)
    assert any(b"GRANT" in statement for statement in held)
