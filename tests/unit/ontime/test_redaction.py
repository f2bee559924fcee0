from ontime.redaction import without_secrets


def test_a_login_is_hidden_whole_and_its_secret_half_by_itself(monkeypatch):
    monkeypatch.setenv("ONTIME_ICEBERG_CREDENTIAL", "reader:geheim-geheim")
    assert without_secrets("reader:geheim-geheim, geheim-geheim, reader") == "***, ***, reader"
