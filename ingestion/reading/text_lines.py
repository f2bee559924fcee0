"""Text by lines, for formats that know no quotes: a field ends wherever the delimiter stands."""

from pathlib import Path

from ontime.sql import quote_sql

BYTE_ORDER_MARK = b"\xef\xbb\xbf".decode("latin-1")
# No text holds it: each line comes as one field.
NO_DELIMITER = "\x01"


def lines_sql(path: Path) -> str:
    """A select of `line_number` (from 1) and `line` over a text file, without its blank lines.

    The file is read as Latin-1, in which every byte is a character: a damaged one spoils its own line only.
    LF and CRLF both end lines, and a byte order mark is dropped.

    Args:
        path: The local file.
    """
    return f"""
        select line_number, if(line_number = 1, replace(line, {quote_sql(BYTE_ORDER_MARK)}, ''), line) as line
        from (
            select row_number() over () as line_number, line
            from read_csv(
                {quote_sql(str(path))}, columns = {{'line': 'varchar'}}, delim = {quote_sql(NO_DELIMITER)}, quote = '',
                escape = '', comment = '', header = false, auto_detect = false, parallel = false,
                strict_mode = false, encoding = 'latin-1'
            )
        )
        where trim(line) <> ''
    """
