"""Landing: the files as they were fetched, each with a manifest, on any fsspec file system."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from fsspec.spec import AbstractFileSystem

from ingestion.landed_file import Coverage, FileStatus, LandedFile
from ontime.errors import OntimeError
from ontime.files import file_system, is_local, printable, replace_durably, sha256
from ontime.settings import Settings

MANIFEST_SUFFIX = ".manifest.json"
PART_SUFFIX = ".part"
# with a hash before it and the suffix of a manifest after it, as long as file systems allow
LONGEST_NAME_BYTES = 220


@dataclass(frozen=True)
class Pruned:
    """A file that landing need not keep: its address, its bytes, and why."""

    url: str
    bytes: int
    reason: str


class Landing:
    """Keeps fetched files as `<source>/<period or name>/<sha256[:12]>-<name>`, each with a manifest.

    The manifest is written after the bytes: a file without one was not kept whole and is ignored.
    """

    def __init__(self, settings: Settings) -> None:
        self._fs, self._root = file_system(settings.landing_url, settings.fsspec_options())

    def keep(
        self,
        source: str,
        period: str | None,
        name: str,
        content: Path | bytes,
        origin_url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        verify: Callable[[Path], None] | None = None,
        coverage: Coverage | None = None,
    ) -> LandedFile:
        """Keep a fetched file.

        Args:
            source: Name of the source.
            period: The period that the file covers, or None.
            name: The file's own name; folders in it are not allowed.
            content: The bytes, or a local file that holds them (it is left in place).
            origin_url: Where they come from.
            etag: For conditional requests.
            last_modified: For conditional requests.
            verify: Raises OntimeError if the local file must not be loaded; empty files never are.
            coverage: Whether it is all of its month; what was known of the same bytes before goes first.

        Returns:
            The kept file. Bytes that landing holds already are not written again. One that fails its
            verification has the status `refused` and an `error`.

        Raises:
            OntimeError: If the name would leave the landing folder, or landing cannot be written.
        """
        _verify_name(name)
        _verify_name(period or "-")
        with tempfile.TemporaryDirectory(prefix="ontime-") as folder:
            path = content if isinstance(content, Path) else Path(folder) / "content"
            if isinstance(content, bytes):
                path.write_bytes(content)
            file = LandedFile(
                url="",
                name=name,
                source=source,
                period=period,
                origin_url=origin_url,
                sha256=sha256(path),
                bytes=path.stat().st_size,
                rows=None,
                fetched_at=datetime.now(UTC).replace(tzinfo=None),
                etag=etag,
                last_modified=last_modified,
                coverage=coverage,
            )
            file = replace(file, url=self._fs.unstrip_protocol(f"{self._root}/{source}/{file.file}"))
            kept = self._kept(file)
            if kept is not None:
                return kept
            try:
                _verify_not_empty(path, name)
                if verify is not None:
                    verify(path)
            except OntimeError as error:
                file = replace(file, status="refused", error=str(error))
            self._write(file, path)
            if file.status == "refused":
                self._remove_older_refused(file)
        return file

    def files(self, source: str) -> list[LandedFile]:
        """The kept files of a source, oldest first."""
        folder = f"{self._root}/{source}"
        if not self._fs.exists(folder):
            return []
        paths = [path for path in self._fs.find(folder) if path.endswith(MANIFEST_SUFFIX)]
        return sorted((self._read_manifest(path) for path in paths), key=lambda file: (file.fetched_at, file.url))

    def names(self, source: str, since: str = "") -> list[str]:
        """The paths of a source's kept files under its folder, as `LandedFile.file` tells them; none is opened.

        Args:
            source: Name of the source.
            since: Only those of periods from this one on, as texts are compared.
        """
        folder = f"{self._root}/{source}"
        if not self._fs.exists(folder):
            return []
        periods = [path for path in self._fs.ls(folder, detail=False) if path.rpartition("/")[2] >= since]
        found = (path for period in periods for path in self._fs.find(period))
        paths = {path.removeprefix(f"{folder}/") for path in found}
        return sorted(path for path in paths if path + MANIFEST_SUFFIX in paths)

    def file(self, source: str, name: str) -> LandedFile:
        """A kept file by its path under the source's folder."""
        return self._read_manifest(f"{self._root}/{source}/{name}{MANIFEST_SUFFIX}")

    def remove(self, file: LandedFile) -> None:
        """Remove a kept file, which another holds all of."""
        self._remove(file.url)

    @contextmanager
    def local(self, file: LandedFile) -> Iterator[Path]:
        """A local path of a kept file, for as long as the context lasts.

        Raises:
            OntimeError: If the bytes are not those that the manifest tells of.
        """
        path = self._fs._strip_protocol(file.url)
        if not self._fs.exists(path):
            raise OntimeError("missing from landing", where=file.url, remedy="fetch it again with --full-refresh")
        if is_local(self._fs):
            yield _verified(Path(path), file)
            return
        with tempfile.TemporaryDirectory(prefix="ontime-") as folder:
            copy = Path(folder) / file.name
            self._fs.get_file(path, str(copy))
            yield _verified(copy, file)

    def mark(
        self, file: LandedFile, status: FileStatus, rows: int | None = None, error: str | None = None
    ) -> LandedFile:
        """Write down what became of a kept file, and return it as it now is."""
        marked = replace(file, status=status, rows=file.rows if rows is None else rows, error=error)
        self._write_manifest(marked)
        return marked

    def prune(self, older_than: timedelta, *, dry_run: bool = False) -> list[Pruned]:
        """Remove what no load needs: refused files, and what was left by a run that was cut off while it wrote.

        Args:
            older_than: Only what is at least so old.
            dry_run: Only tell.
        """
        before = datetime.now(UTC).replace(tzinfo=None) - older_than
        found: list[Pruned] = []
        for source in self._folders():
            refused = {file.url: file for file in self.files(source) if file.status == "refused"}
            for path, info in sorted(self._fs.find(f"{self._root}/{source}", detail=True).items()):
                if path.endswith(MANIFEST_SUFFIX):
                    continue
                url = self._fs.unstrip_protocol(path)
                if url in refused:
                    if refused[url].fetched_at < before:
                        found.append(Pruned(url, info["size"], refused[url].error or "refused"))
                elif not self._fs.exists(path + MANIFEST_SUFFIX) and _modified_at(self._fs, path) < before:
                    found.append(Pruned(url, info["size"], "not kept whole"))
        for pruned in found if not dry_run else []:
            self._remove(pruned.url)
        return found

    def _folders(self) -> list[str]:
        if not self._fs.exists(self._root):
            return []
        return sorted(
            PurePosixPath(path).name for path in self._fs.ls(self._root, detail=False) if self._fs.isdir(path)
        )

    def _remove_older_refused(self, file: LandedFile) -> None:
        """One copy tells what a server answers; a page with the time of day would be another each run."""
        for other in self.files(file.source):
            is_same = (other.name, other.period, other.status) == (file.name, file.period, file.status)
            if is_same and other.url != file.url:
                self._remove(other.url)

    def _remove(self, url: str) -> None:
        path = self._fs._strip_protocol(url)
        # the manifest goes last: what has none is pruned, too
        for name in (path, path + MANIFEST_SUFFIX):
            if self._fs.exists(name):
                self._fs.rm_file(name)

    def _kept(self, file: LandedFile) -> LandedFile | None:
        """The same bytes as they were kept before, with what the server now says of them."""
        path = self._fs._strip_protocol(file.url)
        if not self._fs.exists(path + MANIFEST_SUFFIX) or not self._fs.exists(path):
            return None
        kept = self._read_manifest(path + MANIFEST_SUFFIX)
        if kept.status == "refused" or kept.sha256 != file.sha256 or self._fs.size(path) != kept.bytes:
            return None
        told = replace(
            kept,
            origin_url=file.origin_url,
            etag=file.etag,
            last_modified=file.last_modified,
            coverage=kept.coverage or file.coverage,
        )
        if told != kept:
            self._write_manifest(told)
        return told

    def _write(self, file: LandedFile, content: Path) -> None:
        path = self._fs._strip_protocol(file.url)
        self._fs.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
        self._replace(path, lambda temporary: self._fs.put_file(str(content), temporary))
        self._write_manifest(file)

    def _write_manifest(self, file: LandedFile) -> None:
        text = json.dumps(asdict(file) | {"fetched_at": file.fetched_at.isoformat()}, indent=2) + "\n"
        path = self._fs._strip_protocol(file.url) + MANIFEST_SUFFIX
        self._replace(path, lambda temporary: self._fs.pipe_file(temporary, text.encode()))

    def _replace(self, path: str, write: Callable[[str], Any]) -> None:
        """Write a whole file or none; object stores already do. Transactions of fsspec leave `put_file` out."""
        if not is_local(self._fs):
            write(path)
            return
        temporary = f"{path}{PART_SUFFIX}"
        write(temporary)
        replace_durably(Path(temporary), Path(path))

    def _read_manifest(self, path: str) -> LandedFile:
        values = json.loads(self._fs.cat_file(path))
        values["fetched_at"] = datetime.fromisoformat(values["fetched_at"])
        values["url"] = self._fs.unstrip_protocol(path.removesuffix(MANIFEST_SUFFIX))
        return LandedFile(**values)


