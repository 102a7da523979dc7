"""Which types hold data that a program cannot make again, also such types as have no other record.

A type that is not here holds no data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from berth.plan import Resource


@dataclass(frozen=True)
class Holding:
    """What a type of resource holds."""

    data: str
    """In the plural: ``databases``."""
    unless: str = ""
    """The input that must be true before they go with the resource; empty where they always do."""
    spared: str = ""
    """What becomes of them where that input is false."""


_SNAPSHOT: Final = Holding("databases", "skipFinalSnapshot", "a final snapshot is kept")
_REFUSED: Final = "AWS refuses to delete it while it holds any"

HOLDINGS: Final[Mapping[str, Holding]] = {
    "aws:backup/vault:Vault": Holding("backups", "forceDestroy", _REFUSED),
    "aws:cloudwatch/logGroup:LogGroup": Holding("logs"),
    "aws:cognito/userPool:UserPool": Holding("users"),
    "aws:docdb/cluster:Cluster": _SNAPSHOT,
    "aws:dynamodb/table:Table": Holding("items"),
    "aws:ebs/volume:Volume": Holding("files"),
    "aws:ecr/repository:Repository": Holding("images", "forceDelete", _REFUSED),
    "aws:efs/fileSystem:FileSystem": Holding("files"),
    "aws:elasticache/cluster:Cluster": Holding("entries"),
    "aws:elasticache/replicationGroup:ReplicationGroup": Holding("entries"),
    "aws:elasticache/serverlessCache:ServerlessCache": Holding("entries"),
    "aws:elasticsearch/domain:Domain": Holding("documents"),
    "aws:fsx/lustreFileSystem:LustreFileSystem": Holding("files"),
    "aws:fsx/ontapFileSystem:OntapFileSystem": Holding("files"),
    "aws:fsx/openZfsFileSystem:OpenZfsFileSystem": Holding("files"),
    "aws:fsx/windowsFileSystem:WindowsFileSystem": Holding("files"),
    "aws:kinesis/stream:Stream": Holding("records"),
    # Whatever it encrypted can be read no more once its waiting period of 7 to 30 days is over.
    "aws:kms/externalKey:ExternalKey": Holding("encrypted data"),
    "aws:kms/key:Key": Holding("encrypted data"),
    "aws:memorydb/cluster:Cluster": Holding("entries"),
    "aws:mq/broker:Broker": Holding("messages"),
    "aws:msk/cluster:Cluster": Holding("records"),
    "aws:neptune/cluster:Cluster": _SNAPSHOT,
    "aws:opensearch/domain:Domain": Holding("documents"),
    "aws:rds/cluster:Cluster": _SNAPSHOT,
    "aws:rds/instance:Instance": _SNAPSHOT,
    "aws:redshift/cluster:Cluster": _SNAPSHOT,
    "aws:s3/bucket:Bucket": Holding("objects", "forceDestroy", _REFUSED),
    "aws:s3/bucketV2:BucketV2": Holding("objects", "forceDestroy", _REFUSED),
    "aws:s3/directoryBucket:DirectoryBucket": Holding("objects", "forceDestroy", _REFUSED),
    "aws:secretsmanager/secret:Secret": Holding("values"),
    "aws:sqs/queue:Queue": Holding("messages"),
    "aws:timestreamwrite/table:Table": Holding("records"),
    "kubernetes:core/v1:PersistentVolume": Holding("files"),
    "kubernetes:core/v1:PersistentVolumeClaim": Holding("files"),
}


def lost_with(resource: Resource) -> str:
    """Return what is lost when ``resource``, as it was before the change, is deleted; empty if nothing can be."""
    holding = HOLDINGS.get(resource.type)
    if holding is None or resource.external or resource.retain:
        return ""
    # An unknown may turn out true.
    spared = holding.unless and resource.inputs.get(holding.unless, False) is False
    return f"its {holding.data} ({holding.spared})" if spared else f"its {holding.data}"
