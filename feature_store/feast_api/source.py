"""A table of features of the warehouse as Feast's data source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from feast import RepoConfig, ValueType
from feast.data_source import DataSource
from feast.protos.feast.core.DataSource_pb2 import DataSource as DataSourceProto

CLASS = "feature_store.feast_api.source.WarehouseSource"


class WarehouseSource(DataSource):
    """Names a table; which engine holds it, the settings of whoever retrieves say."""

    @staticmethod
    def from_proto(data_source: DataSourceProto) -> WarehouseSource:
        """As Feast's registry keeps it."""
        return WarehouseSource(
            name=data_source.name,
            timestamp_field=data_source.timestamp_field,
            description=data_source.description,
            owner=data_source.owner,
        )

    def _to_proto_impl(self) -> DataSourceProto:
        return DataSourceProto(
            name=self.name,
            type=DataSourceProto.CUSTOM_SOURCE,
            data_source_class_type=CLASS,
            timestamp_field=self.timestamp_field,
            description=self.description,
            owner=self.owner,
        )

    def source_type(self) -> Any:  # noqa: ANN401 - as Feast has it
        """One of Feast's that is no other."""
        return DataSourceProto.CUSTOM_SOURCE

    def validate(self, config: RepoConfig) -> None:
        """The catalogue is compiled from what dbt has checked."""

    @staticmethod
    def source_datatype_to_feast_value_type() -> Callable[[str], ValueType]:
        """Never asked: views name their types."""
        return lambda _data_type: ValueType.UNKNOWN

    def get_table_column_names_and_types(self, config: RepoConfig) -> Iterable[tuple[str, str]]:  # noqa: ARG002
        """Never asked: views name their columns."""
        return ()

    def get_table_query_string(self) -> str:
        """The table."""
        return self.name
