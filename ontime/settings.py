"""Every setting of the project, from `ONTIME_…` environment variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, Secret, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ontime.errors import OntimeError
from ontime.setting_types import (
    Address,
    DuckdbMemory,
    Folder,
    FolderUrl,
    JavaMemory,
    Line,
    Options,
    PostgresName,
    SparkMaster,
    Target,
    Word,
)

PREFIX = "ONTIME_"


class Settings(BaseSettings):
    """Settings of one run; frozen, and strict about names.

    Attributes:
        target: The dbt target, and with it the dlt destination.
        data_dir: Folder of the databases, landing and locks.
        scratch_dir: Folder of all that is made for a time: downloads, rows on their way, rebuilds; default
            `<data_dir>/scratch`.
        file_group: The group that may read the files which are made from now on; unset, their owner alone may.
        landing_url: Folder or fsspec URL in which fetched files are kept; default `<data_dir>/landing`.
        working_url: Folder or fsspec URL of dlt's working files; default `<data_dir>/dlt`.
        storage_options: JSON object: the fsspec options (keys, endpoint) of `landing_url` and `working_url`.
        bts_base_url: Where BTS keeps its monthly zips.
        asos_base_url: The Iowa Environmental Mesonet.
        carrier_history_url: Where to download the BTS lookup of carrier codes with their dates; by default it is not,
            as the seed `carrier_history` knows those that report.
        asos_min_interval_seconds: Least time between two requests to the mesonet.
        http_attempts: How often a request is tried before giving up.
        http_timeout_seconds: Longest silence of a server.
        http_total_seconds: Longest time that the body of one answer may take; the largest month of BTS is about 35 MB.
        http_max_bytes: Most bytes of one answer, also after it is decompressed.
        http_max_wait_seconds: Longest wait between two tries; a longer Retry-After is cut to it.
        max_rejected_row_share: A file with a greater share of unreadable rows is refused.
        max_damaged_value_share: A file with a column of which a greater share of the values is unreadable is refused.
        min_size_share: A file with less than this share of the rows of its last version is refused.
        max_unpacked_bytes: A zip member that unpacks to more is refused.
        lock_timeout_seconds: How long to wait for another ingest, or for a reader of the raw database.
        memory_limit: DuckDB's memory limit while it reads and loads a file.
        threads: DuckDB's threads while it reads and loads a file.
        postgres_host: PostgreSQL's host; unset, the server of `ontime server start` on this machine.
        postgres_port: Its port.
        postgres_database: The database that holds raw and what dbt builds.
        postgres_user: Role to log in as; unset, the one made for the work: ontime_loader or ontime_transformer.
        postgres_password: Its password; unset, libpq looks into PGPASSFILE or the data folder's own.
        spark_dir: Folder of raw and of what Spark builds, seen by all workers; default `<data_dir>/spark`.
        spark_master: Spark's master: local[*] in dbt's own process, or spark://host:port.
        spark_memory: Memory of Spark's driver and of each executor.
        lake_catalog: The PostgreSQL database of the lake's catalog, as postgresql://user@host:5432/database without a
            password; unset, the database ontime_lake of the server above.
        lake_data_url: Folder or s3://bucket/folder of the lake's data files; default `<data_dir>/lake`.
        lake_s3_endpoint: Address of another S3 server than Amazon's, as http://host:port.
        lake_s3_region: Its region.
        lake_s3_access_key: The key to it, not secret by itself.
        lake_s3_secret_key: Its secret half.
        iceberg_uri: Where the Iceberg REST catalog of `ontime publish iceberg` is, as http://host:port.
        iceberg_warehouse: Which of the catalog's warehouses, as the catalog calls it; unset, its only one.
        iceberg_credential: The login to the catalog, as id:secret; unset, none.
        iceberg_oauth2_server_uri: Where the login gets its token; unset, from the catalog itself.
        iceberg_oauth2_scope: What the token is asked to allow.
        iceberg_s3_endpoint: Address of the S3 server of the tables' files; unset, what the catalog says, or Amazon's.
        iceberg_s3_region: Its region.
        iceberg_s3_access_key: The key to it, not secret by itself; unset, what the catalog gives.
        iceberg_s3_secret_key: Its secret half.
        kafka_bootstrap_servers: The brokers, as host:port,host:port; unset, the one of `ontime broker start`.
        kafka_security_protocol: How to speak to them.
        kafka_sasl_mechanism: How to log in, where the protocol is one of SASL.
        kafka_sasl_username: Who logs in.
        kafka_sasl_password: Their password.
        kafka_ssl_ca: File of the certificates that the brokers' are signed with; unset, the system's.
        kafka_ssl_certificate: File of the client's own certificate, where brokers ask for one.
        kafka_ssl_key: File of its key.
        kafka_idempotence: Let the brokers leave out what a producer sends again; never used with the broker of
            `ontime broker start`, which would lose records by it.
        kafka_partitions: Partitions of each topic that `ontime broker topics` makes.
        kafka_replication_factor: Copies of each partition of such topics.
        kafka_options: JSON object: more options of librdkafka, which go before all others.
        stream_metrics_port: Where on 127.0.0.1 `ontime sink` answers Prometheus; 0 for any free port.
        live_metrics_port: Where on 127.0.0.1 `ontime stream` answers Prometheus; 0 for any free port.
        stream_file: DuckDB file of the live features' state; default `<data_dir>/stream.duckdb`.
        stream_hold_back_seconds: How far the live features stay behind the newest event, for those under way.
        stream_memory_limit: DuckDB's memory limit in the live features' process.
        online_url: The server of Redis that holds the newest features, as redis://user:password@host:6379/0; unset, a
            file.
        online_file: That file, of SQLite; default `<data_dir>/online.sqlite`.
        serve_port: Where `ontime serve` answers; 0 for any free port.
        serve_keys: JSON object: the keys that may ask `ontime serve`, each with the tables of features that it may
            have, as {"key": ["origin_departures"]} or ["*"] for all; unset, whoever reaches it may have all.
        serve_max_rows: Most entities or flights of a request.
        serve_max_bytes: Most bytes of a request.
        serve_timeout_seconds: How long a request may take.
        serve_model: The folder of the model of `POST /flights/predict`; default `<data_dir>/models/departure_delay`.
        daily_sources: What `ontime run-daily` ingests, as bts,asos; unset, the sources that are loaded, or those of
            `ontime ingest` where none is.
        alert_webhook_url: Address that takes alerts as {"text": …}, as Slack, Mattermost and others do; it is a secret.
        alert_email_to: Who gets alerts by e-mail, as ops@example.org, deputy@example.org.
        alert_email_from: Whom these come from.
        smtp_host: The server that takes e-mail.
        smtp_port: Its port.
        smtp_security: How to speak to it: starttls, tls from the beginning, or none on a trusted network.
        smtp_user: Who logs in there; unset, nobody.
        smtp_password: Their password.
        debug: Show tracebacks.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    target: Target = "dev"
    data_dir: Folder = Path("data")
    scratch_dir: Folder = Field(default_factory=lambda data: data["data_dir"] / "scratch")
    file_group: Word | None = None
    landing_url: FolderUrl = Field(default_factory=lambda data: str(data["data_dir"] / "landing"))
    working_url: FolderUrl = Field(default_factory=lambda data: str(data["data_dir"] / "dlt"))
    storage_options: Annotated[Options, NoDecode] = Secret("{}")  # type: ignore[arg-type]  # read, as all are

    bts_base_url: Address = "https://transtats.bts.gov/PREZIP/"
    asos_base_url: Address = "https://mesonet.agron.iastate.edu"
    carrier_history_url: Address | None = None
    asos_min_interval_seconds: float = Field(default=1.0, ge=0)
    http_attempts: int = Field(default=8, ge=1)
    http_timeout_seconds: float = Field(default=60, gt=0)
    http_total_seconds: float = Field(default=3600, gt=0)
    http_max_bytes: int = Field(default=500_000_000, ge=1)
    http_max_wait_seconds: float = Field(default=120, ge=0)

    max_rejected_row_share: float = Field(default=0.01, ge=0, le=1)
    max_damaged_value_share: float = Field(default=0.5, ge=0, le=1)
    min_size_share: float = Field(default=0.5, ge=0, le=1)
    max_unpacked_bytes: int = Field(default=2_000_000_000, gt=0)
    lock_timeout_seconds: float = Field(default=60, ge=0)
    memory_limit: DuckdbMemory = "512MB"
    threads: int = Field(default_factory=lambda: min(os.cpu_count() or 1, 4), ge=1)
    postgres_host: Line | None = None
    postgres_port: int = Field(default=54320, ge=1, le=65535)
    postgres_database: PostgresName = "ontime"
    postgres_user: PostgresName | None = None
    postgres_password: SecretStr | None = None
    spark_dir: Folder | None = None
    spark_master: SparkMaster = "local[*]"
    spark_memory: JavaMemory = "2g"
    lake_catalog: Line | None = None
    lake_data_url: FolderUrl | None = None
    lake_s3_endpoint: Address | None = None
    lake_s3_region: Word = "us-east-1"
    lake_s3_access_key: SecretStr | None = None
    lake_s3_secret_key: SecretStr | None = None
    iceberg_uri: Address | None = None
    iceberg_warehouse: Line | None = None
    iceberg_credential: SecretStr | None = None
    iceberg_oauth2_server_uri: Address | None = None
    iceberg_oauth2_scope: Line = "catalog"
    iceberg_s3_endpoint: Address | None = None
    iceberg_s3_region: Word = "us-east-1"
    iceberg_s3_access_key: SecretStr | None = None
    iceberg_s3_secret_key: SecretStr | None = None

    kafka_bootstrap_servers: Line | None = None
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Word | None = None
    kafka_sasl_username: Line | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_ca: Folder | None = None
    kafka_ssl_certificate: Folder | None = None
    kafka_ssl_key: Folder | None = None
    kafka_idempotence: bool = True
    kafka_partitions: int = Field(default=3, ge=1)
    kafka_replication_factor: int = Field(default=1, ge=1)
    kafka_options: Annotated[Options, NoDecode] = Secret("{}")  # type: ignore[arg-type]  # read, as all are
    stream_metrics_port: int = Field(default=0, ge=0, le=65535)
    stream_file: Path = Field(default_factory=lambda data: data["data_dir"] / "stream.duckdb")
    live_metrics_port: int = Field(default=0, ge=0, le=65535)
    stream_hold_back_seconds: float = Field(default=2, ge=0)
    stream_memory_limit: DuckdbMemory = "256MB"

    online_url: SecretStr | None = None
    online_file: Path = Field(default_factory=lambda data: data["data_dir"] / "online.sqlite")
    serve_port: int = Field(default=8000, ge=0, le=65535)
    serve_keys: Annotated[Options, NoDecode] = Secret("{}")  # type: ignore[arg-type]  # read, as all are
    serve_max_rows: int = Field(default=1000, ge=1)
    serve_max_bytes: int = Field(default=1_000_000, ge=1)
    serve_timeout_seconds: float = Field(default=5, gt=0)
    serve_model: Path = Field(default_factory=lambda data: data["data_dir"] / "models" / "departure_delay")

    daily_sources: Line | None = None
    alert_webhook_url: SecretStr | None = None
    alert_email_to: Line | None = None
    alert_email_from: Line = "ontime@localhost"
    smtp_host: Line | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: Line | None = None
    smtp_password: SecretStr | None = None

    debug: bool = False

    @classmethod
    def load(cls, **overrides: Any) -> Self:  # noqa: ANN401 - as the model takes them
        """Read the environment, with `overrides` before it.

        Raises:
            OntimeError: If a variable is unknown or its value is not allowed.
        """
        if strays := cls.strays():
            raise OntimeError(
                f"unknown setting {', '.join(strays)}", remedy=f"the settings are {', '.join(cls.variables())}"
            )
        return cls.load_known(**overrides)

    @classmethod
    def load_known(cls, **overrides: Any) -> Self:  # noqa: ANN401
        """Read the environment as `load` does, and pass over unknown variables.

        Raises:
            OntimeError: If a value is not allowed.
        """
        try:
            return cls(**overrides)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            raise OntimeError(
                first["msg"].removeprefix("Value error, "), where=f"setting {PREFIX}{name.upper()}"
            ) from None

    @classmethod
    def variables(cls) -> list[str]:
        """The names of all settings, as the environment has them."""
        return sorted(PREFIX + name.upper() for name in cls.model_fields)

    @classmethod
    def strays(cls) -> list[str]:
        """Variables of the environment that look like settings and are none."""
        return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in cls.variables())

    @property
    def raw_database(self) -> Path:
        """The DuckDB file of the raw schemas."""
        return self.data_dir / "raw.duckdb"

    @property
    def warehouse_database(self) -> Path:
        """The DuckDB file that dbt builds."""
        return self.data_dir / "ontime.duckdb"

    @property
    def published_database(self) -> Path:
        """The copy for readers, replaced as a whole."""
        return self.data_dir / "published" / "ontime.duckdb"

    @property
    def published_manifest(self) -> Path:
        """What the newest publication of Iceberg tables holds, replaced as a whole."""
        return self.data_dir / "published" / "iceberg.json"

    def fsspec_options(self) -> dict[str, Any]:
        """The fsspec options of `landing_url` and `working_url`."""
        return self.storage_options.get_secret_value()

    def librdkafka_options(self) -> dict[str, Any]:
        """The options of `kafka_options`."""
        return self.kafka_options.get_secret_value()