def half_written(settings: Settings) -> list[Path]:
    """What runs that were cut off left in the data folder's own landing; one elsewhere may have other writers."""
    landing = Path(settings.landing_url)
    if not landing.absolute().is_relative_to(settings.data_dir.absolute()):
        return []
    return sorted(landing.rglob(f"*{PART_SUFFIX}"))


def _modified_at(fs: AbstractFileSystem, path: str) -> datetime:
    """When a file was written (UTC)."""
    modified: datetime = fs.modified(path)
    return modified.astimezone(UTC).replace(tzinfo=None)


def _verify_name(name: str) -> None:
    if printable(name) != name:
        raise OntimeError(f"{printable(name)} is no name in UTF-8", remedy="rename the file")
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise OntimeError(f"{name} is too long a name to keep", remedy="rename the file")
    if name in {"", ".", ".."} or "/" in name or "\\" in name or "\0" in name:
        raise OntimeError(f"{name!r} is not a plain file name: it would leave the landing folder")


def _verify_not_empty(path: Path, name: str) -> None:
    if path.stat().st_size == 0:
        raise OntimeError("the file is empty", where=name)


def _verified(path: Path, file: LandedFile) -> Path:
    if path.stat().st_size != file.bytes or sha256(path) != file.sha256:
        raise OntimeError(
            "not the bytes that were fetched", where=file.url, remedy="fetch it again with --full-refresh"
        )
    return path
