from engines.postgres.passfile import Passfile


def test_a_password_comes_back_whatever_it_is_made_of(tmp_path):
    passwords = Passfile(tmp_path / "folder" / "pgpass")
    for password in ("plain", "with:colon", "back\\slash", "\\:both:\\", ""):
        passwords.set("127.0.0.1", 54320, "loader", password)
        assert passwords.get("127.0.0.1", 54320, "loader") == password


def test_roles_and_servers_are_kept_apart(tmp_path):
    passwords = Passfile(tmp_path / "pgpass")
    passwords.set("127.0.0.1", 54320, "loader", "first")
    passwords.set("127.0.0.1", 54321, "loader", "second")
    passwords.set("127.0.0.1", 54320, "reader", "third")
    passwords.set("127.0.0.1", 54320, "loader", "fourth")
    assert passwords.get("127.0.0.1", 54320, "loader") == "fourth"
    assert passwords.get("127.0.0.1", 54321, "loader") == "second"
    assert passwords.get("127.0.0.1", 54320, "owner") is None
    assert len(passwords.path.read_text().splitlines()) == 3


def test_only_its_owner_can_read_it(tmp_path):
    passwords = Passfile(tmp_path / "pgpass")
    passwords.set("127.0.0.1", 54320, "loader", "secret")
    assert passwords.path.stat().st_mode & 0o777 == 0o600
