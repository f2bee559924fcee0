"""Nothing reaches SQL but through the quotes of `ontime/sql.py`."""

import pytest
from sql_texts import in_source, unquoted_texts


def test_no_text_of_the_project_puts_anything_into_sql_without_the_helper():
    assert [str(put) for put in unquoted_texts()] == []


@pytest.mark.parametrize(
    "source",
    [
        "f\"select * from t where name = '{name}'\"",
        "f'create schema \"{schema}\"'",
        "f'select * from {settings.postgres_database}.t'",
        "f'select * from read_parquet({str(where)})'",
        "f'copy t to {path} (format parquet)'",
        '"select * from t where name = \'" + name + "\'"',
        "'select * from ' + settings.schema + '.t'",
        "\"select * from t where name = '%s'\" % name",
        "'select * from {}'.format(url)",
        "\"delete from t where a = '{name}'\".format(name=name)",
        "f'grant select on t to {user}'",
        "f\"select * from t where a in ({', '.join(str(name) for name in names)})\"",
        "f'select {url if url else 1} from t'",
        "f'call ducklake_snapshots({path})'",
        "f'\"{column}\"'",
    ],
)
def test_what_is_put_in_without_the_helper_is_found(source):
    assert in_source(f"x = {source}", "some.py")


@pytest.mark.parametrize(
    "source",
    [
        "f'select * from t where name = {quote_sql(name)}'",
        "f'create schema {quoted(settings.schema)}'",
        "f\"select * from t where a in ({', '.join(map(quote_sql, names))})\"",
        "f'select {COLUMNS} from t limit {len(names)}'",
        "f'select * from ({select}) where {condition}'",
        "f'could not read {path}'",
        "f\"{path!r} is no file: 'x'\"",
    ],
)
def test_what_the_helper_quotes_is_let_through(source):
    assert not in_source(f"x = {source}", "some.py")
